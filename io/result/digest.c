#include "io/result/digest.h"

#include <endian.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_WORDS = 512 };

struct tsr_digest {
    struct sha256_ctx context;
};

tsr_status tsr_digest_create(tsr_digest **out) {
    tsr_digest *digest = malloc(sizeof(*digest));
    TSR_REQUIRE(digest, TSR_ERUNTIME, "no memory for a digest");
    sha256_init(&digest->context);
    *out = digest;
    return TSR_OK;
}

void tsr_digest_destroy(tsr_digest **digest) {
    free(*digest);
    *digest = NULL;
}

static void add_name(tsr_digest *digest, const char *name) {
    sha256_update(&digest->context, strlen(name) + 1, (const uint8_t *)name);
}

/* Little-endian whatever the machine; on a little-endian one the conversion is a copy. */
static void add_words(tsr_digest *digest, const int64_t *words, int64_t count) {
    uint64_t little[PART_WORDS];
    for (int64_t begin = 0; begin < count; begin += PART_WORDS) {
        const int64_t part = count - begin < PART_WORDS ? count - begin : PART_WORDS;
        for (int64_t i = 0; i < part; i++) little[i] = htole64((uint64_t)words[begin + i]);
        sha256_update(&digest->context, (size_t)part * sizeof(*little), (const uint8_t *)little);
    }
}

void tsr_digest_begin_stage(tsr_digest *digest, const char *name, int64_t points, int64_t tallies) {
    add_name(digest, name);
    add_words(digest, (const int64_t[]){points, tallies}, 2);
}

void tsr_digest_add_state(tsr_digest *digest, const char *tally, const int64_t *words, int64_t count) {
    add_name(digest, tally);
    add_words(digest, &count, 1);
    add_words(digest, words, count);
}

void tsr_digest_end(tsr_digest *digest, char hex[TSR_DIGEST_CHARS]) {
    uint8_t bytes[SHA256_DIGEST_SIZE];
    sha256_digest(&digest->context, sizeof(bytes), bytes);
    for (size_t i = 0; i < sizeof(bytes); i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)bytes[i]);
}

static tsr_status add_packed(tsr_digest *digest, const char *tally, const tsr_state *state) {
    const int64_t count = tsr_state_packed_words(state);
    int64_t *words = malloc((size_t)count * sizeof(*words) + 1);
    TSR_REQUIRE(words, TSR_ERUNTIME, "no memory to pack the state of tally %s (%lld words)", tally, (long long)count);
    tsr_state_pack(state, words);
    tsr_digest_add_state(digest, tally, words, count);
    free(words);
    return TSR_OK;
}

static tsr_status add_stage(tsr_digest *digest, const tsr_stage_outcome *stage) {
    const int64_t rows = stage->points * stage->parts;
    tsr_digest_begin_stage(digest, stage->name, rows, stage->tallies);
    for (int64_t row = 0; row < rows; row++)
        for (int tally = 0; tally < stage->tallies; tally++)
            TSR_TRY(add_packed(digest, stage->tally_names[tally], stage->states[row * stage->tallies + tally]));
    return TSR_OK;
}

tsr_status tsr_digest_outcome(const tsr_outcome *outcome, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    tsr_digest *digest = NULL;
    TSR_TRY_OUT(tsr_digest_create(&digest));
    for (int i = 0; i < tsr_outcome_stages(outcome); i++) TSR_TRY_OUT(add_stage(digest, tsr_outcome_stage(outcome, i)));
    tsr_digest_end(digest, hex);
out:
    tsr_digest_destroy(&digest);
    return status;
}

tsr_status tsr_digest_stage(const tsr_stage_outcome *stage, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    tsr_digest *digest = NULL;
    TSR_TRY_OUT(tsr_digest_create(&digest));
    TSR_TRY_OUT(add_stage(digest, stage));
    tsr_digest_end(digest, hex);
out:
    tsr_digest_destroy(&digest);
    return status;
}
