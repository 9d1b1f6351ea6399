#include "io/result/result_layout.h"

/* What is known of a sweep as a whole is written like a stage without one. */
static tsr_status add_whole(const tsr_stage_outcome *stage, tsr_result_axes *axes) {
    const tsr_results *results[] = {stage->whole};
    tsr_stage_outcome whole = *stage;
    whole.points = whole.sets = 1;
    whole.axes = 0;
    whole.results = results;
    return tsr_result_add_results(&whole, axes);
}

tsr_status tsr_result_add_stages(const tsr_run_record *record, tsr_contents *contents) {
    tsr_result_axes axes = {.job = record->job, .contents = contents};
    tsr_status status = TSR_OK;
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        TSR_TRY_OUT(tsr_result_add_results(stage, &axes));
        if (stage->whole != NULL) TSR_TRY_OUT(add_whole(stage, &axes));
        tsr_result_add_history(stage, &axes);
    }
out:
    tsr_result_axes_clear(&axes);
    return status;
}

tsr_status tsr_result_layout(const tsr_run_record *record, tsr_contents *contents) {
    tsr_result_add_provenance(record, contents);
    TSR_TRY(tsr_result_add_stages(record, contents));
    tsr_result_add_parameters(record, contents);
    tsr_result_add_ranks(record, contents);
    tsr_result_add_state(record, contents);
    tsr_result_add_points(record, contents);
    tsr_result_add_inputs(record, contents);
    tsr_result_add_prints(record, contents);
    return TSR_OK;
}
