/* What the programs of the peer share: the clock, the rows that they print, the end on an error.
 *
 * Each figure leaves the guest as one line, as Tests/Guest/Bench/Distribution.cs prints it:
 *     TARGET NAME: count N median M p90 X p99 Y max Z
 * in nanoseconds of the guest's clock, which counts instructions under -icount. As there, what
 * reading the clock costs is taken off each value. A wrong answer ends the program, and with it
 * the guest; no figure is printed for it. */
#ifndef MEASURE_H
#define MEASURE_H
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

typedef void (*operation)(void *argument);

struct row {
    uint64_t *values;
    size_t count, room;
};

uint64_t now_ns(void);
void sleep_us(long microseconds);

/* Ends the program with what and errno, when it is not so. */
void require(int is_so, const char *what);

/* A number from the environment, which init has from the kernel's command line. */
size_t setting(const char *name, size_t otherwise);

/* How often an operation is done: "loops" of the command line. */
size_t loops(void);

void row_open(struct row *row, size_t room);
void row_add(struct row *row, uint64_t took_ns);
/* Sorts, prints, and gives the memory back. */
void row_print(struct row *row, const char *target, const char *name);

/* Prints a row for the operation, each timed by itself, after a tenth of the count to warm up.
 * "cap_ms" of the command line, where it is not 0, ends a long row early. */
void measure(const char *target, const char *name, size_t count, operation work, void *argument);

#endif
