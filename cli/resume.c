#include "cli/named_stage.h"
#include "cli/recovery.h"

#include "engine/number.h"
#include "engine/signals.h"
#include "io/job/job.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256 };

static const tsr_option options[] = {
    {"items", 'i', TSR_OPTION_WORDS, "[STAGE=]N", "how many items the stage shall have: --items loss=1e9",
     offsetof(tsr_session_values, items)},
    {"out", 'o', TSR_OPTION_TEXT, "FILE", "write to another file (default: replace the one that is extended)",
     offsetof(tsr_session_values, out)},
    {"force", 'f', TSR_OPTION_FLAG, NULL, "replace that other file if it exists", offsetof(tsr_session_values, force)},
    TSR_OPTION_ROWS_COMPUTING,
    {.name = NULL},
};

/* ---- what is asked for ---- */

/* "loss=1e9", or "1e9" where there is only one stage. */
static tsr_status find_stage(const tsr_job *job, const char *word, int *stage, const char **number) {
    char name[PATH_BYTES], asked_by[PATH_BYTES];
    const char *equals = strchr(word, '=');
    *number = equals == NULL ? word : equals + 1;
    *stage = 0;
    TSR_REQUIRE(equals != NULL || job->stage_count == 1, TSR_EUSAGE,
                "resume: --items %.80s: the job has %d stages; say which one, for example --items %s=%.80s", word,
                job->stage_count, job->stages[job->stage_count - 1].name, word);
    if (equals == NULL) return TSR_OK;
    snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
    snprintf(asked_by, sizeof(asked_by), "resume: --items %.80s", word);
    return tsr_named_stage(job, asked_by, name, stage);
}

static tsr_status check_growing(const tsr_job *job, int stage, const char *word) {
    const tsr_stage *spec = &job->stages[stage];
    TSR_REQUIRE(spec->until.sum_over == NULL, TSR_EUSAGE,
                "resume: --items %.80s: stage %s shares items out over levels so as to reach its error, and cannot be "
                "extended; run the job with another error",
                word, spec->name);
    for (int i = 0; i < job->axis_count; i++)
        TSR_REQUIRE(strcmp(job->axes[i].stage, spec->name) != 0 || strcmp(job->axes[i].param, "items") != 0, TSR_EUSAGE,
                    "resume: --items %.80s: the items of stage %s are swept, and cannot be extended; run the job anew",
                    word, spec->name);
    return TSR_OK;
}

/* "loss.items=1000000000": as --set of `run` would have it. */
static tsr_status make_override(const tsr_job *job, const char *word, char **out) {
    char path[PATH_BYTES];
    const char *number;
    int stage;
    int64_t items = 0;
    TSR_TRY(find_stage(job, word, &stage, &number));
    const bool fits = tsr_number_read_integer(number, &items) == TSR_NUMBER_OK && items >= 1;
    TSR_REQUIRE(fits, TSR_EUSAGE, "resume: --items %.80s: the number of items must be a whole number from 1 on", word);
    TSR_TRY(check_growing(job, stage, word));
    tsr_job_items_path(job, stage, path, sizeof(path));
    if (asprintf(out, "%s=%" PRId64, path, items) < 0) *out = NULL;
    return *out != NULL ? TSR_OK : tsr_session_fail_memory();
}

/* ---- the job ---- */

/* The job as it was says which stages there are; then it is read once more, with what is asked for. */
static tsr_status change_job(tsr_session *session) {
    const tsr_words *items = &session->values.items;
    tsr_job *before = NULL;
    char **overrides = calloc((size_t)items->count + 1, sizeof(*overrides));
    tsr_status status =
        overrides != NULL ? tsr_session_parse_stored(session, NULL, 0, &before) : tsr_session_fail_memory();
    for (int i = 0; i < items->count && status == TSR_OK; i++)
        status = make_override(before, items->word[i], &overrides[i]);
    if (status == TSR_OK) status = tsr_session_parse_stored(session, overrides, items->count, &session->job);
    for (int i = 0; i < items->count && overrides != NULL; i++) free(overrides[i]);
    free(overrides);
    tsr_job_destroy(&before);
    return status;
}

static tsr_status check_unfinished(const tsr_session *session) {
    TSR_REQUIRE(!session->stored->is_checkpoint || session->values.items.count == 0, TSR_EUSAGE,
                "resume: %s was stopped before its end: let it finish without --items first", session->path);
    return TSR_OK;
}

/* Reads what there is, under the lock of where results go: that of another file where they go elsewhere, which may be
 * the only place that has room. */
