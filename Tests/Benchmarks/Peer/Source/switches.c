/* switches: from one thread to another of the same process, by sched_yield.
 *
 * The other thread counts how often it was given the processor, so that a switch that the
 * scheduler did not make is not taken for a cheap one. A row is half of a round trip. */
#include "measure.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static _Atomic uint64_t turns;
static _Atomic int is_over;

static void *other(void *argument)
{
    while (!is_over) {
        turns++;
        sched_yield();
    }
    return argument;
}

int main(void)
{
    size_t count = loops(), tries = 0;
    pthread_t thread;
    struct row row;
    row_open(&row, count);
    require(!pthread_create(&thread, NULL, other, NULL), "thread");
    for (size_t i = 0; i < count / 10 + 1; i++) sched_yield();
    while (row.count < count) {
        uint64_t seen = turns, before = now_ns();
        sched_yield();
        uint64_t took_ns = now_ns() - before;
        require(++tries < 100 * count, "switches by sched_yield");
        if (turns == seen + 1) row_add(&row, took_ns / 2);
    }
    is_over = 1;
    require(!pthread_join(thread, NULL), "join");
    row_print(&row, "yield", "thread switch");
    return 0;
}
