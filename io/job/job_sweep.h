/* Sweeps: the parameters that take several values, each combination being one point. */
#ifndef TSR_IO_JOB_SWEEP_H
#define TSR_IO_JOB_SWEEP_H

#include "engine/job.h"

#include <stdbool.h>

/* Reads the `sweep` of job->document, if there is one, into the job, with memory of the arena job->memory; the stages
 * have been read before. An axis over `items` also gives its first value to a stage without items.
 * TSR_EUSAGE: with the place; TSR_ERUNTIME: no memory. */
tsr_status tsr_sweep_read(const tsr_catalog *catalog, tsr_job *job);

/* True for the keys of a sweep that are no axis: mode, common_random_numbers, differences. */
bool tsr_sweep_is_option(const char *key);

#endif
