/* Rounds: the first reading of a sampler's items is cut at tile counts that depend on the job alone. After each round
 * the convergence history gets a row, and a stage that may stop early decides. Layer 4. Pure functions of the stage. */
#ifndef TSR_ENGINE_ROUNDS_H
#define TSR_ENGINE_ROUNDS_H

#include "engine/stage.h"

/* How many rounds there are at most. A dataset and a large sweep are read in one. */
int tsr_rounds_count(const tsr_bound_stage *stage);

/* Tiles of a point that are done after round 0, 1, ... A stage that reads all its items doubles (1/128, 1/64, ... 1 of
 * its tiles); one that stops when it is precise enough goes on by a quarter each time, from 16 tiles on, whatever the
 * most that it may read, so that a run that was given more decides alike; with a sampling design it doubles. */
int64_t tsr_rounds_end(const tsr_bound_stage *stage, int64_t point, int round);

/* Whether a stage that may stop looks at a point after so many tiles, whatever the most that it may read. */
bool tsr_rounds_is_end(const tsr_bound_stage *stage, int64_t tiles);

#endif
