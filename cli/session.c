#include "cli/session.h"

#include "cli/catalog.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/keeping.h"
#include "cli/summary.h"

#include "engine/crash.h"
#include "engine/duration.h"
#include "engine/share.h"
#include "engine/shell.h"
#include "engine/targets.h"
#include "engine/team.h"
#include "io/job/job.h"
#include "io/result/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool tsr_session_is_first(const tsr_session *session) { return session->comm->rank == 0; }

tsr_status tsr_session_fail_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left to prepare the run"); }

/* ---- before MPI ---- */

static tsr_status read_stall_limit(const char *text, tsr_sentry_options *out) {
    double limit_s = TSR_SENTRY_LIMIT_S;
    if (text != NULL && strcmp(text, "never") == 0) limit_s = 0;
    if (text != NULL && strcmp(text, "never") != 0) TSR_TRY(tsr_duration_read(text, "--stall-limit", &limit_s));
    *out = tsr_sentry_options_make(limit_s);
    return TSR_OK;
}

static tsr_status prepare(const tsr_command *command, int argc, char **argv, tsr_session *session) {
    tsr_words operands;
    session->begun_ns = tsr_clock_ns();
    session->started_s = (int64_t)time(NULL);
    session->command = tsr_launch_command(argc, argv, false);
    session->command_advised = tsr_launch_command(argc, argv, true);
    if (session->command == NULL || session->command_advised == NULL) return tsr_session_fail_memory();
    TSR_TRY(tsr_command_parse(command, argc, argv, &session->values, &operands));
    TSR_TRY(read_stall_limit(session->values.stall_limit, &session->watch));
    session->path = operands.word[0];
    TSR_TRY(tsr_limits_read(&session->values.limits, session->begun_ns, &session->limits));
    session->launch = (tsr_launch){.launcher = tsr_launcher_find(), .command = session->command_advised};
    return tsr_launch_threads(session->values.threads, &session->launch.threads);
}

/* ---- the job ---- */

tsr_status tsr_session_parse_stored(const tsr_session *session, char *const *overrides, int count, tsr_job **out) {
    const tsr_stored_run *stored = session->stored;
    TSR_TRY(tsr_job_parse(stored->job, strlen(stored->job), stored->job_file, stored->folder,
                          (const char *const *)overrides, count, session->catalog, out));
    TSR_REQUIRE((*out)->stage_count == stored->stages, TSR_ECHECKPOINT,
                "%s: it has the state of %lld stages, and its job has %d", session->path, (long long)stored->stages,
                (*out)->stage_count);
    return TSR_OK;
}

void tsr_session_note_seal(const tsr_session *session) {
    if (session->stored->is_sealed || !tsr_session_is_first(session) || session->values.quiet) return;
    fprintf(stderr, "tessera: note: %s was changed by another program since it was written\n", session->path);
}

/* All have the same job, also where each sees another file, or draws another seed. */
tsr_status tsr_session_share_job(tsr_session *session, tsr_status read) {
    char *text = NULL, *folder = NULL, *file = NULL;
    const bool is_first = tsr_session_is_first(session);
    tsr_status status = TSR_OK;
    TSR_TRY_OUT(tsr_comm_agree(session->comm, read));
    TSR_TRY_OUT(tsr_share_text(session->comm, is_first ? session->job->resolved : NULL, &text));
    TSR_TRY_OUT(tsr_share_text(session->comm, is_first ? session->job->folder : NULL, &folder));
    TSR_TRY_OUT(tsr_share_text(session->comm, is_first ? session->job->file : NULL, &file));
    TSR_ASSERT(text != NULL && folder != NULL && file != NULL);
    if (!is_first) status = tsr_job_parse(text, strlen(text), file, folder, NULL, 0, session->catalog, &session->job);
    TSR_TRY_OUT(tsr_comm_agree(session->comm, status));
    status = session->plans_partly ? tsr_plan_create_partly(session->job, &session->plan)
                                   : tsr_plan_create(session->job, &session->plan);
    status = tsr_comm_agree(session->comm, status);
out:
    free(text);
    free(folder);
    free(file);
    return status;
}

/* ---- where it runs, where results go ---- */

tsr_status tsr_session_place(tsr_session *session) {
    TSR_TRY(tsr_placement_check(session->comm, &session->launch, &session->placement));
    const int threads = session->placement->place[session->comm->rank].threads;
    bool is_refused = session->placement->oversubscribed_threads && !session->values.oversubscribe;
    tsr_status status = TSR_OK;
    if (is_refused) status = TSR_FAIL(TSR_EUSAGE, "%.900s (or allow it: --oversubscribe)", session->placement->advice);
    if (status == TSR_OK) status = tsr_team_check(threads);
    return tsr_comm_agree(session->comm, status);
}

