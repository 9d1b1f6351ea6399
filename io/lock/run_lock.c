#include "io/lock/run_lock.h"

#include "io/lock/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How often to look again when somebody was faster, and how often when a holder has not said yet who it is. */
enum { TRIES = 5000, WAITS = 300, NAP_NS = 1000000 };

struct tsr_run_lock {
    const char *target; /* borrowed, while the lock is taken */
    char *path;
    tsr_holder here;
    int file;
    bool breaks;
    bool is_held;
    int waits;
};

/* What the system says about a file that was there before. */
typedef enum {
    GRIP_OURS,    /* flock: nobody else holds it */
    GRIP_THEIRS,  /* flock: somebody holds it */
    GRIP_UNKNOWN, /* no flock here: only the line in it can tell */
    GRIP_FAILED
} grip;

static void nap(void) {
    const struct timespec time = {.tv_nsec = NAP_NS};
    nanosleep(&time, NULL);
}

/* The path still names the file that is open: a holder that lets go removes it. */
static bool is_named(const tsr_run_lock *lock) {
    struct stat open, named;
    return !fstat(lock->file, &open) && !lstat(lock->path, &named) && open.st_ino == named.st_ino &&
           open.st_dev == named.st_dev;
}

/* ---- the file ---- */

static tsr_status fail_system(const tsr_run_lock *lock, int reason) {
    return TSR_FAIL(TSR_EIO, "cannot work on %s: its lock %s cannot be had: %s", lock->target, lock->path,
                    strerror(reason));
}

static tsr_status fail_owner(const tsr_run_lock *lock, const struct stat *found) {
    return TSR_FAIL(TSR_EIO,
                    "%s may be being worked on by another user (%s belongs to uid %lld); ask them, or write to another "
                    "file",
                    lock->target, lock->path, (long long)found->st_uid);
}

static tsr_status fail_kind(const tsr_run_lock *lock) {
    return TSR_FAIL(TSR_EIO, "cannot work on %s: %s is no lock of Tessera; remove it, or write to another file",
                    lock->target, lock->path);
}

static tsr_status fail_alive(const tsr_run_lock *lock, const tsr_holder *holder) {
    char who[TSR_HOLDER_BYTES];
    tsr_holder_tell(holder, who);
    return TSR_FAIL(TSR_EIO, "%s is being worked on by %s; wait for it, stop it, or write to another file",
                    lock->target, who);
}

static bool read_line(const tsr_run_lock *lock, char line[TSR_HOLDER_BYTES]) {
    const ssize_t bytes = pread(lock->file, line, TSR_HOLDER_BYTES - 1, 0);
    if (bytes >= 0) line[bytes] = '\0';
    return bytes >= 0;
}

/* A copy by hard links may have given a lock its second name, or somebody another file that of a lock: to write to it
 * could spoil that one. */
static tsr_status fail_linked(const tsr_run_lock *lock) {
    char line[TSR_HOLDER_BYTES], who[TSR_HOLDER_BYTES];
    tsr_holder holder;
    if (!read_line(lock, line) || !tsr_holder_read(line, &holder)) return fail_kind(lock);
    if (tsr_holder_judge(&holder, &lock->here) == TSR_HOLDER_ALIVE) return fail_alive(lock, &holder);
    tsr_holder_tell(&holder, who);
    return TSR_FAIL(
        TSR_EIO,
        "cannot work on %s: its lock %s, of %s, has a second name (a hard link); if that process has ended, "
        "remove the lock",
        lock->target, lock->path, who);
}

/* Only an ordinary file of this user, by one name, can be a lock: anything else was put there by somebody. */
static tsr_status check_file(const tsr_run_lock *lock) {
    struct stat found;
    if (fstat(lock->file, &found)) return fail_system(lock, errno);
    if (!S_ISREG(found.st_mode)) return fail_kind(lock);
    if (found.st_nlink > 1) return fail_linked(lock);
    return found.st_uid == geteuid() ? TSR_OK : fail_owner(lock, &found);
}

