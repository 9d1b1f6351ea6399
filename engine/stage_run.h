/* The run of one stage: what its passes share. Internal to run.c and what it is made of.
 * Layer 5. Only data. */
#ifndef TSR_ENGINE_STAGE_RUN_H
#define TSR_ENGINE_STAGE_RUN_H

#include "engine/pass.h"
#include "engine/plan.h"
#include "engine/stored.h"
#include "engine/watch.h"

/* What sampling designs have learned from, in the order in which they did. */
typedef struct {
    tsr_state **state; /* [count] */
    int64_t count;
    int64_t room;
} tsr_lessons;

typedef struct {
    const tsr_plan *plan;
    int index;        /* of the stage in the plan */
    uint64_t changed; /* bit i: stage i has other items than the run that is extended */
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
    bool retakes;                   /* what was left unfinished is not taken back yet */
    bool goes_on;                   /* it was stopped in one of its passes, which `paused` is of */
    int round;                      /* the first one to read */
    int passes;                     /* that are over, of one that goes on with a further reading; else 0 */
    tsr_lessons lessons;
    const tsr_delivery *delivery;     /* of the pass at hand, or NULL */
    const tsr_stored_partial *paused; /* what was stored of the next pass, or NULL */
} tsr_stage_run;

#endif
