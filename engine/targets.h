/* The files that a run writes: none of them may be one that it reads.
 * Layer 5. */
#ifndef TSR_ENGINE_TARGETS_H
#define TSR_ENGINE_TARGETS_H

#include "engine/plan.h"

/* Looks whether the results, at `target`, or the rows of a sink would replace the job file, a file that some stage
 * reads, or one another; under whatever names. Not collective. TSR_EUSAGE: they would. */
tsr_status tsr_plan_check_targets(const tsr_plan *plan, const char *target);

#endif
