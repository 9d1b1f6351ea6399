#include "engine/states.h"

#include <stdlib.h>

tsr_status tsr_states_create(tsr_states shape, tsr_states *out) {
    *out = shape;
    out->count = shape.points * shape.parts * shape.tallies;
    out->state = calloc((size_t)out->count + 1, sizeof(tsr_state *));
    TSR_REQUIRE(out->state != NULL, TSR_ERUNTIME, "no memory for %lld states", (long long)out->count);
    return TSR_OK;
}

void tsr_states_clear(tsr_states *states) {
    for (int64_t i = 0; i < states->count && states->state != NULL; i++) tsr_state_destroy(&states->state[i]);
    free(states->state);
    *states = (tsr_states){0};
}

tsr_state **tsr_states_at(const tsr_states *states, int64_t point, int part, int tally) {
    return &states->state[(point * states->parts + part) * states->tallies + tally];
}
