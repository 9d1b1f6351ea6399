/* The reading of a stage: passes, rounds, and what is decided after them.
 * Layer 5. */
#ifndef TSR_ENGINE_READING_H
#define TSR_ENGINE_READING_H

#include "engine/stage_run.h"

/* How the states that a pass has found change those of the stage: tsr_state_add, tsr_state_subtract. */
typedef tsr_status (*tsr_merge_fn)(tsr_state *into, const tsr_state *found);

/* Reads tiles begin .. end of every point. Collective; the verdict is agreed. */
tsr_status tsr_reading_pass(tsr_stage_run *run, tsr_pass *pass, tsr_merge_fn merge);

/* Which points are precise enough, from their results and the tiles that are done. */
void tsr_reading_judge(tsr_stage_run *run);

/* Results from the states as they are. Collective; the verdict is agreed. */
tsr_status tsr_reading_solve(tsr_stage_run *run);

/* Items of a point in the tiles before its end. */
int64_t tsr_reading_items(const tsr_stage_run *run, int64_t point);

/* Reads tiles begin .. end of every point, solves, and adds a row to a history of at most `rounds` rows. Collective;
 * the verdict is agreed. */
tsr_status tsr_reading_round(tsr_stage_run *run, int rounds);

/* True once the time that the stage may take is over: rank 0's clock decides for all. Collective. */
bool tsr_reading_is_late(const tsr_stage_run *run);

#endif
