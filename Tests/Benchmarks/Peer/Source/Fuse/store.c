/* The files of both FUSE servers: see store.h. */
#include "store.h"
#include "measure.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#define MARK 0x50454552ull

struct store *store;

uint8_t *store_data(uint32_t node)
{
    return (uint8_t *)store + DATA_OFFSET + node * FILE_BYTES;
}

static uint32_t bucket_of(uint32_t parent, const char *name, size_t length)
{
    uint32_t hash = 2166136261u ^ (parent * 2654435761u);
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return (hash ^ (hash >> 15)) % BUCKETS;
}

static uint32_t find(uint32_t parent, const char *name, size_t length)
{
    uint32_t at = store->buckets[bucket_of(parent, name, length)];
    for (; at; at = store->entries[at].bucket_next) {
        struct entry *entry = &store->entries[at];
        if (entry->parent == parent && entry->length == length
            && !memcmp(entry->name, name, length)) return at;
    }
    return 0;
}

uint32_t store_lookup(uint32_t parent, const char *name)
{
    uint32_t at = find(parent, name, strlen(name));
    return at ? store->entries[at].node : 0;
}

static void free_unused(uint32_t number)
{
    struct node *node = &store->nodes[number];
    if (number == ROOT || !node->is_used || node->links || node->lookups) return;
    if (node->size) memset(store_data(number), 0, node->size);
    node->is_used = 0;
    node->size = 0;
    node->generation++;
    node->next_free = store->free_node;
    store->free_node = number;
}

static void link_entry(uint32_t at, uint32_t parent, uint32_t node, const char *name, size_t length)
{
    struct entry *entry = &store->entries[at];
    uint32_t *bucket = &store->buckets[bucket_of(parent, name, length)];
    entry->parent = parent;
    entry->node = node;
    entry->length = (uint8_t)length;
    memcpy(entry->name, name, length);
    entry->bucket_next = *bucket;
    *bucket = at;
    entry->previous = 0;
    entry->next = store->nodes[parent].first;
    if (entry->next) store->entries[entry->next].previous = at;
    store->nodes[parent].first = at;
}

int store_create(uint32_t parent, const char *name, uint32_t mode, uint32_t *created)
{
    size_t length = strlen(name);
    uint32_t number = store->free_node, at = store->free_entry;
    if (length > NAME_LENGTH) return ENAMETOOLONG;
    if (find(parent, name, length)) return EEXIST;
    if (!number || !at) return ENOSPC;
    struct node *node = &store->nodes[number];
    store->free_node = node->next_free;
    store->free_entry = store->entries[at].next_free;
    node->is_used = 1;
    node->mode = mode;
    node->links = S_ISDIR(mode) ? 2 : 1;
    node->size = node->lookups = 0;
    node->first = 0;
    node->modified_ns = now_ns();
    link_entry(at, parent, number, name, length);
    *created = number;
    return 0;
}

int store_remove(uint32_t parent, const char *name)
{
    uint32_t at = find(parent, name, strlen(name));
    if (!at) return ENOENT;
    struct entry *entry = &store->entries[at];
    if (S_ISDIR(store->nodes[entry->node].mode)) return EISDIR;
    uint32_t *link = &store->buckets[bucket_of(parent, entry->name, entry->length)];
    while (*link != at) link = &store->entries[*link].bucket_next;
    *link = entry->bucket_next;
    if (entry->previous) store->entries[entry->previous].next = entry->next;
    else store->nodes[parent].first = entry->next;
    if (entry->next) store->entries[entry->next].previous = entry->previous;
    entry->next_free = store->free_entry;
    store->free_entry = at;
    store->nodes[entry->node].links = 0;
    free_unused(entry->node);
    return 0;
}

void store_forget(uint32_t number, uint64_t lookups)
{
    if (number >= NODES || !store->nodes[number].is_used) return;
    uint64_t have = store->nodes[number].lookups;
    store->nodes[number].lookups -= lookups < have ? lookups : have;
    free_unused(number);
}

int store_truncate(uint32_t number, uint64_t size)
{
    struct node *node = &store->nodes[number];
    if (size > FILE_BYTES) return EFBIG;
    if (size < node->size) memset(store_data(number) + size, 0, node->size - size);
    node->size = size;
    return 0;
}

int store_write(uint32_t number, const void *bytes, size_t length, uint64_t offset)
{
    struct node *node = &store->nodes[number];
    if (offset + length > FILE_BYTES) return EFBIG;
    memcpy(store_data(number) + offset, bytes, length);
    if (offset + length > node->size) node->size = offset + length;
    node->modified_ns = now_ns();
    return 0;
}

void store_attributes(uint32_t number, struct stat *status)
{
    struct node *node = &store->nodes[number];
    memset(status, 0, sizeof *status);
    status->st_ino = number;
    status->st_mode = node->mode;
    status->st_nlink = node->links;
    status->st_size = (off_t)node->size;
    status->st_blksize = 4096;
    status->st_blocks = (blkcnt_t)((node->size + 511) / 512);
    status->st_mtim.tv_sec = (time_t)(node->modified_ns / 1000000000ull);
    status->st_mtim.tv_nsec = (long)(node->modified_ns % 1000000000ull);
}

void store_open(int memfd)
{
    struct stat status;
    /* It only grows: something else may lie behind it. */
    if (memfd >= 0) {
        require(!fstat(memfd, &status), "size of the store");
        if ((uint64_t)status.st_size < STORE_BYTES)
            require(!ftruncate(memfd, (off_t)STORE_BYTES), "size of the store");
    }
    int flags = (memfd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_NORESERVE;
    store = mmap(NULL, STORE_BYTES, PROT_READ | PROT_WRITE, flags, memfd, 0);
    require(store != MAP_FAILED, "memory of the store");
    if (store->mark == MARK) return;
    for (uint32_t i = NODES - 1; i > ROOT; i--) {
        store->nodes[i].next_free = store->free_node;
        store->free_node = i;
    }
    for (uint32_t i = ENTRIES - 1; i > 0; i--) {
        store->entries[i].next_free = store->free_entry;
        store->free_entry = i;
    }
    store->nodes[ROOT] = (struct node){ .mode = S_IFDIR | 0755, .links = 2, .is_used = 1 };
    store->mark = MARK;
}
