/* Preloaded: the disk fails.
 * TSR_FAIL=CALL:K:HOW  the K-th CALL (reserve, write, sync, read, rename) that concerns a draft or its folder fails.
 * HOW is the number of an error, or 0: it seems to succeed, with one bit changed (read). TSR_PART=BYTES       no write
 * and no read takes more than so many bytes; 0: all. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fallocate(int file, int mode, off_t offset, off_t length);
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

static int is_draft(const char *path) {
    const size_t length = strlen(path);
    return length >= 5 && strcmp(path + length - 5, ".part") == 0;
}

static int is_concerned(int file) {
    char link[64], path[1024] = "";
    struct stat found;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof(path) - 1) < 0) return 0;
    return is_draft(path) || (!fstat(file, &found) && S_ISDIR(found.st_mode));
}

/* The error that this call is to meet, 0 for a changed bit, -1 if it is not its turn. */
static int error_of(const char *call) {
    static int calls;
    const char *wish = getenv("TSR_FAIL");
    const size_t length = strlen(call);
    int at, how;
    if (!wish || strncmp(wish, call, length) != 0 || sscanf(wish + length, ":%d:%d", &at, &how) != 2) return -1;
    return ++calls == at ? how : -1;
}

static size_t part_of(size_t bytes) {
    const char *wish = getenv("TSR_PART");
    const size_t part = wish ? (size_t)atol(wish) : 0;
    return part > 0 && part < bytes ? part : bytes;
}

#define REAL(name, result, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define FAIL_IF_TOLD(is_ours, call)                                                                                    \
    const int error = is_ours ? error_of(call) : -1;                                                                   \
    if (error > 0) {                                                                                                   \
        errno = error;                                                                                                 \
        return -1;                                                                                                     \
    }

int fallocate(int file, int mode, off_t offset, off_t length) {
    FAIL_IF_TOLD(is_concerned(file), "reserve");
    return REAL("fallocate", int, int, int, off_t, off_t)(file, mode, offset, length);
}

ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset) {
    FAIL_IF_TOLD(is_concerned(file), "write");
    return REAL("pwrite", ssize_t, int, const void *, size_t, off_t)(file, data, part_of(bytes), offset);
}

ssize_t pread(int file, void *data, size_t bytes, off_t offset) {
    FAIL_IF_TOLD(is_concerned(file), "read");
    const ssize_t got = REAL("pread", ssize_t, int, void *, size_t, off_t)(file, data, part_of(bytes), offset);
    if (error == 0 && got > 0) ((char *)data)[got - 1] ^= 1;
    return got;
}

int fsync(int file) {
    FAIL_IF_TOLD(is_concerned(file), "sync");
    return REAL("fsync", int, int)(file);
}

int rename(const char *from, const char *to) {
    FAIL_IF_TOLD(is_draft(from), "rename");
    return REAL("rename", int, const char *, const char *)(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    FAIL_IF_TOLD(is_draft(from), "rename");
    return REAL("renameat2", int, int, const char *, int, const char *, unsigned)(from_folder, from, to_folder, to,
                                                                                  flags);
}
