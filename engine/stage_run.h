/* The run of one stage: what its rounds share. Internal to run.c, levels.c and restore.c.
 * Layer 5. */
#ifndef TSR_ENGINE_STAGE_RUN_H
#define TSR_ENGINE_STAGE_RUN_H

#include "engine/pass.h"
#include "engine/stored.h"
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
    bool *met;                      /* [points] precise enough: needs no more items */
    const tsr_stored_stage *stored; /* what an earlier run has left, or NULL */
    bool reads;                     /* has items to read, or had */
    int round;                      /* the first one to read */
} tsr_stage_run;

/* How the states that a pass has found change those of the stage: tsr_state_add, tsr_state_subtract. */
typedef tsr_status (*tsr_merge_fn)(tsr_state *into, const tsr_state *found);

/* Reads tiles begin .. end of every point. Collective; the verdict is agreed. */
tsr_status tsr_stage_run_pass(tsr_stage_run *run, tsr_pass *pass, tsr_merge_fn merge);

/* Which points are precise enough, from their results and the tiles that are done. */
void tsr_stage_run_judge(tsr_stage_run *run);

/* Results from the states as they are. Collective; the verdict is agreed. */
tsr_status tsr_stage_run_solve(tsr_stage_run *run);

/* Items of a point in the tiles before its end. */
int64_t tsr_stage_run_items(const tsr_stage_run *run, int64_t point);

/* Reads tiles begin .. end of every point, solves, and adds a row to a history of at most `rounds` rows. Collective;
 * the verdict is agreed. */
tsr_status tsr_stage_run_round(tsr_stage_run *run, int rounds);

/* True once the time that the stage may take is over: rank 0's clock decides for all. Collective. */
bool tsr_stage_run_is_late(const tsr_stage_run *run);

#endif
