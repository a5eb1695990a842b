/* umounts: umount of a file system of which so many handles are open.
 *
 * Of FUSE by force and detached: the connection is cut, so that the next use of a handle is an
 * error, which is checked. Of tmpfs detached, which is all that Linux offers: the name is gone,
 * and the handles go on working. A plain umount would be EBUSY in both. */
#include "measure.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MOUNT "/mnt"
#define PATH MOUNT "/file"
enum { MOST = 10000, ROUNDS = 20, ROUNDS_OF_MOST = 4 };
enum kind { TMPFS, FUSE };

static int handles[MOST];

static pid_t start_fuse(void)
{
    int ready[2];
    char descriptor[16], byte;
    require(!pipe(ready), "pipe");
    snprintf(descriptor, sizeof descriptor, "%d", ready[1]);
    char *arguments[] = { "fuse", MOUNT, "direct", descriptor, NULL }, *environment[] = { NULL };
    pid_t process = vfork();
    if (!process) {
        execve("/bin/fuse", arguments, environment);
        _exit(127);
    }
    require(process > 0 && read(ready[0], &byte, 1) == 1, "start of fuse");
    close(ready[0]);
    close(ready[1]);
    return process;
}

static uint64_t umount_once(enum kind kind, int count)
{
    char byte;
    pid_t server = 0;
    if (kind == FUSE) server = start_fuse();
    else require(!mount("none", MOUNT, "tmpfs", 0, ""), "mount");
    int file = open(PATH, O_CREAT | O_RDWR, 0600);
    require(file >= 0 && write(file, "x", 1) == 1 && !close(file), "file");
    for (int i = 0; i < count; i++) {
        handles[i] = open(PATH, O_RDONLY);
        require(handles[i] >= 0, "open");
    }
    uint64_t before = now_ns();
    int code = umount2(MOUNT, kind == FUSE ? MNT_FORCE | MNT_DETACH : MNT_DETACH);
    uint64_t took_ns = now_ns() - before;
    require(!code, "umount");
    ssize_t length = pread(handles[count - 1], &byte, 1, 0);
    require(kind == FUSE ? length < 0 && errno == ENOTCONN : length == 1, "use after umount");
    for (int i = 0; i < count; i++) close(handles[i]);
    if (server) require(waitpid(server, NULL, 0) == server, "end of fuse");
    return took_ns;
}

static void umount_row(enum kind kind, int count)
{
    size_t rounds = count == MOST ? ROUNDS_OF_MOST : ROUNDS;
    char name[64];
    struct row row;
    snprintf(name, sizeof name, "umount %d handles", count);
    row_open(&row, rounds);
    umount_once(kind, count);
    while (row.count < rounds) row_add(&row, umount_once(kind, count));
    row_print(&row, kind == FUSE ? "fuse" : "tmpfs", name);
}

int main(void)
{
    struct rlimit limit = { MOST + 100, MOST + 100 };
    require(!setrlimit(RLIMIT_NOFILE, &limit), "limit of handles");
    for (int count = 1; count <= MOST; count *= 100) {
        umount_row(TMPFS, count);
        umount_row(FUSE, count);
    }
    return 0;
}
