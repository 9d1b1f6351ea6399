#include "engine/stage_tally.h"

#include "engine/places.h"

/* What the engine itself counts is counted of all groups together. */
static int64_t windows_of(const tsr_bound_stage *stage, int tally) {
    return tally < stage->spec->tally_count ? stage->groups.count : 1;
}

tsr_layout tsr_stage_layout(const tsr_bound_stage *stage, int tally) {
    const int64_t items = stage->point[0].count[stage->spec->map_count];
    if (tally == stage->places) return tsr_places_layout(tsr_stage_tiles_of(stage, items));
    tsr_layout layout = stage->tally[tally].table->layout(stage->tally[tally].model);
    layout.windows = windows_of(stage, tally);
    return layout;
}

tsr_status tsr_stage_state(const tsr_bound_stage *stage, int tally, tsr_state **out) {
    return tsr_state_create(tsr_stage_layout(stage, tally), out);
}

void tsr_stage_settle(const tsr_bound_stage *stage, int tally, tsr_state *state) {
    const tsr_bound_tally *bound = &stage->tally[tally];
    for (int64_t w = 0; bound->table->settle != NULL && w < windows_of(stage, tally); w++) {
        tsr_state_show(state, w);
        bound->table->settle(bound->model, state);
    }
    tsr_state_show(state, 0);
}

void tsr_stage_rewind(const tsr_bound_stage *stage, int tally, tsr_state *state) {
    const tsr_bound_tally *bound = &stage->tally[tally];
    for (int64_t w = 0; bound->table->rewind != NULL && w < windows_of(stage, tally); w++) {
        tsr_state_show(state, w);
        bound->table->rewind(bound->model, state);
    }
    tsr_state_show(state, 0);
}

bool tsr_stage_unfinished(const tsr_bound_stage *stage, int tally, tsr_state *state, int passes) {
    const tsr_bound_tally *bound = &stage->tally[tally];
    bool unfinished = false;
    for (int64_t w = 0; bound->table->unfinished != NULL && w < windows_of(stage, tally) && !unfinished; w++) {
        tsr_state_show(state, w);
        unfinished = bound->table->unfinished(bound->model, state, passes);
    }
    tsr_state_show(state, 0);
    return unfinished;
}
