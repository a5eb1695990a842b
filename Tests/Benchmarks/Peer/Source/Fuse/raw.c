/* raw DEVICE MEMFD GENERATION [GATE]: a server of the FUSE protocol that can be replaced under a
 * live mount.
 *
 * A supervisor holds the open /dev/fuse and a memfd with the store and the buffer of requests, and
 * each server inherits both. A request that a dead server has taken and not answered still lies in
 * the buffer: its successor answers it first, or its caller would sleep for ever (this kernel
 * cannot send it again). The server says who it is in the first word of the file "file500". With
 * GATE it is a spare: it waits there for a byte before it begins. */
#include "measure.h"
#include "store.h"
#include "raw.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/fuse.h>
#include <sys/mman.h>
#include <sys/uio.h>

enum { BUFFER_BYTES = (1 << 20) + 65536 };

struct mailbox {
    uint64_t answered;                  /* the last request that was */
    _Alignas(4096) uint8_t request[BUFFER_BYTES];
};

static struct mailbox *mailbox;
static int device;

/* ENOENT: the caller was killed meanwhile, or a predecessor did answer. ENODEV: unmounted. */
static void reply(uint64_t request, int error, const void *body, size_t length)
{
    struct fuse_out_header head = { .error = -error, .unique = request };
    struct iovec parts[2] = { { &head, sizeof head }, { (void *)(uintptr_t)body, length } };
    int count = error || !length ? 1 : 2;
    head.len = (uint32_t)(sizeof head + (count == 2 ? length : 0));
    if (writev(device, parts, count) < 0 && errno != ENOENT && errno != ENODEV) _exit(3);
}

static void fill_attributes(uint32_t node, struct fuse_attr *attributes)
{
    struct stat status;
    store_attributes(node, &status);
    *attributes = (struct fuse_attr){
        .ino = node, .mode = status.st_mode, .nlink = (uint32_t)status.st_nlink,
        .size = (uint64_t)status.st_size, .blocks = (uint64_t)status.st_blocks, .blksize = 4096,
    };
}

static void fill_entry(uint32_t node, struct fuse_entry_out *entry)
{
    *entry = (struct fuse_entry_out){
        .nodeid = node, .generation = store->nodes[node].generation,
    };
    fill_attributes(node, &entry->attr);
    store->nodes[node].lookups++;
}

static void initialise(uint64_t request, const struct fuse_init_in *wanted)
{
    struct fuse_init_out out = {
        .major = 7, .minor = 31, .max_readahead = wanted->max_readahead, .max_write = 1 << 20,
        .flags = FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_ASYNC_READ, .max_background = 12,
        .congestion_threshold = 9, .time_gran = 1, .max_pages = 256,
    };
    reply(request, 0, &out, sizeof out);
}

static void look_up(uint64_t request, uint32_t parent, const char *name)
{
    struct fuse_entry_out out;
    uint32_t node = store_lookup(parent, name);
    if (node) fill_entry(node, &out);
    reply(request, node ? 0 : ENOENT, &out, sizeof out);
}

static void create(uint64_t request, uint32_t parent, const struct fuse_create_in *wanted)
{
    struct { struct fuse_entry_out entry; struct fuse_open_out open; } out = { 0 };
    uint32_t node;
    int error = store_create(
        parent, (const char *)(wanted + 1), S_IFREG | (wanted->mode & 07777u), &node);
    if (!error) fill_entry(node, &out.entry);
    out.open.open_flags = FOPEN_DIRECT_IO;
    reply(request, error, &out, sizeof out);
}

static void read_file(uint64_t request, uint32_t node, const struct fuse_read_in *wanted)
{
    uint64_t size = store->nodes[node].size, length = wanted->size;
    if (wanted->offset >= size) length = 0;
    else if (length > size - wanted->offset) length = size - wanted->offset;
    reply(request, 0, store_data(node) + wanted->offset, length);
}

static void write_file(uint64_t request, uint32_t node, const struct fuse_write_in *wanted)
{
    struct fuse_write_out out = { .size = wanted->size };
    int error = store_write(node, wanted + 1, wanted->size, wanted->offset);
    reply(request, error, &out, sizeof out);
}

static void serve(void)
{
    const struct fuse_in_header *head = (const void *)mailbox->request;
    const void *body = head + 1;
    struct fuse_attr_out attributes = { 0 };
    struct fuse_open_out opened = { .open_flags = FOPEN_DIRECT_IO };
    uint32_t node = (uint32_t)head->nodeid;
    uint64_t request = head->unique;
    switch (head->opcode) {
    case FUSE_INIT: initialise(request, body); break;
    case FUSE_LOOKUP: look_up(request, node, body); break;
    case FUSE_FORGET: store_forget(node, ((const struct fuse_forget_in *)body)->nlookup); break;
    case FUSE_BATCH_FORGET: break;      /* nodes of this mount stay until it ends */
    case FUSE_GETATTR:
        fill_attributes(node, &attributes.attr);
        reply(request, 0, &attributes, sizeof attributes);
        break;
    case FUSE_OPEN: reply(request, 0, &opened, sizeof opened); break;
    case FUSE_CREATE: create(request, node, body); break;
    case FUSE_READ: read_file(request, node, body); break;
    case FUSE_WRITE: write_file(request, node, body); break;
    case FUSE_RELEASE: case FUSE_DESTROY: reply(request, 0, NULL, 0); break;
    case FUSE_INTERRUPT: break;         /* no answer is long in coming */
    default: reply(request, ENOSYS, NULL, 0);
    }
}

static void map_mailbox(int memfd)
{
    off_t offset = (off_t)STORE_BYTES;
    require(!ftruncate(memfd, offset + (off_t)sizeof *mailbox), "size of the mailbox");
    mailbox = mmap(NULL, sizeof *mailbox, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, offset);
    require(mailbox != MAP_FAILED, "memory of the mailbox");
}

static void say_who_serves(uint64_t generation)
{
    uint32_t node = store_lookup(ROOT, WATCHED_FILE);
    if (node) memcpy(store_data(node), &generation, sizeof generation);
}

static void answered(void)
{
    atomic_thread_fence(memory_order_release);
    mailbox->answered = ((const struct fuse_in_header *)mailbox->request)->unique;
}

int main(int count, char **arguments)
{
    char byte;
    if (count < 4) return 2;
    device = atoi(arguments[1]);
    int memfd = atoi(arguments[2]);
    store_open(memfd);
    map_mailbox(memfd);
    if (count > 4 && read(atoi(arguments[4]), &byte, 1) != 1) return 0;
    say_who_serves(strtoull(arguments[3], NULL, 10));
    const struct fuse_in_header *head = (const void *)mailbox->request;
    if (head->unique && head->unique != mailbox->answered) {
        serve();
        answered();
    }
    for (;;) {
        if (read(device, mailbox->request, sizeof mailbox->request) < 0) {
            if (errno == EINTR || errno == EAGAIN || errno == ENOENT) continue;
            return errno == ENODEV ? 0 : 1;
        }
        serve();
        answered();
    }
}
