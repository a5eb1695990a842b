/* files TARGET DIRECTORY: what operations on the files of one file system cost.
 *
 * The rows are those of Tests/Guest/Bench/FileRows.cs, done in the same order. */
#include "measure.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { SMALL = 4096, LARGE = 1 << 20, STEP = 128 << 10, ENTRIES = 100, PATH = 256 };

static char small_path[PATH], large_path[PATH], hundred[PATH], fresh[PATH];
/* At a page's start, where the kernel has the fewest pages to hold. */
static _Alignas(4096) uint8_t bytes[STEP];

static void stat_one(void *argument)
{
    struct stat status;
    require(!stat(argument, &status), "stat");
}

static void open_and_close(void *argument)
{
    int file = open(argument, O_RDONLY);
    require(file >= 0, "open");
    close(file);
}

static void read_small(void *argument)
{
    require(pread(*(int *)argument, bytes, SMALL, 0) == SMALL, "read");
}

static void write_small(void *argument)
{
    require(pwrite(*(int *)argument, bytes, SMALL, 0) == SMALL, "write");
}

static void create_and_unlink(void *argument)
{
    int file = open(argument, O_CREAT | O_EXCL | O_WRONLY, 0600);
    require(file >= 0, "create");
    close(file);
    require(!unlink(argument), "unlink");
}

/* An entry's length is in its bytes 16 and 17; "." and ".." may be among them. */
static void list(void *argument)
{
    int directory = open(argument, O_RDONLY | O_DIRECTORY), seen = 0;
    require(directory >= 0, "open of a directory");
    for (;;) {
        long length = syscall(SYS_getdents64, directory, bytes, 32768);
        require(length >= 0, "getdents");
        if (!length) break;
        for (long at = 0; at < length; seen++) at += *(uint16_t *)(bytes + at + 16);
    }
    close(directory);
    require(seen == ENTRIES || seen == ENTRIES + 2, "number of entries");
}

static void read_large(void *argument)
{
    for (int at = 0; at < LARGE; at += STEP)
        require(pread(*(int *)argument, bytes, STEP, at) == STEP, "read of 128 KiB");
}

static void write_large(void *argument)
{
    for (int at = 0; at < LARGE; at += STEP)
        require(pwrite(*(int *)argument, bytes, STEP, at) == STEP, "write of 128 KiB");
}

static int make(const char *path, int length)
{
    int file = open(path, O_CREAT | O_RDWR, 0600);
    require(file >= 0, path);
    for (int at = 0; at < length; at += SMALL)
        require(pwrite(file, bytes, SMALL, at) == SMALL, "first write");
    return file;
}

static void prepare(const char *directory)
{
    memset(bytes, 'x', sizeof bytes);
    snprintf(small_path, PATH, "%s/f4k", directory);
    snprintf(large_path, PATH, "%s/f1m", directory);
    snprintf(fresh, PATH, "%s/fresh", directory);
    snprintf(hundred, PATH, "%s/d100", directory);
    require(!mkdir(hundred, 0700), "mkdir");
    for (int i = 0; i < ENTRIES; i++) {
        char path[PATH + 16];
        snprintf(path, sizeof path, "%s/entry%03d", hundred, i);
        close(make(path, 0));
    }
}

int main(int count, char **arguments)
{
    require(count == 3, "two arguments");
    const char *target = arguments[1];
    size_t times = loops(), few = times / 20 < 20 ? 20 : times / 20;
    prepare(arguments[2]);
    int small = make(small_path, SMALL), large = make(large_path, LARGE);
    measure(target, "stat", times, stat_one, small_path);
    measure(target, "open+close", times, open_and_close, small_path);
    measure(target, "read 4 KiB", times, read_small, &small);
    measure(target, "write 4 KiB", times, write_small, &small);
    measure(target, "create+unlink", times, create_and_unlink, fresh);
    measure(target, "list 100", times / 4, list, hundred);
    measure(target, "read 1 MiB", few, read_large, &large);
    measure(target, "write 1 MiB", few, write_large, &large);
    return 0;
}
