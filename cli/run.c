#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/launch.h"
#include "cli/progress.h"
#include "cli/summary.h"

#include "engine/placement.h"
#include "io/job/job.h"
#include "io/result/result_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    tsr_words set;
    const char *out;
    bool force;
    int threads;
    bool oversubscribe;
    bool quiet;
    bool json;
    uint64_t shuffle;
} run_values;

static const tsr_option options[] = {
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "change the job: --set items=1e6 --set strike=110",
     offsetof(run_values, set)},
    {"out", 'o', TSR_OPTION_TEXT, "FILE", "where results go (default: the job's name with .h5, in this folder)",
     offsetof(run_values, out)},
    {"force", 'f', TSR_OPTION_FLAG, NULL, "replace that file if it exists", offsetof(run_values, force)},
    {"threads", '\0', TSR_OPTION_COUNT, "N", "threads per rank (default: OMP_NUM_THREADS, or all CPUs it may use)",
     offsetof(run_values, threads)},
    {"oversubscribe", '\0', TSR_OPTION_FLAG, NULL, "allow more threads than CPUs: same results, but slow",
     offsetof(run_values, oversubscribe)},
    {"quiet", 'q', TSR_OPTION_FLAG, NULL, "print nothing but errors, and what --json asks for",
     offsetof(run_values, quiet)},
    {"json", 'j', TSR_OPTION_FLAG, NULL, "print the results as one JSON object", offsetof(run_values, json)},
    {"shuffle-tiles", '\0', TSR_OPTION_SEED, "SEED", "for tests: another order of work, which must change nothing",
     offsetof(run_values, shuffle)},
    {.name = NULL},
};

/* Everything a run holds, in the order in which it is made. */
typedef struct {
    run_values values;
    const char *path;
    char *command;
    char *command_advised; /* without what it says about threads */
    tsr_launch launch;
    int64_t begun_ns;
    int64_t started_s;
    tsr_comm *comm;
    tsr_catalog *catalog;
    tsr_job *job;
    tsr_plan *plan;
    tsr_placement *placement;
    char *target;
    tsr_outcome *outcome;
    char digest[TSR_DIGEST_CHARS];
    bool is_stored;
} session;

static bool is_first(const session *run) { return run->comm->rank == 0; }

static tsr_status fail_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left to prepare the run"); }

/* ---- before MPI ---- */

static tsr_status prepare(int argc, char **argv, session *run) {
    tsr_words operands;
    run->begun_ns = tsr_clock_ns();
    run->started_s = (int64_t)time(NULL);
    run->command = tsr_launch_command(argc, argv, false);
    run->command_advised = tsr_launch_command(argc, argv, true);
    if (run->command == NULL || run->command_advised == NULL) return fail_memory();
    TSR_TRY(tsr_command_parse(&tsr_command_run, argc, argv, &run->values, &operands));
    run->path = operands.word[0];
    run->launch = (tsr_launch){.launcher = tsr_launcher_find(), .command = run->command_advised};
    return tsr_launch_threads(run->values.threads, &run->launch.threads);
}

/* ---- the job ---- */

/* A copy of rank 0's text for every rank. Collective. */
static tsr_status share(tsr_comm *comm, const char *text, char **out) {
    int64_t bytes = (int64_t)strlen(text) + 1;
    comm->broadcast(comm, &bytes, (int64_t)sizeof(bytes), 0);
    char *copy = comm->rank == 0 ? strdup(text) : malloc((size_t)bytes);
    tsr_status status = tsr_comm_agree(comm, copy == NULL ? fail_memory() : TSR_OK);
    if (status != TSR_OK || copy == NULL) {
        free(copy);
        return status;
    }
    comm->broadcast(comm, copy, bytes, 0);
    *out = copy;
    return TSR_OK;
}

/* One rank reads the file, so that all have the same job, also where each sees another file or draws a seed. */
static tsr_status read_job(session *run) {
    char *text = NULL, *folder = NULL;
    tsr_status status = tsr_catalog_create(&run->catalog);
    if (status == TSR_OK && is_first(run))
        status = tsr_job_read(run->path, (const char *const *)run->values.set.word, run->values.set.count, run->catalog,
                              &run->job);
    TSR_TRY_OUT(tsr_comm_agree(run->comm, status));
    TSR_TRY_OUT(share(run->comm, is_first(run) ? run->job->resolved : "", &text));
    TSR_TRY_OUT(share(run->comm, is_first(run) ? run->job->folder : "", &folder));
    TSR_ASSERT(text != NULL && folder != NULL);
    if (!is_first(run)) status = tsr_job_parse(text, strlen(text), run->path, folder, NULL, 0, run->catalog, &run->job);
    TSR_TRY_OUT(tsr_comm_agree(run->comm, status));
    status = tsr_comm_agree(run->comm, tsr_plan_create(run->job, &run->plan));
out:
    free(text);
    free(folder);
    return status;
}

/* ---- where it runs, where results go ---- */

