/* A tally of a stage and its states, in which every group of items has its window.
 * Layer 4. Nothing here is collective. */
#ifndef TSR_ENGINE_STAGE_TALLY_H
#define TSR_ENGINE_STAGE_TALLY_H

#include "engine/stage.h"

/* The layout of a state, windows and all; a new one. TSR_ERUNTIME: no memory. */
tsr_layout tsr_stage_layout(const tsr_bound_stage *stage, int tally);
tsr_status tsr_stage_state(const tsr_bound_stage *stage, int tally, tsr_state **out);

/* What the tally's functions of these names do, for every group. */
void tsr_stage_settle(const tsr_bound_stage *stage, int tally, tsr_state *state);
void tsr_stage_rewind(const tsr_bound_stage *stage, int tally, tsr_state *state);
bool tsr_stage_unfinished(const tsr_bound_stage *stage, int tally, tsr_state *state, int passes);

#endif
