/* For tests: what a run would leave in its file, kept in memory. */
#ifndef TSR_TESTS_STORED_H
#define TSR_TESTS_STORED_H

#include "engine/run.h"

#include <stdlib.h>
#include <string.h>

static inline tsr_stored_tally stored_tally(const tsr_stage_outcome *stage, int tally) {
    const int64_t rows = stage->points * stage->parts;
    tsr_stored_tally out = {.name = strdup(stage->tally_names[tally]),
                            .offset = calloc((size_t)rows + 1, sizeof(int64_t)),
                            .layout = calloc((size_t)rows * TSR_STORED_LAYOUT, sizeof(int64_t))};
    for (int64_t row = 0; row < rows; row++) {
        const tsr_state *state = stage->states[row * stage->tallies + tally];
        const tsr_layout layout = tsr_state_layout(state);
        const int64_t numbers[TSR_STORED_LAYOUT] = {layout.pages, layout.page_words, layout.records};
        memcpy(out.layout + row * TSR_STORED_LAYOUT, numbers, sizeof(numbers));
        out.offset[row + 1] = out.offset[row] + tsr_state_packed_words(state);
    }
    out.words = calloc((size_t)out.offset[rows] + 1, sizeof(int64_t));
    for (int64_t row = 0; row < rows; row++)
        tsr_state_pack(stage->states[row * stage->tallies + tally], out.words + out.offset[row]);
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
                                    .inputs = -1,
                                    .point_items = calloc((size_t)stage->points, sizeof(int64_t)),
                                    .tally = calloc((size_t)stage->tallies, sizeof(tsr_stored_tally))};
        memcpy(out[s].point_items, stage->point_items, (size_t)stage->points * sizeof(int64_t));
        for (int t = 0; t < stage->tallies; t++) out[s].tally[t] = stored_tally(stage, t);
    }
    return out;
}

static inline void stored_destroy(tsr_stored_stage *stages, int count) {
    for (int s = 0; s < count; s++) {
        for (int64_t t = 0; t < stages[s].tallies; t++) {
            free(stages[s].tally[t].name);
            free(stages[s].tally[t].offset);
            free(stages[s].tally[t].words);
            free(stages[s].tally[t].layout);
        }
        free(stages[s].tally);
        free(stages[s].point_items);
        free(stages[s].name);
    }
    free(stages);
}

#endif
