#include "cli/recovery.h"

#include "engine/refold.h"
#include "engine/share.h"
#include "engine/shell.h"
#include "engine/signals.h"
#include "io/job/job.h"

#include <stdio.h>
#include <stdlib.h>

static const tsr_option options[] = {
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "change the job: --set items=1e6 --set strike=110",
     offsetof(tsr_session_values, set)},
    {"out", 'o', TSR_OPTION_TEXT, "FILE", "where results go (default: the job's name with .h5, in this folder)",
     offsetof(tsr_session_values, out)},
    {"force", 'f', TSR_OPTION_FLAG, NULL, "replace that file if it exists", offsetof(tsr_session_values, force)},
    {"resume", 'r', TSR_OPTION_FLAG, NULL, "go on if the job was begun before; for scripts that start from the top",
     offsetof(tsr_session_values, resume)},
    TSR_OPTION_ROWS_COMPUTING,
    {.name = NULL},
};

static bool is_first(const tsr_session *session) { return tsr_session_is_first(session); }

/* ---- the job ---- */

static tsr_status read_job(tsr_session *session) {
    const tsr_words *set = &session->values.set;
    return tsr_job_read(session->path, (const char *const *)set->word, set->count, session->catalog, &session->job);
}

static tsr_status choose_target(tsr_session *session, char **out) {
    const char *named = session->values.out;
    char *target = NULL;
    if (asprintf(&target, "%s%s", named ? named : session->job->name, named ? "" : ".h5") < 0)
        return tsr_session_fail_memory();
    *out = target;
    return TSR_OK;
}

/* ---- going on ---- */

/* From here on the job is the stored one, which has its seed also where that was drawn. */
static tsr_status find_earlier(tsr_session *session, const char *target) {
    if (!tsr_recovery_exists(target)) return TSR_OK;
    TSR_TRY(tsr_recovery_read(session, target));
    TSR_TRY(tsr_recovery_compare(session, target));
    tsr_job_destroy(&session->job);
    return tsr_session_parse_stored(session, NULL, 0, &session->job);
}

static tsr_status prepare(tsr_session *session, const char *target) {
    TSR_REQUIRE(!session->values.resume || !session->values.force, TSR_EUSAGE,
                "run: --resume goes on with what there is, and --force begins anew: only one of them can be");
    if (session->values.resume) return find_earlier(session, target);
    return tsr_recovery_check_free(target, session->values.force);
}

/* What rank 0 has found, for every rank. */
static tsr_status share(tsr_session *session, tsr_status found) {
    uint64_t is_stored = is_first(session) && session->stored != NULL;
    TSR_TRY(tsr_comm_agree(session->comm, found));
    session->comm->broadcast(session->comm, &is_stored, sizeof(is_stored), 0);
    if (is_stored != 0) TSR_TRY(tsr_stored_run_share(session->comm, &session->stored));
    return tsr_session_share_job(session, TSR_OK);
}

static bool is_finished(const tsr_session *session) {
    return session->stored != NULL && !session->stored->is_checkpoint;
}

/* What it was computed from must still be what it was. */
static tsr_status compare_inputs(const tsr_session *session) {
    for (int i = 0; i < session->job->stage_count; i++)
        TSR_TRY(tsr_plan_compare_inputs(session->plan, i, &session->stored->stage[i]));
    return TSR_OK;
}

static tsr_status say_finished(const tsr_session *session) {
    TSR_TRY(tsr_comm_agree(session->comm, compare_inputs(session)));
    if (is_first(session) && !session->values.quiet)
        fprintf(stderr, "tessera: note: nothing to compute: %s is finished; it stays as it is\n", session->target);
    return TSR_OK;
}

/* ---- work ---- */

/* A bad target is refused before it is locked: the lock stands beside it. */
static tsr_status find(tsr_session *session, char **target) {
    tsr_status status = TSR_OK;
    if (is_first(session)) status = read_job(session);
    if (is_first(session) && status == TSR_OK) status = choose_target(session, target);
    TSR_TRY(tsr_comm_agree(session->comm, status));
    TSR_TRY(tsr_session_place(session));
    TSR_TRY(tsr_share_text(session->comm, is_first(session) ? *target : NULL, &session->target));
    const bool may_be_there = session->values.force || session->values.resume;
    TSR_TRY(tsr_session_aim(session, may_be_there));
    TSR_TRY(tsr_session_lock(session, session->target));
    return share(session, is_first(session) ? prepare(session, session->target) : TSR_OK);
}

/* What has come to where the results of a run that goes on are to be. */
static tsr_status check_way(const tsr_session *session, bool replaces) {
    const bool is_judged = is_first(session) && session->stored != NULL && !replaces;
    if (!is_judged) return TSR_OK;
    if (tsr_result_file_check(session->target, false) == TSR_OK) return TSR_OK;
    tsr_error_clear();
    return TSR_FAIL(TSR_EUSAGE,
                    "%s is in the way of the results of the run that is to go on; move it away, or: tessera "
                    "resume %s --out FILE",
                    session->target, tsr_shell_word(session->target).text);
}

static tsr_status compute(tsr_session *session) {
    const bool replaces = session->values.force || (session->stored != NULL && session->stored->replaces);
    TSR_TRY(tsr_comm_agree(session->comm, check_way(session, replaces)));
    TSR_TRY(tsr_comm_agree(session->comm, tsr_recovery_identify(session)));
    TSR_TRY(tsr_session_compute(session, replaces));
    return tsr_session_finish(session, replaces);
}

static tsr_status work(tsr_session *session) {
    char *target = NULL;
    tsr_status status = find(session, &target);
    free(target);
    if (status == TSR_OK) status = is_finished(session) ? say_finished(session) : compute(session);
    return status;
}

/* A request that comes before there are tiles waits for the first one. */
static tsr_status run_job(int argc, char **argv) {
    tsr_signals_watch();
    return tsr_session_run(&tsr_command_run, argc, argv, work);
}

const tsr_command tsr_command_run = {
    .name = "run",
    .operands = "JOB",
    .summary = "Runs a job file and writes its results to one HDF5 file",
    .details =
        "The results are the same, bit for bit, for any number of ranks and threads; the digest printed at\n"
        "the end is equal when they are. Under mpirun or srun all ranks work on the job together.\n"
        "Asked to stop (Ctrl-C, TERM, USR1, --max-time, the end of a Slurm job) the run puts itself on record and\n"
        "ends with exit code 75; killed, it has what it put on record last. Then: tessera resume OUT.\n",
    .examples = "  tessera run pi.yaml\n"
                "  tessera run pi.yaml --set items=1e9 --out big.h5\n"
                "  mpirun -n 2 --map-by slot:PE=4 tessera run pi.yaml      (2 ranks, 4 threads each)\n"
                "  srun --mpi=pmix tessera run pi.yaml --resume            (begins, or goes on after a requeue)\n"
                "  tessera run pi.yaml --json --quiet | python3 -m json.tool\n",
    .options = options,
    .is_collective = true,
    .run = run_job,
};