static tsr_status read_first(tsr_session *session, bool is_other) {
    TSR_TRY(tsr_recovery_read(session, session->path));
    TSR_TRY(check_unfinished(session));
    return is_other ? tsr_recovery_check_free(session->target, session->values.force) : TSR_OK;
}

static tsr_status read_run(tsr_session *session, bool is_other) {
    const bool is_first = tsr_session_is_first(session);
    tsr_status status = is_first ? read_first(session, is_other) : TSR_OK;
    TSR_TRY(tsr_comm_agree(session->comm, status));
    TSR_TRY(tsr_stored_run_share(session->comm, &session->stored));
    tsr_session_note_seal(session);
    if (is_first) status = change_job(session);
    return tsr_session_share_job(session, status);
}

/* ---- work ---- */

/* Kernels may have changed between versions, which nothing else would tell. */
static void note_version(const tsr_session *session) {
    const bool is_same = strcmp(session->stored->revision, TSR_REVISION) == 0;
    if (is_same || !tsr_session_is_first(session) || session->values.quiet) return;
    fprintf(stderr, "tessera: note: %s was written by revision %s of Tessera, and this is %s\n", session->path,
            session->stored->revision, TSR_REVISION);
}

static bool is_unchanged(const tsr_session *session) {
    for (int i = 0; i < tsr_outcome_stages(session->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(session->outcome, i);
        if (stage->items_before != stage->items_total) return false;
    }
    return true;
}

static tsr_status say_unchanged(tsr_session *session) {
    const bool is_said = tsr_session_is_first(session) && !session->values.quiet;
    if (is_said)
        fprintf(stderr,
                "tessera: note: nothing to compute: %s has all the items that are asked for; it stays as it is\n",
                session->path);
    return tsr_session_tell(session);
}

/* Where there is nothing, a lock would only hide that. */
static tsr_status check_there(const tsr_session *session) {
    if (!tsr_session_is_first(session)) return TSR_OK;
    TSR_REQUIRE(tsr_recovery_exists(session->path) || tsr_recovery_is_begun(session->path), TSR_ECHECKPOINT,
                "there is nothing to go on from: neither %s nor a checkpoint of it", session->path);
    return TSR_OK;
}

static tsr_status lock_target(tsr_session *session, bool is_other) {
    session->target = strdup(is_other ? session->values.out : session->path);
    TSR_TRY(tsr_comm_agree(session->comm, session->target != NULL ? check_there(session) : tsr_session_fail_memory()));
    if (is_other) TSR_TRY(tsr_session_aim(session, session->values.force));
    return tsr_session_lock(session, session->target);
}

/* A run that was stopped has its results put where it was told to, unless something else has come there meanwhile. */
static tsr_status work(tsr_session *session) {
    const char *out = session->values.out;
    const bool is_other = out != NULL && strcmp(out, session->path) != 0;
    TSR_TRY(lock_target(session, is_other));
    TSR_TRY(read_run(session, is_other));
    const bool goes_on = session->stored->is_checkpoint;
    const bool replaces = is_other ? session->values.force : !goes_on || session->stored->replaces;
    note_version(session);
    TSR_TRY(tsr_session_place(session));
    if (!is_other) TSR_TRY(tsr_session_aim(session, replaces));
    TSR_TRY(tsr_comm_agree(session->comm, tsr_recovery_identify(session)));
    TSR_TRY(tsr_session_compute(session, replaces));
    if (!is_other && !goes_on && is_unchanged(session)) return say_unchanged(session);
    return tsr_session_finish(session, replaces);
}

static tsr_status run_resume(int argc, char **argv) {
    tsr_signals_watch();
    return tsr_session_run(&tsr_command_resume, argc, argv, work);
}

const tsr_command tsr_command_resume = {
    .name = "resume",
    .operands = "OUT",
    .summary = "Goes on with a run that was stopped, or extends a finished one",
    .details =
        "OUT is the result file that a run was to write. If the run was stopped or killed, it goes on from its\n"
        "newest sound checkpoint, and leaves what it would have left undisturbed, bit for bit, on any number of\n"
        "ranks and threads. If it is finished, --items adds items: what comes out is what a run with that many\n"
        "would have given from the start. Stages that read the results of one that was extended are computed\n"
        "anew. A stage with `until` goes on to its new most items if it was not precise enough. OUT is replaced\n"
        "at the end, in one step; until then it stays as it was.\n",
    .examples = "  tessera resume market-risk.h5\n"
                "  mpirun -n 4 tessera resume market-risk.h5 --max-time 2h\n"
                "  tessera resume pi.h5 --items 1e10\n"
                "  tessera resume market-risk.h5 --items loss=1e9 --out better.h5\n",
    .options = options,
    .is_collective = true,
    .run = run_resume,
};
