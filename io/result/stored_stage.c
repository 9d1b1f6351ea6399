#include "io/result/stored_stage.h"

#include <stdlib.h>
#include <string.h>

/* Offsets ascend from 0. */
static bool is_sound(const int64_t *offset, int64_t rows) {
    bool ascends = offset[0] == 0;
    for (int64_t i = 0; i < rows; i++) ascends &= offset[i] <= offset[i + 1];
    return ascends;
}

static int64_t count_bytes(const tsr_stored_tally *tally, int64_t rows) {
    const int64_t integers = rows + 1 + tally->offset[rows] + rows * TSR_STORED_LAYOUT;
    return integers * (int64_t)sizeof(int64_t) + (int64_t)strlen(tally->name);
}

tsr_status tsr_stored_tally_read(hid_t group, int64_t rows, int64_t *room, tsr_stored_tally *tally) {
    TSR_TRY(tsr_h5_read_text(group, "tally", &tally->name));
    TSR_TRY(tsr_h5_read_integers(group, "offsets", rows + 1, &tally->offset));
    TSR_REQUIRE(is_sound(tally->offset, rows), TSR_EDATA, "the state of tally %s is incomplete", tally->name);
    TSR_TRY(tsr_h5_read_integers(group, "words", tally->offset[rows], &tally->words));
    TSR_TRY(tsr_h5_read_integers(group, "layout", rows * TSR_STORED_LAYOUT, &tally->layout));
    return tsr_h5_take(count_bytes(tally, rows), room);
}

static tsr_status read_numbers(hid_t group, tsr_stored_stage *out) {
    TSR_TRY(tsr_h5_read_text(group, "stage", &out->name));
    TSR_TRY(tsr_h5_read_integer(group, "points", &out->points));
    TSR_TRY(tsr_h5_read_integer(group, "parts", &out->parts));
    TSR_TRY(tsr_h5_read_integer(group, "tile_items", &out->tile_items));
    TSR_TRY(tsr_h5_read_integer(group, "passes", &out->passes));
    TSR_TRY(tsr_h5_read_real(group, "core_seconds", &out->core_seconds));
    TSR_REQUIRE(out->points >= 1 && out->parts >= 1 && out->points < INT32_MAX && out->parts < INT32_MAX, TSR_EDATA,
                "stage %s has no number of points", out->name);
    TSR_REQUIRE(out->tile_items >= 1 && out->passes >= 1 && out->passes < INT32_MAX, TSR_EDATA,
                "stage %s has no number of items or passes", out->name);
    return TSR_OK;
}

tsr_status tsr_stored_stage_read(hid_t group, int64_t *room, tsr_stored_stage *out) {
    *out = (tsr_stored_stage){0};
    int64_t members = 0;
    TSR_TRY(read_numbers(group, out));
    TSR_TRY(tsr_h5_take((int64_t)strlen(out->name), room));
    TSR_TRY(tsr_h5_members(group, &members));
    out->tally = calloc((size_t)members + 1, sizeof(*out->tally));
    TSR_REQUIRE(out->tally != NULL, TSR_ERUNTIME, "no memory for %lld tallies", (long long)members);
    out->tallies = members;
    for (int64_t i = 0; i < members; i++) {
        hid_t member = H5I_INVALID_HID;
        TSR_TRY(tsr_h5_open_member(group, i, &member));
        const tsr_status status = tsr_stored_tally_read(member, out->points * out->parts, room, &out->tally[i]);
        tsr_h5_drop(&member);
        TSR_TRY(status);
    }
    return TSR_OK;
}

void tsr_stored_tally_add(const tsr_stored_tally *tally, int64_t rows, tsr_contents *contents, int stage_group) {
    static const char *const layout_names[TSR_STORED_LAYOUT] = {"pages", "page_words", "records"};
    const int group = tsr_contents_group(contents, stage_group, tally->name);
    tsr_contents_text(contents, group, "tally", tally->name);
    /* The rows are their own coordinates: a dimension apart would take half as much space again. */
    const int words = tsr_contents_dimension(contents, group, "words", tally->offset[rows]);
    const int offsets = tsr_contents_dimension(contents, group, "offsets", rows + 1);
    const int row = tsr_contents_dimension(contents, group, "row", rows);
    const int number = tsr_contents_dimension(contents, group, "number", TSR_STORED_LAYOUT);
    const tsr_variable variable[] = {
        {.name = "words", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {words}, .data = tally->words},
        {.name = "offsets", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {offsets}, .data = tally->offset},
        {.name = "layout", .cell = TSR_CELL_INTEGER, .rank = 2, .dimension = {row, number}, .data = tally->layout}};
    for (int i = 0; i < 3; i++) tsr_contents_variable(contents, group, &variable[i]);
    const tsr_variable names = {.name = "number", .rank = 1, .dimension = {number}, .data = layout_names};
    tsr_contents_words(contents, group, &names);
}

void tsr_stored_stage_hash(const tsr_stored_stage *stage, tsr_digest *digest) {
    const int64_t rows = stage->points * stage->parts;
    tsr_digest_begin_stage(digest, stage->name, rows, stage->tallies);
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < stage->tallies; i++) {
            const tsr_stored_tally *tally = &stage->tally[i];
            const int64_t begin = tally->offset[row];
            tsr_digest_add_state(digest, tally->name, tally->words + begin, tally->offset[row + 1] - begin);
        }
}
