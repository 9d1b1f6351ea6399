/* The stage of a job that somebody names on the command line. */
#ifndef TSR_CLI_NAMED_STAGE_H
#define TSR_CLI_NAMED_STAGE_H

#include "engine/job.h"

/* Its number. asked_by: how a refusal begins: "replay", "resume: --items dart=1e9". Not collective, allocates nothing.
 * TSR_EUSAGE: there is none; names the nearest. */
tsr_status tsr_named_stage(const tsr_job *job, const char *asked_by, const char *name, int *stage);

#endif
