/* For tests: a job of the program's own kernels, run once in this process: from its beginning or from what is stored,
 * to its end or until its keeper stops it. */
#ifndef TSR_TESTS_JOB_RUN_H
#define TSR_TESTS_JOB_RUN_H

#include "cli/catalog.h"
#include "engine/run.h"
#include "io/job/job.h"
#include "io/result/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    tsr_catalog *catalog;
    tsr_job *job;
    tsr_plan *plan;
    tsr_comm *comm;
    tsr_outcome *outcome;
    tsr_status status;
    char digest[TSR_DIGEST_CHARS];
} job_run;

/* set: "items=100" or "until.max_items=100", or NULL. stored, keeper: or NULL. End it in any case. */
static inline job_run run_job(const char *text, const char *set, const tsr_stored_stage *stored,
                              const tsr_keeper *keeper, int threads) {
    job_run run = {.digest = ""};
    tsr_error_clear();
    assert_int_equal(tsr_catalog_create(&run.catalog), TSR_OK);
    assert_int_equal(tsr_comm_self_open(&run.comm), TSR_OK);
    const tsr_run_options options = {
        .threads = threads, .tile_shuffle = (uint64_t)threads * 77, .stored = stored, .keeper = keeper};
    run.status = tsr_job_parse(text, strlen(text), "test", "", &set, set != NULL, run.catalog, &run.job);
    if (run.status == TSR_OK) run.status = tsr_plan_create(run.job, &run.plan);
    if (run.status == TSR_OK) run.status = tsr_plan_run(run.plan, run.comm, &options, &run.outcome);
    if (run.status == TSR_OK) run.status = tsr_digest_outcome(run.outcome, run.digest);
    return run;
}

/* The run, which must have come so far. */
static inline job_run must(tsr_status status, job_run run) {
    if (run.status != status) print_error("%s\n", tsr_error_get()->message);
    assert_int_equal(run.status, status);
    return run;
}

static inline void end(job_run *run) {
    tsr_outcome_destroy(&run->outcome);
    tsr_plan_destroy(&run->plan);
    tsr_job_destroy(&run->job);
    tsr_comm_close(&run->comm);
    tsr_catalog_destroy(&run->catalog);
}

#endif
