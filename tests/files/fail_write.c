/* Preloaded: the disk fails. TSR_FAIL_RESERVE: space cannot be set aside ahead, as on NFS. TSR_FAIL_WRITE=k: writing to
 * a draft fails with EIO from the k-th time on. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int fallocate(int file, int mode, off_t offset, off_t length);
ssize_t pwrite64(int file, const void *data, size_t bytes, off_t offset);

int fallocate(int file, int mode, off_t offset, off_t length) {
    int (*real)(int, int, off_t, off_t) = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate");
    if (!getenv("TSR_FAIL_RESERVE")) return real(file, mode, offset, length);
    errno = EOPNOTSUPP;
    return -1;
}

static int is_failing(int file) {
    static int writes;
    const char *first = getenv("TSR_FAIL_WRITE");
    char link[64], path[1024];
    if (!first) return 0;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length < 5 || memcmp(path + length - 5, ".part", 5) != 0) return 0;
    if (++writes < atoi(first)) return 0;
    errno = EIO;
    return 1;
}

#define FAIL_OR(name, type, ...)                                                                                       \
    if (is_failing(file)) return -1;                                                                                   \
    return ((type)dlsym(RTLD_NEXT, name))(__VA_ARGS__)

ssize_t write(int file, const void *data, size_t bytes) {
    FAIL_OR("write", ssize_t(*)(int, const void *, size_t), file, data, bytes);
}
ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset) {
    FAIL_OR("pwrite", ssize_t(*)(int, const void *, size_t, off_t), file, data, bytes, offset);
}
ssize_t pwrite64(int file, const void *data, size_t bytes, off_t offset) {
    FAIL_OR("pwrite64", ssize_t(*)(int, const void *, size_t, off_t), file, data, bytes, offset);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    FAIL_OR("writev", ssize_t(*)(int, const struct iovec *, int), file, parts, count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    FAIL_OR("pwritev", ssize_t(*)(int, const struct iovec *, int, off_t), file, parts, count, offset);
}
