#include "io/result/result_layout.h"
#include "io/result/stored_prints.h"

void tsr_result_add_prints(const tsr_run_record *record, tsr_contents *contents) {
    const int integrity = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "integrity");
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        const int group = tsr_contents_group(contents, integrity, stage->name);
        tsr_contents_text(contents, group, "stage", stage->name);
        tsr_stored_prints_add(stage->prints, contents, group);
    }
}