tsr_status tsr_session_lock(tsr_session *session, const char *target) {
    tsr_status status = TSR_OK;
    if (tsr_session_is_first(session))
        status = tsr_run_lock_take(target, session->name, session->values.break_lock, &session->lock);
    if (session->lock != NULL) tsr_checkpoint_sweep(target);
    return tsr_comm_agree(session->comm, status);
}

tsr_status tsr_session_aim(tsr_session *session, bool force) {
    tsr_status status = TSR_OK;
    if (tsr_session_is_first(session)) status = tsr_result_file_check(session->target, force);
    if (tsr_session_is_first(session) && status == TSR_OK) status = tsr_checkpoint_check(session->target);
    return tsr_comm_agree(session->comm, status);
}

/* ---- work ---- */

static void note_placement(const tsr_session *session) {
    bool is_said = session->placement->advice[0] != '\0' && tsr_session_is_first(session) && !session->values.quiet;
    if (is_said) fprintf(stderr, "tessera: note: %s\n", session->placement->advice);
}

tsr_run_options tsr_session_options(const tsr_session *session, tsr_progress_line *line) {
    return (tsr_run_options){.threads = session->placement->place[session->comm->rank].threads,
                             .tile_shuffle = session->values.shuffle,
                             .progress = session->values.quiet ? NULL : tsr_progress_line_show,
                             .progress_data = line,
                             .stored = session->stored != NULL ? session->stored->stage : NULL};
}

static double elapsed_s(const tsr_session *session) { return (double)(tsr_clock_ns() - session->begun_ns) * 1e-9; }

static tsr_run_record record_of(const tsr_session *session) {
    return (tsr_run_record){.job = session->job,
                            .outcome = session->outcome,
                            .placement = session->placement,
                            .digest = session->digest,
                            .command = session->command,
                            .id = session->id,
                            .history = session->stored != NULL ? session->stored->history : NULL,
                            .started_s = session->started_s,
                            .elapsed_s = elapsed_s(session),
                            .threads = session->placement->place[0].threads};
}

static tsr_status compute_kept(tsr_session *session, tsr_run_options *how, const tsr_keeping_options *kept) {
    tsr_keeping *keeping = NULL;
    tsr_status status = tsr_comm_agree(session->comm, tsr_keeping_create(kept, &keeping));
    if (status == TSR_OK) {
        how->keeper = tsr_keeping_keeper(keeping);
        status = tsr_plan_run(session->plan, session->comm, how, &session->outcome);
    }
    if (status == TSR_OK) session->kept = tsr_keeping_tell(keeping);
    tsr_keeping_destroy(&keeping);
    return status;
}

static void ask_limits(tsr_session *session) {
    char note[TSR_LIMITS_NOTE_BYTES];
    if (!tsr_session_is_first(session)) return;
    tsr_limits_ask(&session->limits, note);
    if (*note != '\0' && !session->values.quiet) fprintf(stderr, "tessera: note: %s\n", note);
}

tsr_status tsr_session_compute(tsr_session *session, bool replaces) {
    TSR_TRY(tsr_comm_agree(session->comm, tsr_plan_check_targets(session->plan, session->target)));
    note_placement(session);
    ask_limits(session);
    tsr_progress_line line = tsr_progress_line_make(stderr);
    tsr_run_options how = tsr_session_options(session, &line);
    const tsr_run_record record = record_of(session);
    const tsr_keeping_options kept = {.target = session->target,
                                      .record = &record,
                                      .roll = session->comm->roll,
                                      .line = &line,
                                      .terms = session->limits.terms,
                                      .limit = session->limits.end,
                                      .sequence = session->stored != NULL ? session->stored->sequence : 0,
                                      .replaces = replaces,
                                      .is_first = tsr_session_is_first(session)};
    const tsr_status status = compute_kept(session, &how, &kept);
    tsr_progress_line_clear(&line);
    return status;
}

/* The results are safe: nothing is left to go on from. */
static void forget_checkpoints(const tsr_session *session) {
    if (tsr_checkpoint_remove(session->target) == TSR_OK) return;
    fprintf(stderr, "tessera: warning: %s; its run is finished, so remove it\n", tsr_error_get()->message);
    tsr_error_clear();
}

