#include "cli/named_stage.h"

#include "engine/param.h"
#include "io/job/job_keys.h"

#include <string.h>

tsr_status tsr_named_stage(const tsr_job *job, const char *asked_by, const char *name, int *stage) {
    const char *names[TSR_STAGES_MAX + 1] = {NULL};
    char hint[TSR_HINT_BYTES];
    TSR_ASSERT(job->stage_count <= TSR_STAGES_MAX);
    for (int i = 0; i < job->stage_count; i++) {
        names[i] = job->stages[i].name;
        *stage = i;
        if (strcmp(name, names[i]) == 0) return TSR_OK;
    }
    tsr_nearest_hint(name, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "%.120s: there is no stage '%.80s'%s", asked_by, name, hint);
}
