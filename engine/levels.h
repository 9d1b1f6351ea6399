/* The first reading of a multilevel stage: the points of its sweep are levels, whose estimates add up.
 * Layer 5. */
#ifndef TSR_ENGINE_LEVELS_H
#define TSR_ENGINE_LEVELS_H

#include "engine/stage_run.h"

enum { TSR_LEVELS_ROUNDS_MAX = 200 };

/* Begins with a tile of each of the first three levels; then reads what each level still needs for half of the mean
 * square error that was asked for, and adds a level as long as the bias takes more than the other half. Decisions come
 * from merged states and fall after whole tiles. Results of the whole: "multilevel" and what belongs to it. Collective;
 * the verdict is agreed. TSR_EUSAGE: the estimate is not a single value; else as tsr_pass_run. */
tsr_status tsr_levels_run(tsr_stage_run *run);

/* Only the results of the whole, from those of levels that have been read before. Not collective. As above. */
tsr_status tsr_levels_tell(tsr_stage_run *run);

#endif
