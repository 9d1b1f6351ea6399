/* Preloaded: a process kills itself at the k-th call by which files become safe, so that every gap between two of them
 * is met.
 *   TSR_KILL="CALL K"    pwrite (half of it is written), fsync, rename, unlink (of checkpoints): before the k-th (from
 *                        1); "after CALL K": once it is done
 *   TSR_KILL_SIGNAL=n    with another signal, and then the call goes on (default: 9); 0: it naps for a second */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char chosen[16];
static int at;
static bool is_after;
static int number = SIGKILL;
static atomic_int calls;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("TSR_KILL"), *other = getenv("TSR_KILL_SIGNAL");
    if (text == NULL) return;
    is_after = strncmp(text, "after ", 6) == 0;
    if (sscanf(text + (is_after ? 6 : 0), "%15s %d", chosen, &at) != 2) _exit(64);
    if (other != NULL) number = atoi(other);
}

static void strike(void) {
    if (number == 0)
        sleep(1);
    else
        kill(getpid(), number);
}

/* Whether this call is the one; if it is to be met before it is done, now. */
static bool meets(const char *call) {
    const bool is_it = strcmp(call, chosen) == 0 && atomic_fetch_add(&calls, 1) + 1 == at;
    if (is_it && !is_after) strike();
    return is_it && is_after;
}

static long leave(bool is_met, long answer) {
    if (is_met) strike();
    return answer;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    const size_t half = count / 2 + 1;
    const bool is_halved = !is_after && strcmp("pwrite", chosen) == 0 && atomic_load(&calls) + 1 == at;
    if (is_halved) syscall(SYS_pwrite64, file, bytes, half, offset);
    const bool is_met = meets("pwrite");
    return leave(is_met, syscall(SYS_pwrite64, file, bytes, count, offset));
}

int fsync(int file) {
    const bool is_met = meets("fsync");
    return (int)leave(is_met, syscall(SYS_fsync, file));
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    const bool is_met = meets("rename");
    return (int)leave(is_met, syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlink(const char *path) {
    const bool is_checkpoint = strstr(path, ".checkpoint-") != NULL && strstr(path, ".part") == NULL;
    const bool is_met = is_checkpoint && meets("unlink");
    return (int)leave(is_met, syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
