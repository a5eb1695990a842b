/* The clock and the rows: see measure.h. */
#include "measure.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

enum { CLOCK_READINGS = 200, FEWEST = 20 };
#define NS_PER_MS 1000000ull

uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

void sleep_us(long microseconds)
{
    struct timespec time = { microseconds / 1000000, microseconds % 1000000 * 1000 };
    while (nanosleep(&time, &time) && errno == EINTR) { }
}

void require(int is_so, const char *what)
{
    if (is_so) return;
    printf("peer: failed: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(1);
}

size_t setting(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

size_t loops(void)
{
    return setting("loops", 400);
}

/* Every page is there before the first value is stored: a page fault would be measured else. */
void row_open(struct row *row, size_t room)
{
    row->count = 0;
    row->room = room;
    row->values = mmap(NULL, room * sizeof *row->values, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    require(row->values != MAP_FAILED, "memory for a row");
}

static int compare(const void *first, const void *second)
{
    uint64_t a = *(const uint64_t *)first, b = *(const uint64_t *)second;
    return a < b ? -1 : a > b;
}

static uint64_t at_percent(const struct row *row, size_t percent)
{
    size_t rank = (row->count * percent + 99) / 100;
    return row->values[rank > 0 ? rank - 1 : 0];
}

static uint64_t clock_cost_ns(void)
{
    static uint64_t cost_ns;
    struct row row;
    if (cost_ns) return cost_ns;
    row_open(&row, CLOCK_READINGS);
    while (row.count < row.room) {
        uint64_t before = now_ns();
        row.values[row.count++] = now_ns() - before;
    }
    qsort(row.values, row.count, sizeof *row.values, compare);
    cost_ns = at_percent(&row, 50);
    munmap(row.values, row.room * sizeof *row.values);
    return cost_ns;
}

void row_add(struct row *row, uint64_t took_ns)
{
    uint64_t clock_ns = clock_cost_ns();
    require(row->count < row->room, "room in a row");
    row->values[row->count++] = took_ns > clock_ns ? took_ns - clock_ns : 0;
}

void row_print(struct row *row, const char *target, const char *name)
{
    qsort(row->values, row->count, sizeof *row->values, compare);
    printf("%s %s: count %zu median %llu p90 %llu p99 %llu max %llu\n", target, name, row->count,
           (unsigned long long)at_percent(row, 50), (unsigned long long)at_percent(row, 90),
           (unsigned long long)at_percent(row, 99), (unsigned long long)at_percent(row, 100));
    fflush(stdout);
    munmap(row->values, row->room * sizeof *row->values);
}

void measure(const char *target, const char *name, size_t count, operation work, void *argument)
{
    size_t cap_ms = setting("cap_ms", 0);
    uint64_t limit_ns = cap_ms ? cap_ms * NS_PER_MS : UINT64_MAX, start = now_ns();
    struct row row;
    clock_cost_ns();
    for (size_t i = 0; i < count / 10 + 1 && now_ns() - start < limit_ns / 5; i++) work(argument);
    row_open(&row, count);
    start = now_ns();
    while (row.count < count && (row.count < FEWEST || now_ns() - start < limit_ns)) {
        uint64_t before = now_ns();
        work(argument);
        row_add(&row, now_ns() - before);
    }
    row_print(&row, target, name);
}
