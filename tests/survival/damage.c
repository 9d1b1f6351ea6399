/* The two checkpoints of a run, damaged in all ways, with the reader of the commands in one process.
 *   damage TARGET    1,000 flipped bytes and 200 cuts of the newest, of the older one, and of both
 * Whenever one is whole it is taken, and what is wrong with the other is told; where none is, reading fails with a
 * sentence. The files are put back. Exit code 0: all as it should be. */
#include "io/result/checkpoint.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FLIPS = 1000, CUTS = 200, BOTH = 100 };

typedef struct {
    char *path;
    tsr_image image; /* as it was written */
    int64_t sequence;
} slot;

static void put(const slot *self, const unsigned char *bytes, int64_t count) {
    const int file = open(self->path, O_WRONLY | O_TRUNC);
    if (file < 0 || write(file, bytes, (size_t)count) != count) abort();
    close(file);
}

static void put_back(const slot *self) { put(self, self->image.bytes, self->image.count); }

/* The i-th of `count` damages: bytes spread over the file, each with other bits, or an end that is missing. */
static void put_damaged(const slot *self, int i, int count, bool cuts) {
    const int64_t at = (i * self->image.count + self->image.count / 2) / count;
    unsigned char *byte = &self->image.bytes[at];
    const unsigned char kept = *byte;
    *byte ^= (unsigned char)(1 + i * 37 % 255);
    put(self, self->image.bytes, cuts ? at : self->image.count);
    *byte = kept;
}

/* 1 unless the checkpoint of that number is taken (0: none), with a word about what is wrong. */
static int judge(const char *target, int64_t wanted, const char *damaged) {
    char note[TSR_MESSAGE_BYTES] = "";
    tsr_stored_run *run = NULL;
    tsr_error_clear();
    const tsr_status status = tsr_checkpoint_read(target, &run, note);
    const char *said = wanted > 0 ? note : tsr_error_get()->message;
    const bool is_right = wanted > 0 ? status == TSR_OK && run->sequence == wanted : status == TSR_ECHECKPOINT;
    const bool is_told = strstr(said, damaged) != NULL;
    if (!is_right || !is_told) printf("status %d, '%s'\n", (int)status, said);
    tsr_stored_run_destroy(&run);
    return !is_right || !is_told;
}

static int damage_one(const char *target, const slot *one, const slot *other) {
    int wrong = 0;
    for (int i = 0; i < FLIPS + CUTS; i++) {
        const bool cuts = i >= FLIPS;
        put_damaged(one, cuts ? i - FLIPS : i, cuts ? CUTS : FLIPS, cuts);
        wrong += judge(target, other->sequence, one->path);
    }
    put_back(one);
    return wrong;
}

static int damage_both(const char *target, const slot *one, const slot *other) {
    int wrong = 0;
    for (int i = 0; i < BOTH; i++) {
        put_damaged(one, i, BOTH, i % 2 == 0);
        put_damaged(other, BOTH - 1 - i, BOTH, i % 3 == 0);
        wrong += judge(target, 0, ".checkpoint-");
    }
    put_back(one);
    put_back(other);
    return wrong;
}

static tsr_status open_slot(const char *target, int64_t number, slot *out) {
    tsr_stored_run *run = NULL;
    out->path = tsr_checkpoint_path(target, number);
    TSR_TRY(tsr_image_read(out->path, &out->image));
    TSR_TRY(tsr_stored_run_take(&out->image, &run));
    out->sequence = run->sequence;
    tsr_stored_run_destroy(&run);
    return TSR_OK;
}

int main(int argc, char **argv) {
    slot one = {0}, two = {0};
    if (argc != 2) return 64;
    if (open_slot(argv[1], 1, &one) != TSR_OK || open_slot(argv[1], 2, &two) != TSR_OK) {
        printf("%s\n", tsr_error_get()->message);
        return 66;
    }
    const slot *newest = one.sequence > two.sequence ? &one : &two, *older = newest == &one ? &two : &one;
    const int first = damage_one(argv[1], newest, older), second = damage_one(argv[1], older, newest);
    const int both = damage_both(argv[1], newest, older);
    printf("%d flips and %d cuts of each of two checkpoints (%" PRId64 " and %" PRId64
           " bytes), %d of both: %d, %d, %d wrong\n",
           FLIPS, CUTS, newest->image.count, older->image.count, BOTH, first, second, both);
    tsr_image_clear(&one.image);
    tsr_image_clear(&two.image);
    free(one.path);
    free(two.path);
    return first + second + both > 0;
}