static tsr_status place(session *run) {
    TSR_TRY(tsr_placement_check(run->comm, &run->launch, &run->placement));
    bool is_refused = run->placement->oversubscribed_threads && !run->values.oversubscribe;
    tsr_status status = TSR_OK;
    if (is_refused) status = TSR_FAIL(TSR_EUSAGE, "%.900s (or allow it: --oversubscribe)", run->placement->advice);
    return tsr_comm_agree(run->comm, status);
}

static tsr_status choose_target(session *run) {
    const char *out = run->values.out;
    if (asprintf(&run->target, "%s%s", out ? out : run->job->name, out ? "" : ".h5") < 0) run->target = NULL;
    tsr_status status = run->target == NULL ? fail_memory() : TSR_OK;
    if (status == TSR_OK && is_first(run)) status = tsr_result_file_check(run->target, run->values.force);
    return tsr_comm_agree(run->comm, status);
}

/* ---- work ---- */

static void note_placement(const session *run) {
    bool is_said = run->placement->advice[0] != '\0' && is_first(run) && !run->values.quiet;
    if (is_said) fprintf(stderr, "tessera: note: %s\n", run->placement->advice);
}

static tsr_status compute(session *run) {
    note_placement(run);
    tsr_progress_line line = tsr_progress_line_make(stderr);
    const tsr_run_options how = {.threads = run->placement->place[run->comm->rank].threads,
                                 .tile_shuffle = run->values.shuffle,
                                 .progress = run->values.quiet ? NULL : tsr_progress_line_show,
                                 .progress_data = &line};
    tsr_status status = tsr_plan_run(run->plan, run->comm, &how, &run->outcome);
    tsr_progress_line_clear(&line);
    return status;
}

static double elapsed_s(const session *run) { return (double)(tsr_clock_ns() - run->begun_ns) * 1e-9; }

static tsr_status store(session *run) {
    TSR_TRY(tsr_comm_agree(run->comm, tsr_digest_outcome(run->outcome, run->digest)));
    const tsr_run_record record = {.job = run->job,
                                   .outcome = run->outcome,
                                   .placement = run->placement,
                                   .digest = run->digest,
                                   .command = run->command,
                                   .started_s = run->started_s,
                                   .elapsed_s = elapsed_s(run),
                                   .threads = run->placement->place[0].threads};
    return tsr_result_file_write(run->target, run->values.force, &record, run->comm);
}

static tsr_status tell(const session *run) {
    const tsr_report report = {.job = run->job->name,
                               .digest = run->digest,
                               .seed = run->job->seed,
                               .file = run->is_stored ? run->target : "none: it could not be written",
                               .seconds = elapsed_s(run),
                               .ranks = run->comm->size,
                               .threads = run->placement->place[0].threads};
    const tsr_style style = {.utf8 = tsr_format_is_utf8(), .pictures = isatty(STDOUT_FILENO)};
    if (!is_first(run)) return TSR_OK;
    if (run->values.json) return tsr_json_print(&report, run->outcome, stdout);
    if (run->values.quiet) return TSR_OK;
    if (run->job->title != NULL) printf("%s\n\n", run->job->title);
    return tsr_summary_print(&report, run->outcome, style, stdout);
}

/* Collective: every step ends with the same verdict on all ranks. Results that could not be stored are told all the
 * same: they may have taken hours. */
static tsr_status work(session *run) {
    TSR_TRY(read_job(run));
    TSR_TRY(place(run));
    TSR_TRY(choose_target(run));
    TSR_TRY(compute(run));
    tsr_status stored = store(run);
    run->is_stored = stored == TSR_OK;
    tsr_status status = tell(run);
    if (status == TSR_OK) status = tsr_command_flush();
    return stored != TSR_OK ? stored : tsr_comm_agree(run->comm, status);
}

static void clear(session *run) {
    tsr_outcome_destroy(&run->outcome);
    free(run->target);
    tsr_placement_destroy(&run->placement);
    tsr_plan_destroy(&run->plan);
    tsr_job_destroy(&run->job);
    tsr_catalog_destroy(&run->catalog);
    tsr_comm_close(&run->comm);
    tsr_options_clear(options, &run->values);
    free(run->command_advised);
    free(run->command);
}

/* After a failed write a rank may wait inside HDF5 for ever, for a disk that is full. So who knows what went wrong says
 * it and ends all ranks without meeting them; who only heard of it waits for that. */
static void end_failed_write(tsr_comm *comm) {
    bool knows = tsr_error_get()->status != TSR_EPEER;
    tsr_command_say(TSR_EIO);
    if (!knows) comm->barrier(comm);
    comm->abort(comm, tsr_status_exit_code(TSR_EIO));
}

static tsr_status run_job(int argc, char **argv) {
    session run = {0};
    tsr_status status = tsr_command_say_once(prepare(argc, argv, &run));
    if (status == TSR_OK) {
        status = tsr_comm_open(&run.comm);
        if (status == TSR_OK) status = work(&run);
        if (status == TSR_EIO && run.outcome != NULL && run.comm->is_mpi) end_failed_write(run.comm);
        tsr_command_say(status);
    }
    clear(&run);
    return status;
}

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
