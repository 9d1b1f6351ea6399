#include "cli/recovery.h"

#include "engine/share.h"
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
    return tsr_checkpoint_remove(target);
}

tsr_status tsr_recovery_read(tsr_session *session, const char *target) {
    char note[TSR_MESSAGE_BYTES];
    TSR_REQUIRE(tsr_recovery_exists(target), TSR_ECHECKPOINT,
                "there is nothing to go on from: neither %s nor a checkpoint of it", target);
    if (!tsr_checkpoint_exists(target)) return tsr_stored_run_read(target, &session->stored);
    TSR_TRY(tsr_checkpoint_read(target, &session->stored, note));
    warn_damaged(session->stored, note);
    return take_result(session, target);
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
            used += (size_t)snprintf(out + used, bytes - used, "%s%.*s", used > 0 ? ", " : "", words, line + blanks);
    }
}

tsr_status tsr_recovery_compare(const tsr_session *session, const char *target) {
    char had[300], has[300];
    if (strcmp(session->stored->job, session->job->resolved) == 0) return TSR_OK;
    list_missing(session->stored->job, session->job->resolved, had, sizeof(had));
    list_missing(session->job->resolved, session->stored->job, has, sizeof(has));
    return TSR_FAIL(TSR_ECHECKPOINT,
                    "%.200s is of another job: it has '%s' where %.200s has '%s'; to begin anew: --force", target, had,
                    session->path, has);
}

/* ---- a new run ---- */

tsr_status tsr_recovery_begin_anew(const char *target, bool force) {
    if (!tsr_checkpoint_exists(target)) return TSR_OK;
    TSR_REQUIRE(force, TSR_EUSAGE,
                "%s has a checkpoint of a run that was stopped; go on with: tessera resume %s, or begin anew with "
                "--force",
                target, target);
    return tsr_checkpoint_remove(target);
}

static tsr_status draw_id(char id[TSR_RUN_ID_CHARS]) {
    uint64_t random[2];
    TSR_REQUIRE(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random), TSR_ERUNTIME,
                "the operating system gives no random numbers to name the run by");
    snprintf(id, TSR_RUN_ID_CHARS, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    return TSR_OK;
}

tsr_status tsr_recovery_identify(tsr_session *session) {
    if (session->stored == NULL || !session->stored->is_checkpoint) return draw_id(session->id);
    snprintf(session->id, sizeof(session->id), "%s", session->stored->id);
    return TSR_OK;
}
