#include "io/result/draft.h"

#include "engine/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_BYTES = 1 << 18 };

struct tsr_draft {
    char *target;
    char *folder;
    char *path;
    int file;
    bool force;
    bool published;
};

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "" has no folder part: it stands for the current one. */
static char *folder_of(const char *path) {
    const char *base = base_of(path);
    if (base == path) return strdup(".");
    return strndup(path, base - path > 1 ? (size_t)(base - path - 1) : 1);
}

static bool has_control_characters(const char *text) {
    while (*text != '\0' && (unsigned char)*text >= ' ' && *text != '\x7f') text++;
    return *text != '\0';
}

static tsr_status check_target(const char *target, bool force) {
    TSR_REQUIRE(!has_control_characters(target), TSR_EUSAGE,
                "'%s': a name of a file with control characters is refused", target);
    TSR_REQUIRE(*base_of(target), TSR_EUSAGE, "'%s' is not the name of a file", target);
    struct stat found;
    if (lstat(target, &found)) {
        TSR_REQUIRE(errno == ENOENT, TSR_EIO, "cannot write %s: %s", target, strerror(errno));
        return TSR_OK;
    }
    TSR_REQUIRE(!S_ISDIR(found.st_mode), TSR_EUSAGE, "%s is a folder; name a file in it", target);
    TSR_REQUIRE(!S_ISLNK(found.st_mode), TSR_EUSAGE, "%s is a symbolic link; name the file that it points to", target);
    TSR_REQUIRE(S_ISREG(found.st_mode), TSR_EUSAGE, "%s is not an ordinary file", target);
    TSR_REQUIRE(force, TSR_EUSAGE, "%s exists; choose another name, or allow overwriting with --force", target);
    return TSR_OK;
}

/* Hidden, and of a name that neither another run nor anybody who lies in wait can have taken. */
static char *temporary_path(const char *target) {
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random)) return NULL;
    char *path = NULL;
    const char *base = base_of(target);
    if (asprintf(&path, "%.*s.%s.%016" PRIx64 ".part", (int)(base - target), target, base, random) < 0) return NULL;
    return path;
}

tsr_status tsr_draft_create(const char *target, bool force, tsr_draft **out) {
    TSR_TRY(check_target(target, force));
    tsr_status status = TSR_OK;
    tsr_draft *draft = calloc(1, sizeof(*draft));
    TSR_REQUIRE(draft, TSR_ERUNTIME, "no memory for the name of %s", target);
    *draft = (tsr_draft){.target = strdup(target),
                         .folder = folder_of(target),
                         .path = temporary_path(target),
                         .file = -1,
                         .force = force};
    if (!draft->target || !draft->folder || !draft->path) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the name of %s", target);
        goto out;
    }
    draft->file = open(draft->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (draft->file < 0) {
        status = TSR_FAIL(TSR_EIO, "cannot write %s: no file can be made in folder %s: %s", target, draft->folder,
                          strerror(errno));
        goto out;
    }
    tsr_signals_unlink(draft->path);
    *out = draft;
    draft = NULL;
out:
    tsr_draft_destroy(&draft);
    return status;
}

void tsr_draft_destroy(tsr_draft **draft) {
    if (!*draft) return;
    if ((*draft)->file >= 0) {
        if (!(*draft)->published) unlink((*draft)->path);
        tsr_signals_unlink(NULL);
        close((*draft)->file);
    }
    free((*draft)->target);
    free((*draft)->folder);
    free((*draft)->path);
    free(*draft);
    *draft = NULL;
}

/* ".NAME.<16 digits>.part" */
bool tsr_draft_is_one(const char *file, const char *name) {
    enum { DIGITS = 16 };
    const size_t length = strlen(name);
    if (file[0] != '.' || strncmp(file + 1, name, length) != 0 || file[1 + length] != '.') return false;
    const char *digits = file + length + 2;
    return strspn(digits, "0123456789abcdef") == DIGITS && strcmp(digits + DIGITS, ".part") == 0;
}

/* Only making a file tells whether one can be made: permissions, read-only mounts, quotas of files. */
tsr_status tsr_draft_check(const char *target, bool force) {
    tsr_draft *draft = NULL;
    const tsr_status status = tsr_draft_create(target, force, &draft);
    tsr_draft_destroy(&draft);
    return status;
}

/* ---- writing ---- */

static tsr_status fail_writing(const tsr_draft *draft, int reason) {
    return TSR_FAIL(TSR_EIO, "cannot write %s: %s", draft->target, strerror(reason));
}

static bool is_unsupported(int reason) { return reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL; }

