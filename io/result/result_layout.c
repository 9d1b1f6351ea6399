#include "io/result/result_layout.h"

tsr_status tsr_result_layout(const tsr_run_record *record, tsr_contents *contents) {
    tsr_result_axes axes = {.job = record->job, .contents = contents};
    tsr_status status = TSR_OK;
    tsr_result_add_provenance(record, contents);
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        TSR_TRY_OUT(tsr_result_add_results(stage, &axes));
        tsr_result_add_history(stage, &axes);
    }
    tsr_result_add_parameters(record, contents);
    tsr_result_add_ranks(record, contents);
    tsr_result_add_state(record, contents);
out:
    tsr_result_axes_clear(&axes);
    return status;
}
