/* Refolding: a stage of a plan computed once more, as a whole or in parts, to compare it with what is stored of it.
 * Layer 5. */
#ifndef TSR_ENGINE_REFOLD_H
#define TSR_ENGINE_REFOLD_H

#include "engine/probe.h"

typedef struct {
    bool same_state;  /* all integers are those that are stored */
    int64_t wrong;    /* groups of tiles that differ, */
    tsr_probe *probe; /* [wrong], freed by the caller; is_steady: computed once more, they gave the same once more */
} tsr_refolding;

/* Reads all items that a stage is stored to have, and compares prints and state. The plan is prepared for the stage
 * from options->stored. Collective; the verdict is agreed; the same on all ranks. As a run of the stage. */
tsr_status tsr_plan_refold(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage,
                           tsr_refolding *out);

/* Computes groups of tiles again, as tsr_probe_run does: of a stage of the plan, which is prepared for it from
 * options->stored. TSR_ECHECKPOINT: what is stored of it does not fit the job. */
tsr_status tsr_plan_probe(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage, tsr_probe *probe,
                          int64_t count);

/* Whether the files that a stage of the plan has read are those that are stored; one that waits for another stage has
 * read none yet. Not collective. TSR_ECHECKPOINT: they are not; TSR_ERUNTIME. */
tsr_status tsr_plan_compare_inputs(const tsr_plan *plan, int stage, const tsr_stored_stage *stored);

#endif