/* All of it, whatever the system takes at a time. */
static int write_fully(int file, const char *bytes, int64_t count, int64_t at) {
    for (int64_t done = 0; done < count;) {
        const ssize_t written = pwrite(file, bytes + done, (size_t)(count - done), at + done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? errno : EIO;
        done += written;
    }
    return 0;
}

static int sync_file(int file) {
    int failed;
    do failed = fsync(file);
    while (failed && errno == EINTR);
    return failed ? errno : 0;
}

/* Zeros take blocks wherever nothing better is known. */
static int write_zeros(int file, int64_t bytes) {
    static const char zeros[PART_BYTES];
    int reason = 0;
    for (int64_t at = 0; at < bytes && !reason; at += PART_BYTES)
        reason = write_fully(file, zeros, bytes - at < PART_BYTES ? bytes - at : PART_BYTES, at);
    return reason ? reason : sync_file(file); /* network file systems find out late */
}

static int allocate(int file, int64_t bytes) {
    int failed;
    do failed = bytes > 0 && fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes);
    while (failed && errno == EINTR);
    return failed ? errno : 0;
}

/* Whoever writes beyond a limit on the size of files is killed, so it is asked for. */
static bool is_too_long(int64_t bytes) {
    struct rlimit limit;
    return !getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur != RLIM_INFINITY && (rlim_t)bytes > limit.rlim_cur;
}

static tsr_status reserve(const tsr_draft *draft, int64_t bytes) {
    int reason = is_too_long(bytes) ? EFBIG : allocate(draft->file, bytes);
    if (is_unsupported(reason)) reason = write_zeros(draft->file, bytes);
    TSR_REQUIRE(!reason, TSR_EIO, "cannot write %s: no room for %.1f MB in folder %s: %s", draft->target,
                (double)bytes / 1e6, draft->folder, strerror(reason));
    return TSR_OK;
}

/* From the disk, not from what the system keeps of it in memory, as far as that can be asked for. */
static tsr_status compare(const tsr_draft *draft, const char *bytes, int64_t count) {
    char *found = malloc(PART_BYTES);
    TSR_REQUIRE(found, TSR_ERUNTIME, "no memory to read %s back", draft->target);
    tsr_status status = TSR_OK;
    posix_fadvise(draft->file, 0, 0, POSIX_FADV_DONTNEED);
    for (int64_t at = 0; at < count && status == TSR_OK;) {
        const ssize_t got = pread(draft->file, found, PART_BYTES, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            status = fail_writing(draft, errno);
        else if (got == 0 || got > count - at || memcmp(found, bytes + at, (size_t)got) != 0)
            status = TSR_FAIL(TSR_EIO, "cannot write %s: the disk does not give back what was written", draft->target);
        at += got;
    }
    free(found);
    return status;
}

tsr_status tsr_draft_write(tsr_draft *draft, const void *bytes, int64_t count) {
    TSR_TRY(reserve(draft, count));
    int reason = write_fully(draft->file, bytes, count, 0);
    if (!reason) reason = sync_file(draft->file);
    if (reason) return fail_writing(draft, reason);
    return compare(draft, bytes, count);
}

/* ---- publishing ---- */

/* The file that was written must be the one that is renamed. */
static tsr_status check_name(const tsr_draft *draft) {
    struct stat made, named;
    const bool is_same = !fstat(draft->file, &made) && !lstat(draft->path, &named) && made.st_ino == named.st_ino &&
                         made.st_dev == named.st_dev;
    TSR_REQUIRE(is_same, TSR_EIO, "cannot write %s: its temporary file %s was replaced or removed", draft->target,
                draft->path);
    return TSR_OK;
}

/* A rename that never replaces; some network file systems cannot say it in one step. */
static int rename_new(const char *from, const char *to) {
    if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) return 0;
    if (!is_unsupported(errno)) return -1;
    struct stat found;
    if (!lstat(to, &found)) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

/* A rename is durable once its folder is; file systems that cannot say so answer EINVAL. */
static tsr_status sync_folder(const tsr_draft *draft) {
    const int folder = open(draft->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int reason = folder < 0 ? errno : sync_file(folder);
    if (folder >= 0) close(folder);
    TSR_REQUIRE(!reason || is_unsupported(reason), TSR_EIO, "%s is written, but its folder %s is not safe on disk: %s",
                draft->target, draft->folder, strerror(reason));
    return TSR_OK;
}

tsr_status tsr_draft_publish(tsr_draft *draft) {
    TSR_TRY(check_name(draft));
    const int failed = draft->force ? rename(draft->path, draft->target) : rename_new(draft->path, draft->target);
    if (failed) return fail_writing(draft, errno);
    draft->published = true;
    return sync_folder(draft);
}
