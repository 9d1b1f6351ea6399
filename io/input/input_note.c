#include "io/input/input_note.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 65536, PIECES = 64, SIZE_BYTES = 8 };

/* Piece k of what the hash is of: consecutive ones of a small file, those of the sample of a large one. */
static int64_t piece_begin(int64_t bytes, int64_t k) {
    const bool is_sample = bytes > TSR_INPUT_WHOLE_BYTES;
    const int64_t room = bytes - PIECE_BYTES, step = room / (PIECES - 1), rest = room % (PIECES - 1);
    return is_sample ? k * step + k * rest / (PIECES - 1) : k * PIECE_BYTES;
}

static int64_t piece_count(int64_t bytes) {
    return bytes > TSR_INPUT_WHOLE_BYTES ? PIECES : (bytes + PIECE_BYTES - 1) / PIECE_BYTES;
}

static size_t piece_bytes(int64_t bytes, int64_t begin) {
    return bytes - begin < PIECE_BYTES ? (size_t)(bytes - begin) : PIECE_BYTES;
}

static void begin(struct sha256_ctx *context, int64_t bytes) {
    sha256_init(context);
    if (bytes <= TSR_INPUT_WHOLE_BYTES) return;
    uint8_t size[SIZE_BYTES];
    for (int i = 0; i < SIZE_BYTES; i++) size[i] = (uint8_t)(bytes >> 8 * i);
    sha256_update(context, sizeof(size), size);
}

static tsr_input end(struct sha256_ctx *context, char *path, const struct stat *about, int64_t bytes) {
    tsr_input input = {.path = path,
                       .bytes = bytes,
                       .modified_ns = about->st_mtim.tv_sec * INT64_C(1000000000) + about->st_mtim.tv_nsec};
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_digest(context, sizeof(sum), sum);
    for (size_t i = 0; i < sizeof(sum); i++) snprintf(input.sha256 + 2 * i, 3, "%02x", (unsigned)sum[i]);
    return input;
}

tsr_input tsr_input_note(char *path, const struct stat *about, const void *data, size_t bytes) {
    struct sha256_ctx context;
    begin(&context, (int64_t)bytes);
    for (int64_t k = 0; k < piece_count((int64_t)bytes); k++) {
        const int64_t place = piece_begin((int64_t)bytes, k);
        sha256_update(&context, piece_bytes((int64_t)bytes, place), (const uint8_t *)data + place);
    }
    return end(&context, path, about, (int64_t)bytes);
}

/* pread that reads all or tells why not. */
static tsr_status read_piece(int file, const char *path, int64_t place, size_t bytes, uint8_t *out) {
    for (size_t have = 0; have < bytes;) {
        const ssize_t got = pread(file, out + have, bytes - have, place + (int64_t)have);
        if (got < 0 && errno == EINTR) continue;
        TSR_REQUIRE(got >= 0, TSR_EDATA, "'%s' cannot be read at byte %lld: %s", path, (long long)place,
                    strerror(errno));
        TSR_REQUIRE(got > 0, TSR_EDATA, "'%s' has become shorter while it was read: it ends before byte %lld", path,
                    (long long)place + (long long)bytes);
        have += (size_t)got;
    }
    return TSR_OK;
}

tsr_status tsr_input_read(int file, char *path, const struct stat *about, tsr_input *out) {
    const int64_t bytes = about->st_size;
    struct sha256_ctx context;
    uint8_t *piece = malloc(PIECE_BYTES);
    tsr_status status = piece != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to read '%s'", path);
    begin(&context, bytes);
    for (int64_t k = 0; k < piece_count(bytes) && status == TSR_OK; k++) {
        const int64_t place = piece_begin(bytes, k);
        const size_t length = piece_bytes(bytes, place);
        status = read_piece(file, path, place, length, piece);
        if (status == TSR_OK) sha256_update(&context, length, piece);
    }
    free(piece);
    if (status == TSR_OK) *out = end(&context, path, about, bytes);
    return status;
}

bool tsr_input_is_unchanged(int file, const struct stat *about) {
    struct stat now;
    return fstat(file, &now) == 0 && now.st_size == about->st_size && now.st_mtim.tv_sec == about->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == about->st_mtim.tv_nsec;
}
