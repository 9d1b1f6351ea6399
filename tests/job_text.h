/* For tests: a job written as text, run in this process. */
#ifndef TSR_TESTS_JOB_TEXT_H
#define TSR_TESTS_JOB_TEXT_H

#include "engine/run.h"
#include "io/job/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    tsr_job *job;
    tsr_plan *plan;
    tsr_comm *comm;
    tsr_outcome *outcome;
    tsr_status status;
} tsr_text_run;

/* Clear it in any case. */
static inline tsr_text_run text_run(const tsr_catalog *catalog, const char *text, int threads) {
    tsr_text_run run = {0};
    const tsr_run_options options = {.threads = threads};
    tsr_error_clear();
    assert_int_equal(tsr_comm_self_open(&run.comm), TSR_OK);
    run.status = tsr_job_parse(text, strlen(text), "j.yaml", "", NULL, 0, catalog, &run.job);
    if (run.status == TSR_OK) run.status = tsr_plan_create(run.job, &run.plan);
    if (run.status == TSR_OK) run.status = tsr_plan_run(run.plan, run.comm, &options, &run.outcome);
    return run;
}

static inline void text_run_clear(tsr_text_run *run) {
    tsr_outcome_destroy(&run->outcome);
    tsr_plan_destroy(&run->plan);
    tsr_job_destroy(&run->job);
    tsr_comm_close(&run->comm);
}

static inline const tsr_stage_outcome *text_stage(const tsr_text_run *run, int stage) {
    if (run->status != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return tsr_outcome_stage(run->outcome, stage);
}

static inline const tsr_result *text_result(const tsr_text_run *run, int64_t point, const char *name) {
    const tsr_result *result = tsr_results_find(text_stage(run, 0)->results[point], name);
    if (result == NULL) fail_msg("there is no result '%s'", name);
    return result;
}

/* The job must be refused, or end, with this status and a sentence that holds these words. */
static inline void text_refused(const tsr_catalog *catalog, const char *text, tsr_status status, const char *words) {
    tsr_text_run run = text_run(catalog, text, 2);
    assert_int_equal(run.status, status);
    if (strstr(tsr_error_get()->message, words) == NULL) fail_msg("%s", tsr_error_get()->message);
    text_run_clear(&run);
}

#endif
