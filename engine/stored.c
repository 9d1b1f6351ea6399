#include "engine/stored.h"

#include <stdlib.h>
#include <string.h>

/* ---- packing ---- */

static tsr_status make_room(const char *name, int64_t rows, tsr_stored_tally *out) {
    out->name = strdup(name);
    out->offset = calloc((size_t)rows + 1, sizeof(*out->offset));
    out->layout = calloc((size_t)(rows * TSR_STORED_LAYOUT) + 1, sizeof(*out->layout));
    const bool complete = out->name != NULL && out->offset != NULL && out->layout != NULL;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory to pack %lld states of %s", (long long)rows, name);
    return TSR_OK;
}

static void note_layout(tsr_layout layout, int64_t *number) {
    number[0] = layout.pages;
    number[1] = layout.page_words;
    number[2] = layout.records;
}

tsr_status tsr_stored_tally_pack(const char *name, tsr_state *const *state, int64_t rows, int64_t stride,
                                 tsr_stored_tally *out) {
    *out = (tsr_stored_tally){0};
    TSR_TRY(make_room(name, rows, out));
    for (int64_t row = 0; row < rows; row++) {
        const tsr_state *from = state[row * stride];
        note_layout(tsr_state_whole(from), out->layout + row * TSR_STORED_LAYOUT);
        out->offset[row + 1] = out->offset[row] + tsr_state_packed_words(from);
    }
    out->words = malloc((size_t)out->offset[rows] * sizeof(*out->words) + 1);
    TSR_REQUIRE(out->words != NULL, TSR_ERUNTIME, "no memory to pack the states of %s: %lld words", name,
                (long long)out->offset[rows]);
    for (int64_t row = 0; row < rows; row++) tsr_state_pack(state[row * stride], out->words + out->offset[row]);
    return TSR_OK;
}

tsr_status tsr_stored_tally_unpack(const tsr_stored_tally *tally, int64_t row, tsr_state *state) {
    int64_t number[TSR_STORED_LAYOUT];
    note_layout(tsr_state_whole(state), number);
    TSR_REQUIRE(memcmp(number, tally->layout + row * TSR_STORED_LAYOUT, sizeof(number)) == 0, TSR_ECHECKPOINT,
                "what is stored of tally %s has another layout than this program gives it", tally->name);
    const int64_t begin = tally->offset[row], end = tally->offset[row + 1];
    return tsr_state_unpack(state, tally->words + begin, end - begin);
}

/* ---- clearing ---- */

void tsr_stored_tally_clear(tsr_stored_tally *tally) {
    free(tally->name);
    free(tally->offset);
    free(tally->words);
    free(tally->layout);
    *tally = (tsr_stored_tally){0};
}

static void clear_tallies(tsr_stored_tally *tally, int64_t count) {
    for (int64_t i = 0; tally != NULL && i < count; i++) tsr_stored_tally_clear(&tally[i]);
    free(tally);
}

void tsr_stored_stage_clear(tsr_stored_stage *stage) {
    clear_tallies(stage->tally, stage->tallies);
    clear_tallies(stage->partial.tally, stage->partial.tallies);
    for (int64_t i = 0; stage->input != NULL && i < stage->inputs; i++) free(stage->input[i].path);
    free(stage->input);
    tsr_stored_tally_clear(&stage->trained);
    tsr_prints_clear(&stage->partial.prints);
    tsr_prints_clear(&stage->prints);
    free(stage->partial.done);
    free(stage->history.headlines);
    free(stage->history.items);
    free(stage->history.value);
    free(stage->history.error);
    free(stage->met);
    free(stage->point_items);
    free(stage->name);
    *stage = (tsr_stored_stage){0};
}
