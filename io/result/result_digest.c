#include "io/result/h5_read.h"
#include "io/result/result_file.h"

#include <stdlib.h>
#include <string.h>

/* The stored rows of one tally. */
typedef struct {
    char *name;
    hid_t words;
    int64_t count;   /* of words */
    int64_t *offset; /* [rows + 1] */
} stored_tally;

typedef struct {
    char *name;
    int64_t rows; /* points x parts */
    stored_tally *tally;
    int64_t tallies;
} stored_stage;

static void clear_stage(stored_stage *stage) {
    for (int64_t i = 0; stage->tally && i < stage->tallies; i++) {
        free(stage->tally[i].name);
        free(stage->tally[i].offset);
        tsr_h5_drop(&stage->tally[i].words);
    }
    free(stage->tally);
    free(stage->name);
}

/* Offsets of a sound file ascend from 0 to the end of the words. */
static bool is_sound(const int64_t *offset, int64_t rows, int64_t words) {
    bool ascends = offset[0] == 0 && offset[rows] == words;
    for (int64_t i = 0; i < rows; i++) ascends &= offset[i] <= offset[i + 1];
    return ascends;
}

static tsr_status read_offsets(hid_t group, int64_t rows, stored_tally *tally) {
    tsr_status status = TSR_OK;
    hid_t offsets = H5I_INVALID_HID;
    int64_t length = 0;
    TSR_TRY(tsr_h5_open_integers(group, "offsets", &offsets, &length));
    int64_t *offset = calloc((size_t)length + 1, sizeof(*offset));
    if (!offset) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld offsets", (long long)length);
        goto out;
    }
    TSR_TRY_OUT(tsr_h5_read_integers(offsets, 0, length, offset));
    if (length != rows + 1 || !is_sound(offset, rows, tally->count)) {
        status = TSR_FAIL(TSR_EDATA, "the state of tally %s is incomplete", tally->name);
        goto out;
    }
    tally->offset = offset;
    offset = NULL;
out:
    free(offset);
    tsr_h5_drop(&offsets);
    return status;
}

static tsr_status read_tally(hid_t group, int64_t rows, stored_tally *tally) {
    tally->words = H5I_INVALID_HID;
    TSR_TRY(tsr_h5_read_text(group, "tally", &tally->name));
    TSR_TRY(tsr_h5_open_integers(group, "words", &tally->words, &tally->count));
    return read_offsets(group, rows, tally);
}

static tsr_status read_stage(hid_t group, stored_stage *stage) {
    int64_t members = 0;
    TSR_TRY(tsr_h5_read_text(group, "stage", &stage->name));
    int64_t points = 0, parts = 0;
    TSR_TRY(tsr_h5_read_integer(group, "points", &points));
    TSR_TRY(tsr_h5_read_integer(group, "parts", &parts));
    TSR_TRY(tsr_h5_members(group, &members));
    TSR_REQUIRE(points >= 1 && parts >= 1 && parts <= INT32_MAX && points < INT64_MAX / parts, TSR_EDATA,
                "stage %s has no number of points", stage->name);
    stage->rows = points * parts;
    stage->tally = calloc((size_t)members + 1, sizeof(*stage->tally));
    TSR_REQUIRE(stage->tally, TSR_ERUNTIME, "no memory for %lld tallies", (long long)members);
    for (; stage->tallies < members; stage->tallies++) stage->tally[stage->tallies].words = H5I_INVALID_HID;
    for (int64_t i = 0; i < members; i++) {
        hid_t member = H5I_INVALID_HID;
        TSR_TRY(tsr_h5_open_member(group, i, &member));
        const tsr_status status = read_tally(member, stage->rows, &stage->tally[i]);
        tsr_h5_drop(&member);
        TSR_TRY(status);
    }
    return TSR_OK;
}

static tsr_status hash_tally(const stored_tally *tally, int64_t row, tsr_digest *digest) {
    TSR_ASSERT(tally->offset != NULL);
    const int64_t begin = tally->offset[row], count = tally->offset[row + 1] - begin;
    int64_t *words = malloc((size_t)count * sizeof(*words) + 1);
    TSR_REQUIRE(words, TSR_ERUNTIME, "no memory for the state of tally %s", tally->name);
    const tsr_status status = tsr_h5_read_integers(tally->words, begin, count, words);
    if (status == TSR_OK) tsr_digest_add_state(digest, tally->name, words, count);
    free(words);
    return status;
}

static tsr_status hash_stage(hid_t group, tsr_digest *digest) {
    stored_stage stage = {0};
    tsr_status status = TSR_OK;
    TSR_TRY_OUT(read_stage(group, &stage));
    tsr_digest_begin_stage(digest, stage.name, stage.rows, stage.tallies);
    for (int64_t row = 0; row < stage.rows; row++)
        for (int64_t i = 0; i < stage.tallies; i++) TSR_TRY_OUT(hash_tally(&stage.tally[i], row, digest));
out:
    clear_stage(&stage);
    return status;
}

static tsr_status hash_state(hid_t file, tsr_digest *digest) {
    tsr_status status = TSR_OK;
    int64_t stages = 0;
    hid_t state = H5Lexists(file, "state", H5P_DEFAULT) > 0 ? H5Gopen2(file, "state", H5P_DEFAULT) : H5I_INVALID_HID;
    if (state < 0) return TSR_FAIL(TSR_EDATA, "there is no group state");
    status = tsr_h5_members(state, &stages);
    for (int64_t i = 0; i < stages && status == TSR_OK; i++) {
        hid_t stage = H5I_INVALID_HID;
        status = tsr_h5_open_member(state, i, &stage);
        if (status == TSR_OK) status = hash_stage(stage, digest);
        tsr_h5_drop(&stage);
    }
    tsr_h5_drop(&state);
    return status;
}

tsr_status tsr_result_file_recompute(const char *path, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    tsr_digest *digest = NULL;
    hid_t file = H5I_INVALID_HID;
    tsr_h5_begin();
    TSR_TRY(tsr_h5_open(path, &file));
    TSR_TRY_OUT(tsr_digest_create(&digest));
    TSR_TRY_OUT(tsr_h5_about(path, hash_state(file, digest)));
    tsr_digest_end(digest, hex);
out:
    tsr_digest_destroy(&digest);
    tsr_h5_drop(&file);
    return status;
}

tsr_status tsr_result_file_digest(const char *path, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    char *text = NULL;
    hid_t file = H5I_INVALID_HID;
    tsr_h5_begin();
    TSR_TRY(tsr_h5_open(path, &file));
    TSR_TRY_OUT(tsr_h5_about(path, tsr_h5_read_text(file, "digest", &text)));
    if (strlen(text) == TSR_DIGEST_CHARS - 1)
        memcpy(hex, text, TSR_DIGEST_CHARS);
    else
        status = TSR_FAIL(TSR_EDATA, "%s: its digest is not one", path);
out:
    free(text);
    tsr_h5_drop(&file);
    return status;
}
