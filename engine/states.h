/* The states of a stage: one for every point of the sweep, part (replicate) and tally.
 * Layer 2. */
#ifndef TSR_ENGINE_STATES_H
#define TSR_ENGINE_STATES_H

#include "engine/state.h"

/* state: [points, parts, tallies]; NULL where nothing was folded. */
typedef struct {
    int64_t points;
    int parts;
    int tallies;
    int64_t count;
    tsr_state **state;
} tsr_states;

/* shape: points, parts and tallies; the rest is not read. All states are NULL. TSR_ERUNTIME: no memory. */
tsr_status tsr_states_create(tsr_states shape, tsr_states *out);
void tsr_states_clear(tsr_states *states);

/* The place of one state. */
tsr_state **tsr_states_at(const tsr_states *states, int64_t point, int part, int tally);

#endif
