/* init: the first process of the guest. Mounts what the programs need, runs each, powers off.
 *
 * What the kernel does not know of its command line (loops=, kills=, cap_ms=) is in the
 * environment, and the programs read it there. The line "peer: ready" ends the boot; "peer: done"
 * says that every program has ended well. */
#include "measure.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

/* As long a path as ours has (Tests/Guest/Bench/BenchMount.cs). */
#define FILES "/tmp/bench"

extern char **environ;

static void mount_at(const char *type, const char *directory)
{
    mkdir(directory, 0755);
    require(!mount(type, directory, type, 0, ""), directory);
}

static void open_console(void)
{
    int console = open("/dev/console", O_RDWR);
    for (int standard = 0; standard < 3; standard++)
        if (standard != console) dup2(console, standard);
}

static void load(const char *module)
{
    int file = open(module, O_RDONLY | O_CLOEXEC);
    require(file >= 0 && !syscall(SYS_finit_module, file, "", 0), module);
    close(file);
}

static pid_t start(char **arguments)
{
    char path[64];
    snprintf(path, sizeof path, "/bin/%s", arguments[0]);
    pid_t process = fork();
    require(process >= 0, "fork");
    if (!process) {
        execve(path, arguments, environ);
        _exit(127);
    }
    return process;
}

static void run(char **arguments)
{
    int status = -1;
    pid_t process = start(arguments);
    require(waitpid(process, &status, 0) == process, "wait");
    require(status == 0, arguments[0]);
}

static void measure_tmpfs(void)
{
    require(!mount("tmpfs", FILES, "tmpfs", 0, ""), "mount of tmpfs");
    run((char *[]){ "files", "tmpfs", FILES, NULL });
    require(!umount(FILES), "umount of tmpfs");
}

static void measure_fuse(char *mode, char *target)
{
    char ready[16], byte;
    int ends[2];
    require(!pipe(ends), "pipe");
    snprintf(ready, sizeof ready, "%d", ends[1]);
    pid_t server = start((char *[]){ "fuse", FILES, mode, ready, NULL });
    require(read(ends[0], &byte, 1) == 1, "mount of fuse");
    run((char *[]){ "files", target, FILES, NULL });
    require(!umount(FILES), "umount of fuse");
    require(waitpid(server, NULL, 0) == server, "end of fuse");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    struct utsname name;
    mkdir("/dev", 0755);
    if (mount("devtmpfs", "/dev", "devtmpfs", 0, "")) return 1;
    open_console();
    require(!uname(&name), "uname");
    printf("\npeer: ready: Linux %s\n", name.release);
    fflush(stdout);
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    mkdir("/mnt", 0755);
    mkdir("/tmp", 0755);
    mkdir(FILES, 0755);
    load("/fuse.ko");
    run((char *[]){ "calls", NULL });
    run((char *[]){ "switches", NULL });
    run((char *[]){ "processes", NULL });
    measure_tmpfs();
    measure_fuse("direct", "fuse");
    measure_fuse("cached", "fuse-cached");
    measure_fuse("writeback", "fuse-writeback");
    run((char *[]){ "recovery", NULL });
    run((char *[]){ "umounts", NULL });
    printf("peer: done\n");
    fflush(stdout);
    /* The last bytes are on the line before the power goes. */
    sleep_us(100000);
    reboot(RB_POWER_OFF);
    return 0;
}