/* file -1 afterwards: it has just gone. */
static tsr_status open_file(tsr_run_lock *lock, bool *is_made) {
    lock->file = open(lock->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    *is_made = lock->file >= 0;
    if (*is_made) return TSR_OK;
    if (errno != EEXIST) return fail_system(lock, errno);
    lock->file = open(lock->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (lock->file >= 0) return check_file(lock);
    const int reason = errno;
    struct stat found;
    if (reason == ENOENT) return TSR_OK;
    if (reason == ELOOP || reason == EISDIR || reason == ENXIO) return fail_kind(lock);
    if (reason == EACCES && !lstat(lock->path, &found) && found.st_uid != geteuid()) return fail_owner(lock, &found);
    return fail_system(lock, reason);
}

static grip grip_file(const tsr_run_lock *lock) {
    if (!flock(lock->file, LOCK_EX | LOCK_NB)) return GRIP_OURS;
    if (errno == EWOULDBLOCK) return GRIP_THEIRS;
    const bool is_unsupported = errno == ENOLCK || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS;
    return is_unsupported ? GRIP_UNKNOWN : GRIP_FAILED;
}

/* 0, or the reason why not. */
static int write_all(int file, const char *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        const ssize_t written = pwrite(file, bytes + done, count - done, (off_t)done);
        if (written < 0 && errno != EINTR) return errno;
        if (written > 0) done += (size_t)written;
    }
    return 0;
}

static tsr_status write_line(tsr_run_lock *lock) {
    char line[TSR_HOLDER_BYTES];
    const size_t bytes = tsr_holder_write(&lock->here, line);
    const int reason = ftruncate(lock->file, 0) ? errno : write_all(lock->file, line, bytes);
    if (reason != 0) {
        unlink(lock->path);
        return fail_system(lock, reason);
    }
    lock->is_held = is_named(lock); /* a holder that was just judged gone may have removed it before it went */
    return TSR_OK;
}

/* ---- who is it ---- */

static tsr_status fail_afar(const tsr_run_lock *lock, const tsr_holder *holder) {
    char who[TSR_HOLDER_BYTES];
    tsr_holder_tell(holder, who);
    return TSR_FAIL(
        TSR_EIO,
        "%s was being worked on by %s, and host %s cannot see whether it still is; if it has ended, take over "
        "with --break-lock",
        lock->target, who, lock->here.host);
}

static tsr_status fail_silent(const tsr_run_lock *lock) {
    return TSR_FAIL(TSR_EIO,
                    "%s may be being worked on: %s does not say by whom; if nobody is, take over with --break-lock",
                    lock->target, lock->path);
}

/* The file becomes ours: its line is replaced; or, where the grip of another host cannot be loosened, the file is. */
static tsr_status take_over(tsr_run_lock *lock, grip hold) {
    if (hold != GRIP_THEIRS) return write_line(lock);
    return unlink(lock->path) && errno != ENOENT ? fail_system(lock, errno) : TSR_OK;
}

/* A file that says nothing, or something else. Who has just made it will write its line at once. */
static tsr_status judge_silent(tsr_run_lock *lock, grip hold, bool is_torn) {
    if (lock->waits-- > 0) return TSR_OK;
    if (lock->breaks || (is_torn && hold == GRIP_OURS)) return take_over(lock, hold);
    return is_torn || hold == GRIP_THEIRS ? fail_silent(lock) : fail_kind(lock);
}

/* flock is held, and the process that the line names is gone: the next one has not written its line yet, or children of
 * the dead one live on. */
static tsr_status judge_gone(tsr_run_lock *lock, grip hold) {
    if (hold != GRIP_THEIRS) return take_over(lock, hold);
    if (lock->waits-- > 0) return TSR_OK;
    return lock->breaks ? take_over(lock, hold) : fail_silent(lock);
}

static tsr_status judge_line(tsr_run_lock *lock, grip hold) {
    char line[TSR_HOLDER_BYTES];
    tsr_holder holder;
    if (!read_line(lock, line)) return fail_system(lock, errno);
    if (!tsr_holder_read(line, &holder)) return judge_silent(lock, hold, tsr_holder_is_torn(line));
    switch (tsr_holder_judge(&holder, &lock->here)) {
    case TSR_HOLDER_ALIVE: return fail_alive(lock, &holder);
    case TSR_HOLDER_GONE: return judge_gone(lock, hold);
    case TSR_HOLDER_REQUEUED: return take_over(lock, hold);
    case TSR_HOLDER_AFAR:
        if (lock->breaks) return take_over(lock, hold);
        return hold == GRIP_THEIRS ? fail_alive(lock, &holder) : fail_afar(lock, &holder);
    }
    return TSR_OK;
}

/* Where flock does not keep others out, one process of this host at a time may judge a file: a name of a socket, which
 * the kernel gives to one, and takes back if that one dies. -1: another has it. */
static int enter_alone(const tsr_run_lock *lock) {
    struct stat found;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (fstat(lock->file, &found)) return -1;
    const int length = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "tessera-lock-%llx-%llx",
                                (unsigned long long)found.st_dev, (unsigned long long)found.st_ino);
    const socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    const int door = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (door >= 0 && !bind(door, (const struct sockaddr *)&name, bytes)) return door;
    if (door >= 0) close(door);
    return -1;
}

