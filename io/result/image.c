#include "io/result/image.h"

#include "io/result/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

void tsr_image_clear(tsr_image *image) {
    free(image->bytes);
    *image = (tsr_image){0};
}

static tsr_status read_fully(int file, tsr_image *out) {
    for (int64_t at = 0; at < out->count;) {
        const ssize_t got = pread(file, out->bytes + at, (size_t)(out->count - at), at);
        if (got < 0 && errno == EINTR) continue;
        TSR_REQUIRE(got >= 0, TSR_EIO, "cannot be read: %s", strerror(errno));
        TSR_REQUIRE(got > 0, TSR_EIO, "it became shorter while it was read");
        at += got;
    }
    struct stat after;
    TSR_REQUIRE(!fstat(file, &after) && after.st_size == out->count, TSR_EIO, "it changed while it was read");
    return TSR_OK;
}

static tsr_status read_file(int file, tsr_image *out) {
    struct stat found;
    TSR_REQUIRE(!fstat(file, &found), TSR_EIO, "cannot be read: %s", strerror(errno));
    TSR_REQUIRE(S_ISREG(found.st_mode), TSR_EDATA, "it is not an ordinary file");
    out->count = found.st_size;
    out->bytes = malloc((size_t)out->count + 1);
    TSR_REQUIRE(out->bytes, TSR_ERUNTIME, "no memory for its %.1f MB", (double)out->count / 1e6);
    return read_fully(file, out);
}

/* Without waiting: to open a pipe or a device can take for ever. */
static int open_file(const char *path) { return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }

tsr_status tsr_image_read(const char *path, tsr_image *out) {
    tsr_image image = {0};
    const int file = open_file(path);
    const char *reason = errno == ELOOP ? "it is a symbolic link; name the file that it points to" : strerror(errno);
    TSR_REQUIRE(file >= 0, TSR_EDATA, "cannot read %s: %s", path, reason);
    const tsr_status status = tsr_h5_about(path, read_file(file, &image));
    close(file);
    if (status == TSR_OK)
        *out = image;
    else
        tsr_image_clear(&image);
    return status;
}

bool tsr_image_is_one(const char *path) {
    unsigned char begin[sizeof(signature)];
    const int file = open_file(path);
    const bool is_one = file >= 0 && pread(file, begin, sizeof(begin), 0) == (ssize_t)sizeof(begin) &&
                        memcmp(begin, signature, sizeof(begin)) == 0;
    if (file >= 0) close(file);
    return is_one;
}
