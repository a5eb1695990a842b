/* processes: a program started until its end has been waited for, and the kill of a sleeping one.
 *
 * tiny has no C library, hello is an ordinary static one. vfork shares the memory of this process
 * until the other has its own, and is the cheapest start that Linux has. */
#include "measure.h"
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

static void start(void *argument)
{
    char *program = argument, *arguments[] = { program, NULL }, *environment[] = { NULL };
    int status = -1;
    pid_t process = vfork();
    if (!process) {
        execve(program, arguments, environment);
        _exit(127);
    }
    require(process > 0 && waitpid(process, &status, 0) == process && status == 0, program);
}

static void end(void *argument)
{
    pid_t process = *(pid_t *)argument;
    require(!kill(process, SIGKILL) && waitpid(process, NULL, 0) == process, "kill");
}

static void kill_row(size_t count)
{
    struct row row;
    row_open(&row, count);
    while (row.count < count) {
        pid_t process = fork();
        require(process >= 0, "fork");
        if (!process) for (;;) pause();
        /* It sleeps by then. */
        sleep_us(2000);
        uint64_t before = now_ns();
        end(&process);
        row_add(&row, now_ns() - before);
    }
    row_print(&row, "linux", "process kill");
}

int main(void)
{
    size_t count = loops() / 4;
    measure("tiny", "process start", count, start, "/bin/tiny");
    measure("hello", "process start", count, start, "/bin/hello");
    kill_row(count < 100 ? count : 100);
    return 0;
}
