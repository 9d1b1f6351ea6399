#include "cli/recovery.h"

#include "engine/shell.h"
#include "io/job/job.h"
#include "io/result/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static bool is_file(const char *path) {
    struct stat found;
    return lstat(path, &found) == 0;
}

bool tsr_recovery_exists(const char *target) { return tsr_checkpoint_exists(target) || is_file(target); }

bool tsr_recovery_is_begun(const char *target) {
    char *lock = NULL;
    if (asprintf(&lock, "%s.lock", target) < 0) return false;
    const bool is_begun = is_file(lock);
    free(lock);
    return is_begun;
}

/* ---- reading ---- */

static void warn_damaged(const tsr_stored_run *run, const char *note) {
    if (*note == '\0') return;
    fprintf(stderr, "tessera: warning: %s; going on from checkpoint %" PRId64 "\n", note, run->sequence);
}

/* A run that was killed between publishing its results and removing its checkpoints. */
static tsr_status take_result(tsr_session *session, const char *target) {
    tsr_stored_run *result = NULL;
    if (!is_file(target)) return TSR_OK;
    if (tsr_stored_run_read(target, &result) != TSR_OK) {
        tsr_error_clear(); /* what is there is no result of this run */
        return TSR_OK;
    }
    if (strcmp(result->id, session->stored->id) != 0) {
        tsr_stored_run_destroy(&result);
        return TSR_OK;
    }
    tsr_stored_run_destroy(&session->stored);
    session->stored = result;
    return session->lock != NULL ? tsr_checkpoint_remove(target) : TSR_OK;
}

/* Who names a checkpoint means the run that it is of. */
static tsr_status refuse_checkpoint(const char *checkpoint) {
    char target[TSR_SHELL_BYTES];
    const char *end = strstr(checkpoint, ".checkpoint-");
    const int length = (int)(end != NULL ? (size_t)(end - checkpoint) : strlen(checkpoint));
    snprintf(target, sizeof(target), "%.*s", length, checkpoint);
    return TSR_FAIL(TSR_EUSAGE, "%s is a checkpoint, from which its run goes on by itself: tessera resume %s",
                    checkpoint, tsr_shell_word(target).text);
}

static tsr_status read_result(tsr_session *session, const char *target) {
    TSR_TRY(tsr_stored_run_read(target, &session->stored));
    return session->stored->is_checkpoint ? refuse_checkpoint(target) : TSR_OK;
}

tsr_status tsr_recovery_read(tsr_session *session, const char *target) {
    char note[TSR_MESSAGE_BYTES];
    TSR_REQUIRE(tsr_recovery_exists(target), TSR_ECHECKPOINT,
                "there is nothing to go on from: neither %s nor a checkpoint of it", target);
    if (!tsr_checkpoint_exists(target)) return read_result(session, target);
    TSR_TRY(tsr_checkpoint_read(target, &session->stored, note));
    warn_damaged(session->stored, note);
    return take_result(session, target);
}

static tsr_status tell_stopped(const char *target, const char *checkpoint) {
    TSR_REQUIRE(checkpoint != NULL, TSR_EDATA,
                "there is no %.300s yet: its run was stopped, and none of its checkpoints is sound; run the job anew",
                target);
    return TSR_FAIL(TSR_EDATA,
                    "there is no %.300s yet: its run was stopped, or is still at work; go on with: tessera resume "
                    "%.300s (its newest checkpoint can be checked: tessera verify %.300s)",
                    target, tsr_shell_word(target).text, tsr_shell_word(checkpoint).text);
}

tsr_status tsr_recovery_find_stopped(const char *target) {
    char note[TSR_MESSAGE_BYTES];
    tsr_stored_run *newest = NULL;
    if (is_file(target) || !tsr_checkpoint_exists(target)) return TSR_OK;
    tsr_status status = tsr_checkpoint_read(target, &newest, note);
    if (status == TSR_ERUNTIME) return status;
    tsr_error_clear();
    char *checkpoint = newest != NULL ? tsr_checkpoint_path(target, newest->sequence) : NULL;
    status = tell_stopped(target, checkpoint);
    free(checkpoint);
    tsr_stored_run_destroy(&newest);
    return status;
}

/* ---- another job ---- */

