/* recovery: from the kill of a FUSE server with a thousand files to the next right answer on a
 * handle that was open.
 *
 * The arrangement is the best that is known: a supervisor holds /dev/fuse and the memory of the
 * files and starts raw again when it is dead; the mount lives on, and the reader waits. Once by
 * exec, and once with a spare that has been started before. The time contains the kill. */
#include "measure.h"
#include "Fuse/raw.h"
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define MOUNT "/mnt"
enum { FILES = 1000, LENGTH = 4096, WORDS = LENGTH / 8, PAUSE_US = 5000 };
enum spare { WITHOUT_SPARE, WITH_SPARE };

/* What supervisor and reader both see. */
struct shared {
    _Atomic pid_t server;
    _Atomic uint64_t generation;
    _Atomic int is_ready;
};

static struct shared *shared;

struct keeper {
    int device, memfd;
    int gate;                           /* of the spare: where its byte is written */
    enum spare spare;
    uint64_t started;
};

/* A server; behind a gate of its own where it is a spare. */
static pid_t start_server(struct keeper *keeper)
{
    static char device[16], memfd[16], generation[24], gate[16];
    int ends[2];
    require(!pipe(ends), "pipe");
    snprintf(device, sizeof device, "%d", keeper->device);
    snprintf(memfd, sizeof memfd, "%d", keeper->memfd);
    snprintf(gate, sizeof gate, "%d", ends[0]);
    snprintf(generation, sizeof generation, "%llu", (unsigned long long)++keeper->started);
    char *arguments[] = {
        "raw", device, memfd, generation, keeper->spare == WITH_SPARE ? gate : NULL, NULL,
    };
    char *environment[] = { NULL };
    pid_t process = vfork();
    if (!process) {
        execve("/bin/raw", arguments, environment);
        _exit(127);
    }
    require(process > 0, "vfork");
    close(ends[0]);
    keeper->gate = ends[1];
    return process;
}

static void open_gate(struct keeper *keeper)
{
    if (keeper->spare == WITH_SPARE) require(write(keeper->gate, "g", 1) == 1, "gate");
    close(keeper->gate);
}

static void mount_device(struct keeper *keeper)
{
    char options[96];
    keeper->device = open("/dev/fuse", O_RDWR);
    keeper->memfd = memfd_create("store", 0);
    require(keeper->device >= 0 && keeper->memfd >= 0, "/dev/fuse and memory");
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0",
             keeper->device);
    require(!mount("peer", MOUNT, "fuse.peer", 0, options), "mount");
}

static void supervise(enum spare spare)
{
    struct keeper keeper = { .spare = spare };
    mount_device(&keeper);
    pid_t next = start_server(&keeper);
    for (;;) {
        pid_t server = next;
        open_gate(&keeper);
        shared->generation = keeper.started;
        shared->server = server;
        if (spare == WITH_SPARE) next = start_server(&keeper);
        shared->is_ready = 1;
        require(waitpid(server, NULL, 0) == server, "wait for the server");
        if (spare == WITHOUT_SPARE) next = start_server(&keeper);
    }
}

static void make_files(void)
{
    static uint64_t words[WORDS];
    char path[64];
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, MOUNT "/file%d", i);
        int file = open(path, O_CREAT | O_WRONLY, 0600);
        require(file >= 0, path);
        for (int word = 1; word < WORDS; word++) words[word] = (uint64_t)i;
        require(write(file, words, LENGTH) == LENGTH, "write");
        close(file);
    }
}

/* The number of the server that answered. */
static uint64_t check(int file)
{
    static _Alignas(4096) uint64_t words[WORDS];
    require(pread(file, words, LENGTH, 0) == LENGTH, "read after the kill");
    require(words[1] == 500 && words[WORDS - 1] == 500, "bytes after the kill");
    return words[0];
}

static void run(enum spare spare, const char *target, size_t kills)
{
    struct row row;
    memset(shared, 0, sizeof *shared);
    pid_t supervisor = fork();
    require(supervisor >= 0, "fork");
    if (!supervisor) supervise(spare);
    while (!shared->is_ready) sleep_us(PAUSE_US);
    make_files();
    int file = open(MOUNT "/" WATCHED_FILE, O_RDONLY);
    require(file >= 0, "open");
    row_open(&row, kills);
    while (row.count < kills) {
        uint64_t killed = shared->generation;
        check(file);
        shared->is_ready = 0;
        uint64_t before = now_ns();
        require(!kill(shared->server, SIGKILL), "kill");
        uint64_t answered_by = check(file);
        uint64_t took_ns = now_ns() - before;
        require(answered_by == killed + 1, "answer of the next server");
        row_add(&row, took_ns);
        while (!shared->is_ready) sleep_us(PAUSE_US);
        sleep_us(PAUSE_US);             /* until a spare waits at its gate */
    }
    row_print(&row, target, "recovery");
    close(file);
    kill(supervisor, SIGKILL);
    kill(shared->server, SIGKILL);
    require(!umount2(MOUNT, MNT_DETACH | MNT_FORCE), "umount");
    require(waitpid(supervisor, NULL, 0) == supervisor, "wait for the supervisor");
}

int main(void)
{
    size_t kills = setting("kills", 50);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(shared != MAP_FAILED, "shared memory");
    run(WITHOUT_SPARE, "fuse", kills);
    run(WITH_SPARE, "fuse-spare", kills);
    return 0;
}
