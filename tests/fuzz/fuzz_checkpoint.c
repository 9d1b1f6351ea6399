/* Fuzz target of the reader of checkpoints, without a seal in front, and of going on from what it lets through. The
 * kept inputs begin with checkpoint.yaml, stopped (tessera run --max-time 0.01) and gone on with in the same way. */
#include "cli/catalog.h"
#include "engine/run.h"
#include "io/job/job.h"
#include "io/result/seal.h"
#include "io/result/stored_run.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static tsr_catalog *catalog;
static tsr_comm *comm;
static tsr_job *job;

static tsr_wish wish(void *data) {
    int *looks = data;
    return ++*looks >= 3 ? TSR_WISH_STOP : TSR_WISH_GO_ON;
}

static tsr_status keep(const tsr_snapshot *snapshot, bool stops, void *data) {
    (void)snapshot, (void)data;
    return stops ? TSR_FAIL(TSR_ESTOPPED, "stopped") : TSR_OK;
}

/* A seal would keep everything out that is not as it was: what looks like one is cut off. */
static int64_t unsealed_bytes(const uint8_t *data, size_t bytes) {
    const bool has_seal =
        bytes >= TSR_SEAL_BYTES && tsr_seal_check(data + bytes - TSR_SEAL_BYTES, TSR_SEAL_BYTES) != TSR_SEAL_NONE;
    return (int64_t)bytes - (has_seal ? TSR_SEAL_BYTES : 0);
}

static void begin(void) {
    if (job != NULL) return;
    if (tsr_catalog_create(&catalog) != TSR_OK || tsr_comm_self_open(&comm) != TSR_OK ||
        tsr_job_read("tests/fuzz/checkpoint.yaml", NULL, 0, catalog, &job) != TSR_OK)
        abort();
}

static void go_on(const tsr_stored_run *run) {
    int looks = 0;
    tsr_plan *plan = NULL;
    tsr_outcome *outcome = NULL;
    const tsr_keeper keeper = {.wish = wish, .keep = keep, .data = &looks};
    const tsr_run_options options = {.threads = 1, .stored = run->stage, .keeper = &keeper};
    if (strcmp(run->job, job->resolved) != 0) return; /* refused by every command */
    if (tsr_plan_create(job, &plan) != TSR_OK) abort();
    if (tsr_plan_run(plan, comm, &options, &outcome) != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    tsr_outcome_destroy(&outcome);
    tsr_plan_destroy(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    tsr_image image = {malloc(bytes + 1), unsealed_bytes(data, bytes)};
    tsr_stored_run *run = NULL;
    begin();
    memcpy(image.bytes, data, bytes);
    tsr_error_clear();
    const tsr_status status = tsr_stored_run_take(&image, &run);
    if (status != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    if (status == TSR_OK && run->stages == job->stage_count) go_on(run);
    tsr_stored_run_destroy(&run);
    tsr_image_clear(&image);
    return 0;
}
