/* The files of both FUSE servers, in memory.
 *
 * All is found by index and never by pointer, so that a store can lie in a memfd and outlive the
 * process that serves it. File n owns the window n of a sparse area of data. Functions answer 0
 * or an errno. */
#ifndef STORE_H
#define STORE_H
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { NODES = 2048, ENTRIES = 2048, BUCKETS = 2048, NAME_LENGTH = 47, ROOT = 1 };
#define FILE_BYTES (2ull << 20)

struct node {
    uint32_t mode, links, first;        /* first: head of a directory's entries */
    uint32_t next_free, is_used;
    uint64_t lookups, size, generation, modified_ns;
};

struct entry {
    uint32_t parent, node, bucket_next, next, previous, next_free;
    uint8_t length;
    char name[NAME_LENGTH];
};

struct store {
    uint64_t mark;
    uint32_t free_node, free_entry;
    uint32_t buckets[BUCKETS];
    struct node nodes[NODES];
    struct entry entries[ENTRIES];
};

#define DATA_OFFSET ((sizeof(struct store) + 4095) & ~4095ull)
#define STORE_BYTES (DATA_OFFSET + NODES * FILE_BYTES)

extern struct store *store;

/* Maps a memfd, or memory of this process where memfd is negative. What an earlier process has
 * left there stays as it is. */
void store_open(int memfd);

uint8_t *store_data(uint32_t node);
/* 0: there is none. */
uint32_t store_lookup(uint32_t parent, const char *name);
int store_create(uint32_t parent, const char *name, uint32_t mode, uint32_t *node);
int store_remove(uint32_t parent, const char *name);
/* The kernel has let go of so many of its references. */
void store_forget(uint32_t node, uint64_t lookups);
int store_truncate(uint32_t node, uint64_t size);
int store_write(uint32_t node, const void *bytes, size_t length, uint64_t offset);
void store_attributes(uint32_t node, struct stat *status);

#endif