static tsr_status store(tsr_session *session, bool replaces) {
    const tsr_run_record record = record_of(session);
    TSR_TRY(tsr_result_file_write(session->target, replaces, &record, session->comm));
    if (tsr_session_is_first(session)) forget_checkpoints(session);
    return TSR_OK;
}

static tsr_status print(const tsr_session *session, const char *file) {
    const tsr_report report = {.job = session->job->name,
                               .digest = session->digest,
                               .seed = session->job->seed,
                               .file = file,
                               .seconds = elapsed_s(session),
                               .ranks = session->comm->size,
                               .threads = session->placement->place[0].threads,
                               .checkpoints = session->kept.checkpoints,
                               .still_s = session->kept.still_s};
    const tsr_style style = {.utf8 = tsr_format_is_utf8(), .pictures = isatty(STDOUT_FILENO)};
    if (!tsr_session_is_first(session)) return TSR_OK;
    if (session->values.json) return tsr_json_print(&report, session->outcome, stdout);
    if (session->values.quiet) return TSR_OK;
    if (session->job->title != NULL) printf("%s\n\n", session->job->title);
    return tsr_summary_print(&report, session->outcome, style, stdout);
}

static tsr_status tell(const tsr_session *session, const char *file) {
    TSR_TRY(print(session, file));
    return tsr_command_flush();
}

static tsr_status compute_digest(tsr_session *session) {
    return tsr_comm_agree(session->comm, tsr_digest_outcome(session->outcome, session->digest));
}

/* What cannot be written here may find room elsewhere. */
static tsr_status advise(const tsr_session *session, tsr_status stored) {
    const bool is_kept = tsr_session_is_first(session) && tsr_checkpoint_exists(session->target);
    if (stored != TSR_EIO || !is_kept) return stored;
    const tsr_error error = *tsr_error_get();
    tsr_error_clear();
    return TSR_FAIL(
        TSR_EIO, "%.600s; its last checkpoint stays, to go on from to another file: tessera resume %.200s --out FILE",
        error.message, tsr_shell_word(session->target).text);
}

tsr_status tsr_session_finish(tsr_session *session, bool replaces) {
    tsr_status stored = compute_digest(session);
    if (stored == TSR_OK) stored = advise(session, store(session, replaces));
    const tsr_status told = tell(session, stored == TSR_OK ? session->target : "none: it could not be written");
    return stored != TSR_OK ? stored : tsr_comm_agree(session->comm, told);
}

tsr_status tsr_session_tell(tsr_session *session) {
    TSR_TRY(compute_digest(session));
    return tsr_comm_agree(session->comm, tell(session, session->target));
}

/* ---- the whole ---- */

static void clear(const tsr_command *command, tsr_session *session) {
    tsr_outcome_destroy(&session->outcome);
    free(session->target);
    tsr_placement_destroy(&session->placement);
    tsr_plan_destroy(&session->plan);
    tsr_job_destroy(&session->job);
    tsr_stored_run_destroy(&session->stored);
    tsr_catalog_destroy(&session->catalog);
    tsr_sentry_stop(&session->sentry);
    tsr_crash_locate(NULL);
    tsr_run_lock_drop(&session->lock);
    tsr_comm_close(&session->comm);
    tsr_options_clear(command->options, &session->values);
    free(session->command_advised);
    free(session->command);
}

static tsr_status begin_watch(tsr_session *session) {
    TSR_ASSERT(session->comm != NULL);
    tsr_crash_locate(session->comm->roll);
    tsr_status status = tsr_sentry_start(session->comm->roll, &session->watch, &session->sentry);
    return tsr_comm_agree(session->comm, status);
}

tsr_status tsr_session_run(const tsr_command *command, int argc, char **argv,
                           tsr_status (*work)(tsr_session *session)) {
    tsr_session session = {.name = command->name};
    tsr_status status = tsr_command_say_once(prepare(command, argc, argv, &session));
    if (status == TSR_OK) {
        tsr_crash_begin();
        status = command->is_collective ? tsr_comm_open(&session.comm) : tsr_comm_self_open(&session.comm);
        status = session.comm != NULL ? tsr_comm_agree(session.comm, status) : tsr_command_say_once(status);
        if (status == TSR_OK) status = begin_watch(&session);
        if (status == TSR_OK) status = tsr_comm_agree(session.comm, tsr_catalog_create(&session.catalog));
        if (status == TSR_OK) status = work(&session);
        tsr_command_say(status);
    }
    clear(command, &session);
    return status;
}