static tsr_status judge_file(tsr_run_lock *lock, grip hold) {
    if (hold == GRIP_OURS) return is_named(lock) ? judge_line(lock, hold) : TSR_OK;
    const int door = enter_alone(lock);
    if (door < 0) return TSR_OK;
    const tsr_status status = is_named(lock) ? judge_line(lock, hold) : TSR_OK;
    close(door);
    return status;
}

/* TSR_OK without holding the lock: somebody was faster, look again. */
static tsr_status try_once(tsr_run_lock *lock) {
    bool is_made = false;
    TSR_TRY(open_file(lock, &is_made));
    if (lock->file < 0) return TSR_OK;
    const grip hold = grip_file(lock);
    if (hold == GRIP_FAILED) return fail_system(lock, errno);
    const bool is_first = is_made && hold != GRIP_THEIRS && is_named(lock);
    TSR_TRY(is_first ? write_line(lock) : judge_file(lock, hold));
    if (lock->is_held) return TSR_OK;
    close(lock->file);
    lock->file = -1;
    nap();
    return TSR_OK;
}

static tsr_status take(tsr_run_lock *lock) {
    for (int i = 0; i < TRIES; i++) {
        TSR_TRY(try_once(lock));
        if (lock->is_held) return TSR_OK;
    }
    return fail_silent(lock);
}

tsr_status tsr_run_lock_take(const char *target, const char *command, bool breaks, tsr_run_lock **out) {
    char *path = NULL;
    tsr_run_lock *lock = calloc(1, sizeof(*lock));
    if (!lock || asprintf(&path, "%s.lock", target) < 0) {
        free(lock);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the lock of %s", target);
    }
    *lock = (tsr_run_lock){.target = target, .path = path, .file = -1, .breaks = breaks, .waits = WAITS};
    tsr_holder_this(command, &lock->here);
    const tsr_status status = take(lock);
    lock->target = NULL;
    if (status == TSR_OK)
        *out = lock;
    else
        tsr_run_lock_drop(&lock);
    return status;
}

void tsr_run_lock_drop(tsr_run_lock **lock) {
    if (!*lock) return;
    if ((*lock)->is_held && is_named(*lock)) unlink((*lock)->path);
    if ((*lock)->file >= 0) close((*lock)->file);
    free((*lock)->path);
    free(*lock);
    *lock = NULL;
}
