#include "cli/session.h"

#include "io/job/job.h"

#include <stdlib.h>

static const tsr_option options[] = {
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "change the job: --set items=1e6 --set strike=110",
     offsetof(tsr_session_values, set)},
    {"out", 'o', TSR_OPTION_TEXT, "FILE", "where results go (default: the job's name with .h5, in this folder)",
     offsetof(tsr_session_values, out)},
    {"force", 'f', TSR_OPTION_FLAG, NULL, "replace that file if it exists", offsetof(tsr_session_values, force)},
    TSR_OPTION_ROW_THREADS,
    TSR_OPTION_ROW_OVERSUBSCRIBE,
    TSR_OPTION_ROW_STALL,
    TSR_OPTION_ROW_QUIET,
    TSR_OPTION_ROW_JSON,
    TSR_OPTION_ROW_SHUFFLE,
    {.name = NULL},
};

static tsr_status read_job(tsr_session *session) {
    tsr_status status = TSR_OK;
    const tsr_words *set = &session->values.set;
    if (tsr_session_is_first(session))
        status =
            tsr_job_read(session->path, (const char *const *)set->word, set->count, session->catalog, &session->job);
    return tsr_session_share_job(session, status);
}

static tsr_status aim(tsr_session *session) {
    const char *out = session->values.out;
    char *target = NULL;
    if (asprintf(&target, "%s%s", out ? out : session->job->name, out ? "" : ".h5") < 0) target = NULL;
    tsr_status status = target == NULL ? TSR_FAIL(TSR_ERUNTIME, "no memory left to prepare the run") : TSR_OK;
    status = tsr_comm_agree(session->comm, status);
    if (status == TSR_OK) status = tsr_session_aim(session, target, session->values.force);
    free(target);
    return status;
}

static tsr_status work(tsr_session *session) {
    TSR_TRY(read_job(session));
    TSR_TRY(tsr_session_place(session));
    TSR_TRY(aim(session));
    TSR_TRY(tsr_session_compute(session));
    return tsr_session_finish(session, session->values.force);
}

static tsr_status run_job(int argc, char **argv) { return tsr_session_run(&tsr_command_run, argc, argv, work); }

const tsr_command tsr_command_run = {
    .name = "run",
    .operands = "JOB",
    .summary = "Runs a job file and writes its results to one HDF5 file",
    .details = "The results are the same, bit for bit, for any number of ranks and threads; the digest printed at\n"
               "the end is equal when they are. Under mpirun or srun all ranks work on the job together.\n",
    .examples = "  tessera run pi.yaml\n"
                "  tessera run pi.yaml --set items=1e9 --out big.h5\n"
                "  mpirun -n 2 --map-by slot:PE=4 tessera run pi.yaml      (2 ranks, 4 threads each)\n"
                "  tessera run pi.yaml --json --quiet | python3 -m json.tool\n",
    .options = options,
    .is_collective = true,
    .run = run_job,
};
