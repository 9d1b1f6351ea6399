/* libFuzzer target of the reader of checkpoints, without a seal in front, and of going on from what it lets through.
 * Not part of the build; from the root of the sources, after a build of the release preset:
 *   clang-14 -g -O1 -std=gnu17 -D_GNU_SOURCE -I. -Ibuild/release/generated -fsanitize=fuzzer,address,undefined \
 *       $(pkg-config --cflags hdf5-openmpi) $(mpicc --showme:compile) tests/fuzz/fuzz_checkpoint.c \
 *       io/result/{contents,contents_file,digest,h5,h5_image,h5_read,image,seal}.c io/result/stored_*.c \
 *       -Lbuild/release/cli -ltessera_cli -Lbuild/release/io -ltessera_io \
 *       -Lbuild/release/lib -Wl,-rpath,$PWD/build/release/lib -ltessera -lyaml -lcsv -ljansson -lm \
 *       $(pkg-config --libs hdf5-openmpi nettle) $(mpicc --showme:link) -lhdf5_openmpi_hl -o build/fuzz_checkpoint
 *   mkdir -p build/corpus_checkpoint
 *   ASAN_OPTIONS=detect_leaks=0 build/fuzz_checkpoint -max_total_time=180 -max_len=100000 build/corpus_checkpoint
 * tests/fuzz/corpus/checkpoint The corpus: tests/fuzz/checkpoint.yaml, stopped early (tessera run --max-time 0.01) and
 * killed later on. HDF5 loses memory when a file does not open, hence no search for leaks. */
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
