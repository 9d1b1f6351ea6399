#include "engine/stage_tally.h"

#include "engine/places.h"

/* What the engine itself counts is counted of all groups together. */
static int64_t windows_of(const tsr_bound_stage *stage, int tally) {
    return tally < stage->spec->tally_count ? stage->groups.count : 1;
}

/* The same for all runs that extend each other: of a dataset its own tiles, of a sampler some that it can grow to. */
static tsr_layout places_layout(const tsr_bound_stage *stage) {
    enum { TILES_LEAST = 1 << 20 };
    const int64_t count = stage->point[0].count[stage->spec->map_count];
    if (count < INT64_MAX) return tsr_places_layout(tsr_stage_tiles_of(stage, count));
    int64_t tiles = TILES_LEAST;
    while (tiles < tsr_stage_tiles(stage, 0)) tiles *= 4;
    return tsr_places_layout(tiles);
}

tsr_layout tsr_stage_layout(const tsr_bound_stage *stage, int tally) {
    if (tally == stage->places) return places_layout(stage);
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
