/* The plan: a job whose stages are bound. Internal to plan.c and run.c; others see engine/run.h.
 * Layer 5. */
#ifndef TSR_ENGINE_PLAN_H
#define TSR_ENGINE_PLAN_H

#include "engine/outcome.h"

struct tsr_plan {
    const tsr_job *job;
    tsr_bound_stage *stage; /* [job stage_count] */
    tsr_outcome *outcome;   /* being filled; stages that ran are found through it */
};

#endif
