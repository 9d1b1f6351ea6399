/* Overrides: what --set changes in a job before it is read. */
#ifndef TSR_IO_JOB_OVERRIDE_H
#define TSR_IO_JOB_OVERRIDE_H

#include "engine/job.h"

/* Applies "path=value" to a document that is a map but need not be a correct job. path: as io/job_slot.h has it, or
 * sweep.KEY for one key of the sweep; value: YAML. What it makes stands at "--set path".
 * TSR_EUSAGE: malformed, unknown or ambiguous path, or a parameter that is swept; TSR_ERUNTIME: no memory. */
tsr_status tsr_override_apply(tsr_setting *document, const char *override, const tsr_catalog *catalog);

#endif
