#include "engine/training.h"

/* A stage of one point whose only tally is the design's. */
static tsr_bound_stage training_stage(const tsr_bound_stage *stage, tsr_point *point, int64_t items) {
    tsr_bound_stage training = *stage;
    training.span.points = 1;
    training.point = point;
    training.point->items = items;
    training.tally_count = 1;
    training.skipped = -1;
    training.tally[0] =
        (tsr_bound_tally){.table = stage->spec->design.table->training, .where = stage->spec->design.where};
    training.tally[0].model = point->design_model;
    training.replicates = 1;
    training.unit_items = 0;
    return training;
}

typedef struct {
    tsr_bound_stage *stage;
    tsr_comm *comm;
    const tsr_run_options *options;
    tsr_rank_account *account;
} training_run;

/* One pass over a copy of the point, which learns. */
static tsr_status train_once(const training_run *run, tsr_point point, int64_t items) {
    const tsr_bound_stage training = training_stage(run->stage, &point, items);
    const int64_t begin = 0, end = tsr_stage_tiles(&training, 0);
    const tsr_pass pass = {.stage = &training, .begin = &begin, .end = &end};
    tsr_states found = {0};
    tsr_status status = tsr_pass_run(&pass, run->comm, run->options, &found, run->account);
    if (status == TSR_OK)
        status = tsr_comm_agree(run->comm, point.sampling.design->train(point.design_model, found.state[0]));
    tsr_states_clear(&found);
    return status;
}

tsr_status tsr_training_run(tsr_bound_stage *stage, tsr_comm *comm, const tsr_run_options *options,
                            tsr_rank_account *account) {
    const tsr_design *design = stage->spec->design.table;
    const training_run run = {stage, comm, options, account};
    if (design == NULL || design->training_items == NULL) return TSR_OK;
    for (int64_t p = 0; p < stage->span.points; p++)
        for (int64_t items; (items = design->training_items(stage->point[p].design_model)) > 0;)
            TSR_TRY(train_once(&run, stage->point[p], items));
    return TSR_OK;
}
