/* calls: what a system call costs on Linux, and a call to another process and back.
 *
 * A call of n bytes carries them to the other process, which answers with one word. By pipe they
 * are written and read (two copies); beside an eventfd the callee takes them out of the caller's
 * memory (process_vm_readv: one copy, the nearest thing to a lease). A notification is an eventfd
 * or a futex word, answered by another. */
#include "measure.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { WORD = 8, LARGEST = 64 << 10 };

/* Two directions; in each the first is read and the second written, as pipe() makes them. */
struct channel {
    int to_callee[2], to_caller[2];
    size_t length;              /* bytes of a call */
    pid_t caller, callee;
};

/* What the callee reads lies here in both processes, which were one when it was allocated. */
static _Alignas(4096) uint8_t bytes[LARGEST];

static void read_all(int file, size_t length)
{
    for (size_t done = 0; done < length; ) {
        ssize_t some = read(file, bytes + done, length - done);
        require(some > 0, "read of a pipe");
        done += (size_t)some;
    }
}

static void write_all(int file, size_t length)
{
    require(write(file, bytes, length) == (ssize_t)length, "write to a pipe");
}

static void serve_pipe(struct channel *channel)
{
    for (;;) {
        read_all(channel->to_callee[0], channel->length);
        write_all(channel->to_caller[1], WORD);
    }
}

static void call_pipe(void *argument)
{
    struct channel *channel = argument;
    write_all(channel->to_callee[1], channel->length);
    read_all(channel->to_caller[0], WORD);
}

static void signal_event(int event)
{
    uint64_t one = 1;
    require(write(event, &one, WORD) == WORD, "write to an eventfd");
}

static void await_event(int event)
{
    uint64_t count;
    require(read(event, &count, WORD) == WORD, "read of an eventfd");
}

static void serve_eventfd(struct channel *channel)
{
    struct iovec span = { bytes, channel->length };
    for (;;) {
        await_event(channel->to_callee[0]);
        if (channel->length)
            require(process_vm_readv(channel->caller, &span, 1, &span, 1, 0)
                    == (ssize_t)channel->length, "read of the caller's memory");
        signal_event(channel->to_caller[0]);
    }
}

static void call_eventfd(void *argument)
{
    struct channel *channel = argument;
    signal_event(channel->to_callee[0]);
    await_event(channel->to_caller[0]);
}

static void start_callee(struct channel *channel, void (*serve)(struct channel *))
{
    channel->caller = getpid();
    channel->callee = fork();
    require(channel->callee >= 0, "fork");
    if (!channel->callee) serve(channel);
}

static void end_callee(struct channel *channel)
{
    kill(channel->callee, SIGKILL);
    require(waitpid(channel->callee, NULL, 0) == channel->callee, "wait for the callee");
}

static void pipe_row(const char *name, size_t length)
{
    struct channel channel = { .length = length };
    require(!pipe(channel.to_callee) && !pipe(channel.to_caller), "pipe");
    start_callee(&channel, serve_pipe);
    measure("pipe", name, loops(), call_pipe, &channel);
    end_callee(&channel);
    for (int end = 0; end < 2; end++) close(channel.to_callee[end]), close(channel.to_caller[end]);
}

static void eventfd_row(const char *name, size_t length)
{
    struct channel channel = { .length = length };
    channel.to_callee[0] = eventfd(0, 0);
    channel.to_caller[0] = eventfd(0, 0);
    require(channel.to_callee[0] >= 0 && channel.to_caller[0] >= 0, "eventfd");
    start_callee(&channel, serve_eventfd);
    measure("eventfd", name, loops(), call_eventfd, &channel);
    end_callee(&channel);
    close(channel.to_callee[0]);
    close(channel.to_caller[0]);
}

/* Whose turn it is: 0 the caller's, 1 the callee's. In memory that both have. */
static _Atomic uint32_t *turn;

static void pass_turn(uint32_t to)
{
    *turn = to;
    syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await_turn(uint32_t mine)
{
    while (*turn != mine) syscall(SYS_futex, turn, FUTEX_WAIT, 1 - mine, NULL, NULL, 0);
}

static void serve_futex(struct channel *channel)
{
    (void)channel;
    for (;;) {
        await_turn(1);
        pass_turn(0);
    }
}

static void call_futex(void *argument)
{
    (void)argument;
    pass_turn(1);
    await_turn(0);
}

static void futex_row(void)
{
    struct channel channel = { 0 };
    turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(turn != MAP_FAILED, "shared memory");
    start_callee(&channel, serve_futex);
    measure("futex", "notification", loops(), call_futex, NULL);
    end_callee(&channel);
}

static void call_getpid(void *argument)
{
    (void)argument;
    syscall(SYS_getpid);
}

int main(void)
{
    measure("linux", "system call", loops(), call_getpid, NULL);
    pipe_row("null call", WORD);
    eventfd_row("null call", 0);
    pipe_row("call 64 B", 64);
    pipe_row("call 4 KiB", 4096);
    pipe_row("call 64 KiB", LARGEST);
    eventfd_row("call 64 B", 64);
    eventfd_row("call 4 KiB", 4096);
    eventfd_row("call 64 KiB", LARGEST);
    eventfd_row("notification", 0);
    futex_row();
    return 0;
}
