/* For tests: what a run would leave in its file, kept in memory. */
#ifndef TSR_TESTS_STORED_H
#define TSR_TESTS_STORED_H

#include "engine/run.h"

#include <stdlib.h>
#include <string.h>

static inline tsr_stored_tally stored_tally(const tsr_stage_outcome *stage, int tally) {
    tsr_stored_tally out;
    const int64_t rows = stage->points * stage->parts;
    if (tsr_stored_tally_pack(stage->tally_names[tally], stage->states + tally, rows, stage->tallies, &out) != TSR_OK)
        abort();
    return out;
}

static inline tsr_input *stored_inputs(const tsr_input *from, int64_t count) {
    tsr_input *out = calloc((size_t)count + 1, sizeof(*out));
    for (int64_t i = 0; i < count; i++) {
        out[i] = from[i];
        out[i].path = strdup(from[i].path);
    }
    return out;
}

static inline tsr_prints stored_prints(const tsr_prints *from) {
    tsr_prints out = {0};
    if (from->points > 0 && tsr_prints_copy(from, &out) != TSR_OK) abort();
    return out;
}

static inline tsr_stored_stage *stored_stages(const tsr_outcome *outcome) {
    tsr_stored_stage *out = calloc((size_t)tsr_outcome_stages(outcome), sizeof(*out));
    for (int s = 0; s < tsr_outcome_stages(outcome); s++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(outcome, s);
        out[s] = (tsr_stored_stage){.name = strdup(stage->name),
                                    .points = stage->points,
                                    .parts = stage->parts,
                                    .tallies = stage->tallies,
                                    .tile_items = stage->tile_items,
                                    .passes = stage->passes,
                                    .inputs = stage->inputs,
                                    .input = stored_inputs(stage->input, stage->inputs),
                                    .point_items = calloc((size_t)stage->points, sizeof(int64_t)),
                                    .tally = calloc((size_t)stage->tallies, sizeof(tsr_stored_tally))};
        memcpy(out[s].point_items, stage->point_items, (size_t)stage->points * sizeof(int64_t));
        for (int t = 0; t < stage->tallies; t++) out[s].tally[t] = stored_tally(stage, t);
        out[s].prints = stored_prints(stage->prints);
    }
    return out;
}

static inline void stored_destroy(tsr_stored_stage *stages, int count) {
    for (int s = 0; s < count; s++) tsr_stored_stage_clear(&stages[s]);
    free(stages);
}

/* ---- copies of what a keeper is shown ---- */

static inline void *stored_bytes(const void *from, int64_t count, size_t each) {
    if (from == NULL) return NULL;
    void *copy = malloc((size_t)count * each + 1);
    memcpy(copy, from, (size_t)count * each);
    return copy;
}

static inline tsr_stored_tally stored_tally_copy(const tsr_stored_tally *from, int64_t rows) {
    tsr_stored_tally out = {.name = from->name != NULL ? strdup(from->name) : NULL};
    if (from->offset == NULL) return out;
    out.offset = stored_bytes(from->offset, rows + 1, sizeof(int64_t));
    out.words = stored_bytes(from->words, from->offset[rows], sizeof(int64_t));
    out.layout = stored_bytes(from->layout, rows * TSR_STORED_LAYOUT, sizeof(int64_t));
    return out;
}

static inline tsr_stored_tally *stored_tallies_copy(const tsr_stored_tally *from, int64_t count, int64_t rows) {
    if (from == NULL) return NULL;
    tsr_stored_tally *out = calloc((size_t)count + 1, sizeof(*out));
    for (int64_t t = 0; t < count; t++) out[t] = stored_tally_copy(&from[t], rows);
    return out;
}

static inline tsr_stored_stage stored_copy(const tsr_stored_stage *from) {
    tsr_stored_stage out = *from;
    const tsr_stored_history *history = &from->history;
    const int64_t cells = from->points * history->rounds * history->quantities;
    if (from->name == NULL) return out;
    out.name = strdup(from->name);
    out.point_items = stored_bytes(from->point_items, from->points, sizeof(int64_t));
    out.met = stored_bytes(from->met, from->points, sizeof(int64_t));
    out.tally = stored_tallies_copy(from->tally, from->tallies, from->points * from->parts);
    out.input = stored_inputs(from->input, from->inputs);
    out.trained = stored_tally_copy(&from->trained, from->trainings);
    out.partial.done = stored_bytes(from->partial.done, (from->partial.tiles + 63) / 64, sizeof(int64_t));
    out.partial.tally = stored_tallies_copy(from->partial.tally, from->partial.tallies, from->partial.rows);
    out.prints = stored_prints(&from->prints);
    out.partial.prints = stored_prints(&from->partial.prints);
    out.history.headlines = history->headlines != NULL ? strdup(history->headlines) : NULL;
    out.history.items = stored_bytes(history->items, history->rounds, sizeof(int64_t));
    out.history.value = stored_bytes(history->value, cells, sizeof(double));
    out.history.error = stored_bytes(history->error, cells, sizeof(double));
    return out;
}

static inline tsr_stored_stage *stored_copies(const tsr_stored_stage *from, int count) {
    tsr_stored_stage *out = calloc((size_t)count, sizeof(*out));
    for (int s = 0; s < count; s++) out[s] = stored_copy(&from[s]);
    return out;
}

#endif
