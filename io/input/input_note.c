#include "io/input/input_note.h"

#include <nettle/sha2.h>
#include <stdio.h>

static void hash(const void *data, size_t bytes, char hex[TSR_SHA256_CHARS]) {
    struct sha256_ctx context;
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, bytes, data);
    sha256_digest(&context, sizeof(sum), sum);
    for (size_t i = 0; i < sizeof(sum); i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)sum[i]);
}

tsr_input tsr_input_note(char *path, const struct stat *about, const void *data, size_t bytes) {
    tsr_input input = {.path = path,
                       .bytes = (int64_t)bytes,
                       .modified_ns = about->st_mtim.tv_sec * INT64_C(1000000000) + about->st_mtim.tv_nsec};
    hash(data, bytes, input.sha256);
    return input;
}

bool tsr_input_is_unchanged(int file, const struct stat *about) {
    struct stat now;
    return fstat(file, &now) == 0 && now.st_size == about->st_size && now.st_mtim.tv_sec == about->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == about->st_mtim.tv_nsec;
}
