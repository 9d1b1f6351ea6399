/* What a run found, as one JSON object on one line of text. Hides jansson. */
#ifndef TSR_CLI_JSON_H
#define TSR_CLI_JSON_H

#include "engine/run.h"

#include <stdio.h>

/* What is told besides the outcome. Borrowed for the call. */
typedef struct {
    const char *job;
    const char *digest;
    uint64_t seed; /* as given, or as drawn */
    const char *file;
    double seconds;
    int ranks;
    int threads;         /* per rank */
    int64_t checkpoints; /* that were taken */
    double still_s;      /* that computing stood still for them */
} tsr_report;

/* What a stage has cost so far, in this run and in those that it extends. */
double tsr_report_core_seconds(const tsr_report *report, const tsr_stage_outcome *stage);

/* {"job", "digest", "seed", "seconds", "ranks", "threads", "file", "checkpoints", "still_seconds", "stages": {STAGE:
 * {"items", "core_seconds", "precise" (true or false, after `until`), "results": {NAME: {"value", "error", "cost",
 * "unit"}}}}}. cost: error^2 x core-seconds. NAME: tsr_result_label, in a swept stage with the point:
 * "mean.payoff[strike=90]". Numbers have 17 significant digits; what is not a finite number, or an error that does not
 * exist, is null. TSR_ERUNTIME: no memory.
 */
tsr_status tsr_json_print(const tsr_report *report, const tsr_outcome *outcome, FILE *out);

#endif
