/* fuse DIRECTORY MODE [READY]: a file system in memory, on the low-level interface of libfuse 3.
 *
 * The mode direct lets the kernel keep nothing, so that each operation asks this process, as each
 * does here; cached lets it keep names, attributes, pages and directories, and writes go through;
 * writeback is cached with the kernel's write-back cache, in which a write is acknowledged before
 * this process has seen it. A byte is written to the descriptor READY once it is mounted. */
#define FUSE_USE_VERSION 314
#include "measure.h"
#include "store.h"
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum mode { DIRECT, CACHED, WRITEBACK };
static enum mode mode = DIRECT;
static double timeout_s;
#define FOR_EVER_S 100000

static void initialise(void *unused, struct fuse_conn_info *connection)
{
    (void)unused;
    connection->want &= ~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE
                                    | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_AUTO_INVAL_DATA);
    if (mode == WRITEBACK) connection->want |= connection->capable & FUSE_CAP_WRITEBACK_CACHE;
}

static void fill_entry(uint32_t node, struct fuse_entry_param *entry)
{
    memset(entry, 0, sizeof *entry);
    entry->ino = node;
    entry->generation = store->nodes[node].generation;
    entry->attr_timeout = entry->entry_timeout = timeout_s;
    store_attributes(node, &entry->attr);
    store->nodes[node].lookups++;
}

/* A name that is not there is answered with node 0 where the kernel may keep that. */
static void lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct fuse_entry_param entry = { .entry_timeout = timeout_s };
    uint32_t node = store_lookup((uint32_t)parent, name);
    if (!node && mode == DIRECT) { fuse_reply_err(request, ENOENT); return; }
    if (node) fill_entry(node, &entry);
    fuse_reply_entry(request, &entry);
}

static void forget(fuse_req_t request, fuse_ino_t node, uint64_t lookups)
{
    store_forget((uint32_t)node, lookups);
    fuse_reply_none(request);
}

static void forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *all)
{
    for (size_t i = 0; i < count; i++) store_forget((uint32_t)all[i].ino, all[i].nlookup);
    fuse_reply_none(request);
}

static void getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    struct stat status;
    (void)file;
    store_attributes((uint32_t)node, &status);
    fuse_reply_attr(request, &status, timeout_s);
}

static void setattr(fuse_req_t request, fuse_ino_t node, struct stat *wanted, int which,
                    struct fuse_file_info *file)
{
    int error = 0;
    if (which & FUSE_SET_ATTR_SIZE)
        error = store_truncate((uint32_t)node, (uint64_t)wanted->st_size);
    if (error) fuse_reply_err(request, error);
    else getattr(request, node, file);
}

static void set_flags(struct fuse_file_info *file)
{
    if (mode == DIRECT) file->direct_io = 1;
    else file->keep_cache = 1;
}

static void open_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)node;
    set_flags(file);
    fuse_reply_open(request, file);
}

static void release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)node, (void)file;
    fuse_reply_err(request, 0);
}

static void read_file(fuse_req_t request, fuse_ino_t node, size_t length, off_t offset,
                      struct fuse_file_info *file)
{
    uint64_t size = store->nodes[node].size, from = (uint64_t)offset;
    (void)file;
    if (from >= size) { fuse_reply_buf(request, NULL, 0); return; }
    if (length > size - from) length = size - from;
    fuse_reply_buf(request, (const char *)store_data((uint32_t)node) + from, length);
}

static void write_file(fuse_req_t request, fuse_ino_t node, const char *bytes, size_t length,
                       off_t offset, struct fuse_file_info *file)
{
    (void)file;
    int error = store_write((uint32_t)node, bytes, length, (uint64_t)offset);
    if (error) fuse_reply_err(request, error);
    else fuse_reply_write(request, length);
}

static void create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t permissions,
                   struct fuse_file_info *file)
{
    struct fuse_entry_param entry;
    uint32_t node;
    int error = store_create((uint32_t)parent, name, S_IFREG | (permissions & 07777u), &node);
    if (error) { fuse_reply_err(request, error); return; }
    fill_entry(node, &entry);
    set_flags(file);
    fuse_reply_create(request, &entry, file);
}

static void make_directory(fuse_req_t request, fuse_ino_t parent, const char *name,
                           mode_t permissions)
{
    struct fuse_entry_param entry;
    uint32_t node;
    int error = store_create((uint32_t)parent, name, S_IFDIR | (permissions & 07777u), &node);
    if (error) { fuse_reply_err(request, error); return; }
    fill_entry(node, &entry);
    fuse_reply_entry(request, &entry);
}

static void remove_file(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    fuse_reply_err(request, store_remove((uint32_t)parent, name));
}

static void open_directory(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)node;
    if (mode != DIRECT) file->cache_readdir = file->keep_cache = 1;
    fuse_reply_open(request, file);
}

/* The offset that goes with an entry is the number of the next one, plus one. */
static void read_directory(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
                           struct fuse_file_info *file)
{
    static char page[65536];
    size_t used = 0;
    uint32_t at = offset ? (uint32_t)offset - 1 : store->nodes[node].first;
    (void)file;
    if (size > sizeof page) size = sizeof page;
    for (; at; at = store->entries[at].next) {
        struct entry *entry = &store->entries[at];
        struct stat status = { .st_ino = entry->node, .st_mode = store->nodes[entry->node].mode };
        char name[NAME_LENGTH + 1] = { 0 };
        memcpy(name, entry->name, entry->length);
        size_t needed = fuse_add_direntry(request, page + used, size - used, name, &status,
                                          (off_t)entry->next + 1);
        if (needed > size - used) break;
        used += needed;
    }
    fuse_reply_buf(request, page, used);
}

/* No flush: the kernel asks once, and is told that nobody wants it. */
static const struct fuse_lowlevel_ops operations = {
    .init = initialise, .lookup = lookup, .forget = forget, .forget_multi = forget_multi,
    .getattr = getattr, .setattr = setattr, .open = open_file, .release = release,
    .read = read_file, .write = write_file, .create = create, .mkdir = make_directory,
    .unlink = remove_file, .opendir = open_directory, .releasedir = release,
    .readdir = read_directory,
};

int main(int count, char **arguments)
{
    if (count < 3) return 2;
    mode = !strcmp(arguments[2], "writeback") ? WRITEBACK
        : !strcmp(arguments[2], "cached") ? CACHED : DIRECT;
    timeout_s = mode == DIRECT ? 0 : FOR_EVER_S;
    store_open(-1);
    char *options[] = { "fuse", "-o", "fsname=peer", NULL };
    struct fuse_args list = FUSE_ARGS_INIT(3, options);
    struct fuse_session *session = fuse_session_new(&list, &operations, sizeof operations, NULL);
    if (!session || fuse_session_mount(session, arguments[1])) return 1;
    if (count > 3 && write(atoi(arguments[3]), "r", 1) != 1) return 1;
    int code = fuse_session_loop(session);
    fuse_session_unmount(session);
    fuse_session_destroy(session);
    return code != 0;
}
