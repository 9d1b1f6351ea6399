/* Stages: what a job does one after the other. */
#ifndef TSR_IO_JOB_STAGE_H
#define TSR_IO_JOB_STAGE_H

#include "engine/job.h"

/* Reads job->document, either its list of stages or itself as a single one, into job->stages, with memory of the arena
 * job->memory. TSR_EUSAGE: with the place; TSR_ERUNTIME: no memory. */
tsr_status tsr_stages_read(const tsr_catalog *catalog, tsr_job *job);

#endif
