/* The run of one stage: what its rounds share. Internal to run.c and levels.c.
 * Layer 5. */
#ifndef TSR_ENGINE_STAGE_RUN_H
#define TSR_ENGINE_STAGE_RUN_H

#include "engine/pass.h"
#include "engine/watch.h"

typedef struct {
    tsr_bound_stage *stage;
    tsr_stage_record *record;
    tsr_comm *comm;
    const tsr_run_options *options;
    tsr_rank_account account;
    tsr_watch watch;
    int64_t *begin; /* [points] tiles of the pass at hand */
    int64_t *end;
    bool *met; /* [points] precise enough: needs no more items */
} tsr_stage_run;

/* Reads tiles begin .. end of every point, solves, and adds a row to a history of at most `rounds` rows. Collective;
 * the verdict is agreed. */
tsr_status tsr_stage_run_round(tsr_stage_run *run, int rounds);

/* True once the time that the stage may take is over: rank 0's clock decides for all. Collective. */
bool tsr_stage_run_is_late(const tsr_stage_run *run);

#endif
