#include "io/sink/rows_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* "" has no folder part: it stands for the current one. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return strdup(".");
    return strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

tsr_status tsr_rows_place_make(const char *path, tsr_rows_place *out) {
    *out = (tsr_rows_place){.path = strdup(path), .folder = folder_of(path), .file = -1};
    if (asprintf(&out->part, "%s.part", path) < 0) out->part = NULL;
    if (asprintf(&out->fresh, "%s.part.new", path) < 0) out->fresh = NULL;
    if (asprintf(&out->packed, "%s.part.packed", path) < 0) out->packed = NULL;
    const bool is_made =
        out->packed != NULL && out->path != NULL && out->folder != NULL && out->part != NULL && out->fresh != NULL;
    TSR_REQUIRE(is_made, TSR_ERUNTIME, "no memory for the name of '%s'", path);
    return TSR_OK;
}

void tsr_rows_place_clear(tsr_rows_place *place) {
    if (place->file >= 0 && place->part != NULL) close(place->file);
    free(place->path);
    free(place->part);
    free(place->fresh);
    free(place->packed);
    free(place->folder);
    *place = (tsr_rows_place){.file = -1};
}

static int sync_file(int file) {
    int failed;
    do failed = fsync(file);
    while (failed != 0 && errno == EINTR);
    return failed != 0 ? errno : 0;
}

static bool is_unsupported(int reason) { return reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL; }

/* A new name is durable once its folder is; file systems that cannot say so answer EINVAL. */
static tsr_status sync_folder(const tsr_rows_place *place) {
    const int folder = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int reason = folder < 0 ? errno : sync_file(folder);
    if (folder >= 0) close(folder);
    TSR_REQUIRE(reason == 0 || is_unsupported(reason), TSR_EIO, "%s: its folder %s is not safe on disk: %s",
                place->path, place->folder, strerror(reason));
    return TSR_OK;
}

static tsr_status fail(const char *path, const char *what, int reason) {
    return TSR_FAIL(TSR_EIO, "%s: %s: %s", path, what, strerror(reason));
}

/* Whoever writes beyond a limit on the size of files is killed, so it is asked for. */
static bool is_too_long(int64_t bytes) {
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (rlim_t)bytes > limit.rlim_cur;
}

static tsr_status fail_room(const tsr_rows_place *place, int64_t bytes, int reason) {
    return TSR_FAIL(TSR_EIO, "%s: no room for %.1f MB in folder %s: %s", place->part, (double)bytes / 1e6,
                    place->folder, strerror(reason));
}

tsr_status tsr_rows_place_check(const tsr_rows_place *place, int64_t bytes) {
    return is_too_long(bytes) ? fail_room(place, bytes, EFBIG) : TSR_OK;
}

tsr_status tsr_rows_place_sync_fresh(const tsr_rows_place *place) {
    const int file = open(place->fresh, O_RDWR | O_CLOEXEC);
    const int reason = file < 0 ? errno : sync_file(file);
    if (file >= 0) close(file);
    return reason == 0 ? TSR_OK : fail(place->fresh, "cannot be brought to the disk", reason);
}

tsr_status tsr_rows_place_begin(const tsr_rows_place *place) {
    TSR_TRY(tsr_rows_place_sync_fresh(place));
    if (rename(place->fresh, place->part) != 0) return fail(place->part, "cannot get its name", errno);
    return sync_folder(place);
}

tsr_status tsr_rows_place_open(tsr_rows_place *place) {
    place->file = open(place->part, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    TSR_REQUIRE(place->file >= 0, TSR_EIO, "%s: cannot be written: %s; is it on a file system that all hosts share?",
                place->part, strerror(errno));
    return TSR_OK;
}

static int allocate(int file, int64_t bytes) {
    int failed;
    do failed = bytes > 0 && fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes) != 0;
    while (failed != 0 && errno == EINTR);
    return failed != 0 && !is_unsupported(errno) ? errno : 0;
}

tsr_status tsr_rows_place_reserve(const tsr_rows_place *place) {
    struct stat about;
    if (fstat(place->file, &about) != 0) return fail(place->part, "cannot be written", errno);
    const int reason = allocate(place->file, about.st_size);
    return reason == 0 ? TSR_OK : fail_room(place, about.st_size, reason);
}

tsr_status tsr_rows_place_write(const tsr_rows_place *place, const void *data, size_t bytes, int64_t at) {
    const char *from = data;
    while (bytes > 0) {
        const ssize_t written = pwrite(place->file, from, bytes, at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(place->part, "rows cannot be written", written < 0 ? errno : EIO);
        from += written;
        at += written;
        bytes -= (size_t)written;
    }
    return TSR_OK;
}

tsr_status tsr_rows_place_sync(const tsr_rows_place *place) {
    const int reason = sync_file(place->file);
    return reason == 0 ? TSR_OK : fail(place->part, "rows cannot be brought to the disk", reason);
}

tsr_status tsr_rows_place_close(tsr_rows_place *place) {
    const tsr_status status = tsr_rows_place_sync(place);
    const int failed = close(place->file) != 0 ? errno : 0;
    place->file = -1;
    TSR_TRY(status);
    return failed == 0 ? TSR_OK : fail(place->part, "cannot be closed", failed);
}

/* A rename that never replaces; some network file systems cannot say it in one step. */
static int rename_new(const char *from, const char *to) {
    struct stat found;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (!is_unsupported(errno)) return -1;
    if (lstat(to, &found) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

tsr_status tsr_rows_place_publish(const tsr_rows_place *place, const char *from, bool replaces) {
    const int failed = replaces ? rename(from, place->path) : rename_new(from, place->path);
    TSR_REQUIRE(failed == 0, TSR_EIO, "%s: cannot be renamed to %s: %s", from, place->path, strerror(errno));
    return sync_folder(place);
}

void tsr_rows_place_tidy(const tsr_rows_place *place, bool keeps_part) {
    unlink(place->packed);
    unlink(place->fresh);
    if (!keeps_part) unlink(place->part);
}