/* The next line of a text, without the newline; NULL behind the last. */
static const char *next_line(const char **text, size_t *length) {
    if (**text == '\0') return NULL;
    const char *line = *text;
    *length = strcspn(line, "\n");
    *text += *length + (line[*length] == '\n');
    return line;
}

static bool has_line(const char *text, const char *wanted, size_t length) {
    size_t found = 0;
    for (const char *line; (line = next_line(&text, &found)) != NULL;)
        if (found == length && memcmp(line, wanted, length) == 0) return true;
    return false;
}

/* Lines of one text that the other has not: "items: 1000, seed: 1". */
static void list_missing(const char *text, const char *other, char *out, size_t bytes) {
    size_t length = 0, used = 0;
    out[0] = '\0';
    for (const char *line; (line = next_line(&text, &length)) != NULL;) {
        if (has_line(other, line, length)) continue;
        const size_t blanks = strspn(line, " -");
        const int words = (int)(length > blanks ? length - blanks : 0);
        if (used < bytes)
            used += (size_t)snprintf(out + used, bytes - used, "%s'%.*s'", used > 0 ? ", " : "", words, line + blanks);
    }
}

/* The text of a job without the line that says which seed it was given or has drawn. */
static char *without_seed(const char *text) {
    char *copy = strdup(text);
    char *line = copy == NULL ? NULL : strncmp(copy, "seed:", 5) == 0 ? copy : strstr(copy, "\nseed:");
    if (line == NULL) return copy;
    line += *line == '\n';
    const size_t length = strcspn(line, "\n");
    memmove(line, line + length + (line[length] == '\n'), strlen(line + length + (line[length] == '\n')) + 1);
    return copy;
}

static tsr_status fail_other(const char *target, const char *before, const char *now, const char *file) {
    char had[300], has[300];
    list_missing(before, now, had, sizeof(had));
    list_missing(now, before, has, sizeof(has));
    const char *none = *had == '\0' && *has == '\0' ? "the same in another order" : "nothing";
    return TSR_FAIL(TSR_ECHECKPOINT,
                    "%.200s is of another job: it has %s where the job of %.200s has %s now; to begin anew: --force",
                    target, *had != '\0' ? had : none, file, *has != '\0' ? has : none);
}

tsr_status tsr_recovery_compare(const tsr_session *session, const char *target) {
    const bool is_drawn = tsr_job_seed_is_drawn(session->job);
    char *before = is_drawn ? without_seed(session->stored->job) : strdup(session->stored->job);
    char *now = is_drawn ? without_seed(session->job->resolved) : strdup(session->job->resolved);
    tsr_status status = TSR_OK;
    if (before == NULL || now == NULL)
        status = TSR_FAIL(TSR_ERUNTIME, "no memory to compare the job with that of %s", target);
    else if (strcmp(before, now) != 0)
        status = fail_other(target, before, now, session->path);
    free(before);
    free(now);
    return status;
}

/* ---- a new run ---- */

tsr_status tsr_recovery_check_free(const char *target, bool force) {
    TSR_REQUIRE(force || !tsr_checkpoint_exists(target), TSR_EUSAGE,
                "%s has a checkpoint of a run that was stopped; go on with: tessera resume %s, or begin anew with "
                "--force",
                target, tsr_shell_word(target).text);
    return TSR_OK;
}

static tsr_status draw_id(char id[TSR_RUN_ID_CHARS]) {
    uint64_t random[2];
    TSR_REQUIRE(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random), TSR_ERUNTIME,
                "the operating system gives no random numbers to name the run by");
    snprintf(id, TSR_RUN_ID_CHARS, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    return TSR_OK;
}

/* Only now is it known that a run can begin: what one that was stopped had left gives way. */
static tsr_status begin_anew(tsr_session *session) {
    if (tsr_session_is_first(session)) TSR_TRY(tsr_checkpoint_remove(session->target));
    return draw_id(session->id);
}

tsr_status tsr_recovery_identify(tsr_session *session) {
    const bool goes_on = session->stored != NULL && session->stored->is_checkpoint;
    const bool is_here = goes_on && strcmp(session->target, session->path) == 0;
    if (!goes_on) return begin_anew(session);
    if (!is_here && !session->values.resume && tsr_session_is_first(session))
        TSR_TRY(tsr_checkpoint_remove(session->target));
    snprintf(session->id, sizeof(session->id), "%s", session->stored->id);
    return TSR_OK;
}
