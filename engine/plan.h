/* The plan: a job whose stages are bound. Internal to plan.c and run.c; others see engine/run.h.
 * Layer 5. */
#ifndef TSR_ENGINE_PLAN_H
#define TSR_ENGINE_PLAN_H

#include "engine/outcome.h"

struct tsr_plan {
    const tsr_job *job;
    tsr_bound_stage *stage; /* [job stage_count] */
    char **fault;           /* [job stage_count] why a stage was left out, or NULL */
    tsr_outcome *outcome;   /* being filled, or what a stage was prepared with; stages that ran are found through it */
};

/* Makes a stage ready and trained, for which it runs (or restores) the stages that it needs, and no others. Collective;
 * the verdict is agreed. As tsr_plan_run. */
tsr_status tsr_plan_prepare(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage);

#endif
