/* Job files: text -> tree of settings -> tsr_job. docs/job-file.md is the reference of the language.
 * Names of sources, maps and tallies are looked up here; their parameters are bound later, by the engine's plan. */
#ifndef TSR_IO_JOB_H
#define TSR_IO_JOB_H

#include "engine/job.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { TSR_JOB_BYTES_MAX = 1 << 20 };

/* Reads a job file. overrides: [override_count] texts "path=value", the values of --set, applied in this order before
 * anything is checked. catalog: kept until the job is destroyed. A job without a seed draws one from the operating
 * system. Not collective; thread-safe; allocates *out.
 * With several ranks: one of them reads, and the others parse its `resolved` without overrides, so that all have the
 * same job with the same seed.
 * TSR_EUSAGE: the file cannot be read, or it or an override is no job; the sentence tells the place.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_job_read(const char *path, const char *const *overrides, int override_count, const tsr_catalog *catalog,
                        tsr_job **out);

/* The same for a text of `bytes` bytes, whatever their number. name: the file's, for messages; folder: for relative
 * paths, "" for the current one. All texts are copied. */
tsr_status tsr_job_parse(const char *text, size_t bytes, const char *name, const char *folder,
                         const char *const *overrides, int override_count, const tsr_catalog *catalog, tsr_job **out);

/* The path by which --set reaches the number of items of a stage: "loss.items", or "loss.until.max_items" where the job
 * has it there. out: [bytes], cut off. Thread-safe, allocates nothing. */
void tsr_job_items_path(const tsr_job *job, int stage, char *out, size_t bytes);

/* Whether the seed of a job was drawn when it was read, and not written in it. */
bool tsr_job_seed_is_drawn(const tsr_job *job);

void tsr_job_destroy(tsr_job **job); /* accepts NULL, sets NULL */

/* The text of a file of at most TSR_JOB_BYTES_MAX bytes, followed by a zero that does not count. Not collective;
 * thread-safe; allocates *text (free). TSR_EUSAGE: missing, a folder, unreadable or too large; TSR_ERUNTIME. */
tsr_status tsr_job_file_read(const char *path, char **text, size_t *bytes);

#endif
