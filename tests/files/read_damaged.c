/* Reads result files that are damaged or made to harm, with the reader of the commands, in one process.
 *   read_damaged flip FILE       1,000 flipped bits with the seal and 1,000 without, cut off at 200 places
 *   read_damaged read PATH...    each is refused with one sentence: not read, and no file of a run
 * Exit code 0: all as it should be. */
#include "io/result/seal.h"
#include "io/result/stored_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FLIPS = 1000, CUTS = 200, SECONDS_MAX = 5 };

static bool is_same_row(const int64_t *one, const int64_t *other, int64_t count) {
    return memcmp(one, other, (size_t)count * sizeof(*one)) == 0;
}

static bool is_same_tally(const tsr_stored_tally *one, const tsr_stored_tally *other, int64_t rows) {
    return strcmp(one->name, other->name) == 0 && is_same_row(one->offset, other->offset, rows + 1) &&
           is_same_row(one->words, other->words, one->offset[rows]) &&
           is_same_row(one->layout, other->layout, rows * TSR_STORED_LAYOUT);
}

static bool is_same_stage(const tsr_stored_stage *one, const tsr_stored_stage *other) {
    bool is_same = strcmp(one->name, other->name) == 0 && one->points == other->points && one->parts == other->parts &&
                   one->tallies == other->tallies && one->tile_items == other->tile_items &&
                   one->passes == other->passes && is_same_row(one->point_items, other->point_items, one->points);
    for (int64_t t = 0; is_same && t < one->tallies; t++)
        is_same = is_same_tally(&one->tally[t], &other->tally[t], one->points * one->parts);
    return is_same;
}

/* All that a run goes on from. */
static bool is_same_run(const tsr_stored_run *one, const tsr_stored_run *other) {
    bool is_same = strcmp(one->job, other->job) == 0 && one->stages == other->stages;
    for (int64_t i = 0; is_same && i < one->stages; i++) is_same = is_same_stage(&one->stage[i], &other->stage[i]);
    return is_same;
}

/* Reads bytes: detected, or all that counts is as it was. 1 if not. */
static int judge(const unsigned char *bytes, int64_t count, const tsr_stored_run *whole, int *detected) {
    tsr_image image = {malloc((size_t)count + 1), count}; /* of its own length, so that reading beyond it is seen */
    tsr_stored_run *run = NULL;
    memcpy(image.bytes, bytes, (size_t)count);
    tsr_error_clear();
    const tsr_status status = tsr_stored_run_take(&image, &run);
    int wrong = status == TSR_OK ? !is_same_run(run, whole) : status != TSR_ECHECKPOINT;
    *detected += status != TSR_OK;
    if (wrong) printf("status %d: %s\n", (int)status, tsr_error_get()->message);
    tsr_stored_run_destroy(&run);
    tsr_image_clear(&image);
    return wrong;
}

static int flip(unsigned char *bytes, int64_t count, const tsr_stored_run *whole, int *detected) {
    int wrong = 0;
    for (int64_t i = 0; i < FLIPS; i++) {
        const int64_t at = (i * count + count / 2) / FLIPS;
        bytes[at] ^= (unsigned char)(1 << (i * 5 % 8));
        const int bad = judge(bytes, count, whole, detected);
        if (bad) printf("  a bit of byte %lld of %lld\n", (long long)at, (long long)count);
        wrong += bad;
        bytes[at] ^= (unsigned char)(1 << (i * 5 % 8));
    }
    return wrong;
}

static int cut(unsigned char *bytes, int64_t count, const tsr_stored_run *whole, int *detected) {
    int wrong = 0;
    for (int64_t i = 0; i < CUTS; i++) wrong += judge(bytes, i * count / CUTS, whole, detected);
    return wrong;
}

static int damage(const char *path) {
    tsr_image image = {0};
    tsr_stored_run *whole = NULL;
    int sealed = 0, unsealed = 0, shorter = 0;
    if (tsr_image_read(path, &image) != TSR_OK || tsr_stored_run_take(&image, &whole) != TSR_OK) return 1;
    int wrong = flip(image.bytes, image.count, whole, &sealed);
    wrong += flip(image.bytes, image.count - TSR_SEAL_BYTES, whole, &unsealed);
    wrong += cut(image.bytes, image.count, whole, &shorter);
    printf("%d of %d flips told with a seal, %d without; %d of %d cuts; %d wrong\n", sealed, FLIPS, unsealed, shorter,
           CUTS, wrong);
    tsr_stored_run_destroy(&whole);
    tsr_image_clear(&image);
    return wrong > 0 || sealed < FLIPS || shorter < CUTS;
}

static int refuse(const char *path) {
    tsr_stored_run *run = NULL;
    tsr_error_clear();
    alarm(SECONDS_MAX);
    const tsr_status status = tsr_stored_run_read(path, &run);
    alarm(0);
    printf("%d %s\n", tsr_status_exit_code(status), tsr_error_get()->message);
    tsr_stored_run_destroy(&run);
    return status != TSR_ECHECKPOINT && status != TSR_EDATA;
}

int main(int argc, char **argv) {
    int failed = argc < 3;
    if (failed) return 64;
    if (strcmp(argv[1], "flip") == 0) return damage(argv[2]);
    for (int i = 2; i < argc; i++) failed |= refuse(argv[i]);
    return failed;
}
