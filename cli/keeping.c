#include "cli/keeping.h"

#include "engine/clock.h"
#include "engine/shell.h"
#include "engine/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HINTS_APART_S = 1 }; /* launchers may hint more than once */

struct tsr_keeping {
    tsr_keeping_options options;
    tsr_keeper keeper;
    tsr_pace pace;
    tsr_checkpoint_writer *writer; /* on rank 0 */
    double kept_s;                 /* when computing last went on after a checkpoint */
    double paused_s;               /* when the pause at hand was wished; 0: there is none */
    bool hinted;                   /* on rank 0: a checkpoint is wished that the pace does not ask for */
    bool has_warned;
    tsr_keeping_account account;
};

/* For whoever has pressed Ctrl-C: the tiles at hand may take a while. */
static const char answer[] =
    "\ntessera: stopping when the tiles at hand are done and the run is on record; Ctrl-C once "
    "more ends it at once, with what was on record before\n";

static double seconds_of(int64_t ns) { return (double)ns * 1e-9; }

static double now_s(void) { return seconds_of(tsr_clock_ns()); }

/* A checkpoint that failed is no reason to end a run that goes well: the one before is still there. */
static void warn(tsr_keeping *keeping) {
    tsr_progress_line_clear(keeping->options.line);
    fprintf(stderr, "tessera: warning: no checkpoint: %s; the run goes on\n", tsr_error_get()->message);
    tsr_error_clear();
}

/* What came of the last one, once it is over. */
static tsr_status end_writing(tsr_keeping *keeping) {
    int64_t ended_ns = 0;
    tsr_roll_enter(keeping->options.roll, "bringing a checkpoint to the disk");
    const tsr_status status = tsr_checkpoint_writer_end(keeping->writer, &ended_ns);
    tsr_roll_leave(keeping->options.roll);
    keeping->account.checkpoints -= status != TSR_OK;
    tsr_pace_note_written(&keeping->pace, seconds_of(ended_ns));
    return status;
}

/* ---- what is wished ---- */

static void look(tsr_keeping *keeping, double now) {
    tsr_pace_note_look(&keeping->pace, now);
    if (!tsr_checkpoint_writer_is_busy(keeping->writer) || !tsr_checkpoint_writer_is_over(keeping->writer)) return;
    const tsr_error before = *tsr_error_get(); /* a tile may have failed meanwhile */
    if (end_writing(keeping) != TSR_OK) warn(keeping);
    tsr_error_set(&before);
}

static void warn_coarse(tsr_keeping *keeping) {
    if (keeping->has_warned || !tsr_pace_is_coarse(&keeping->pace)) return;
    keeping->has_warned = true;
    tsr_progress_line_clear(keeping->options.line);
    fprintf(stderr,
            "tessera: warning: a tile takes %.0f s, so a request to stop may come too late to be kept; smaller "
            "tiles (tile_items) help\n",
            keeping->pace.look_longest_s);
}

/* Any rank may have had a signal; only rank 0 has a clock that counts. */
static tsr_wish wish(void *data) {
    tsr_keeping *keeping = data;
    const double now = now_s();
    if (keeping->options.is_first) look(keeping, now);
    tsr_wish wished = keeping->options.is_first ? tsr_pace_wish(&keeping->pace, now) : TSR_WISH_GO_ON;
    const bool is_hinted = tsr_signals_take_hint() && now - keeping->kept_s >= HINTS_APART_S;
    keeping->hinted = is_hinted || keeping->hinted;
    if (keeping->hinted && wished == TSR_WISH_GO_ON) wished = TSR_WISH_KEEP;
    keeping->hinted = keeping->hinted && keeping->options.is_first;
    if (tsr_signals_stop() != 0) wished = TSR_WISH_STOP;
    if (keeping->options.is_first) warn_coarse(keeping);
    if (wished == TSR_WISH_GO_ON)
        keeping->paused_s = 0;
    else if (keeping->paused_s == 0)
        keeping->paused_s = now;
    return wished;
}

/* ---- on record ---- */

static tsr_status begin_writing(tsr_keeping *keeping, const tsr_snapshot *snapshot) {
    tsr_image image = {0};
    const tsr_checkpoint checkpoint = {.run = keeping->options.record,
                                       .snapshot = snapshot,
                                       .sequence = tsr_checkpoint_writer_next(keeping->writer),
                                       .replaces = keeping->options.replaces};
    TSR_TRY(tsr_checkpoint_compose(&checkpoint, &image));
    tsr_checkpoint_writer_begin(keeping->writer, &image);
    keeping->account.checkpoints++;
    return TSR_OK;
}

static void go_on(tsr_keeping *keeping) {
    const double now = now_s(), still = keeping->paused_s > 0 ? now - keeping->paused_s : 0;
    tsr_pace_note_taken(&keeping->pace, now, still);
    keeping->account.still_s += still;
    keeping->kept_s = now;
    keeping->paused_s = 0;
    keeping->hinted = false;
}

static const char *reason_of(const tsr_keeping *keeping) {
    const int signal = tsr_signals_stop();
    if (signal != 0) return tsr_signals_name(signal);
    const bool is_late = tsr_pace_wish(&keeping->pace, now_s()) == TSR_WISH_STOP;
    return is_late ? keeping->options.limit : "a signal to another rank";
}

static tsr_status fail_stopped(const tsr_keeping *keeping, const tsr_snapshot *snapshot) {
    return TSR_FAIL(TSR_ESTOPPED,
                    "stopped by %s with %.0f %% of stage %s done, which is on record; to go on: tessera resume %s",
                    reason_of(keeping), 100 * snapshot->share, snapshot->stage[snapshot->at_hand].name,
                    tsr_shell_word(keeping->options.target).text);
}

/* A stop is safe before it is told. */
static tsr_status keep_last(tsr_keeping *keeping, const tsr_snapshot *snapshot) {
    const char *reason = reason_of(keeping);
    tsr_status status = begin_writing(keeping, snapshot);
    if (status == TSR_OK) status = end_writing(keeping);
    if (status == TSR_OK) return fail_stopped(keeping, snapshot);
    tsr_error error = *tsr_error_get();
    tsr_error_clear();
    return TSR_FAIL(status, "stopped by %s, but no checkpoint: %.900s", reason, error.message);
}

static tsr_status keep(const tsr_snapshot *snapshot, bool stops, void *data) {
    tsr_keeping *keeping = data;
    if (tsr_checkpoint_writer_is_busy(keeping->writer) && end_writing(keeping) != TSR_OK) warn(keeping);
    if (stops) return keep_last(keeping, snapshot);
    if (begin_writing(keeping, snapshot) != TSR_OK) {
        warn(keeping);
        go_on(keeping);
        tsr_pace_note_written(&keeping->pace, now_s());
        return TSR_OK;
    }
    go_on(keeping);
    return TSR_OK;
}

/* ---- the whole ---- */

tsr_status tsr_keeping_create(const tsr_keeping_options *options, tsr_keeping **out) {
    tsr_keeping *keeping = calloc(1, sizeof(*keeping));
    TSR_REQUIRE(keeping != NULL, TSR_ERUNTIME, "no memory to prepare the run");
    keeping->options = *options;
    keeping->keeper = (tsr_keeper){.wish = wish, .keep = keep, .data = keeping};
    tsr_signals_watch();
    if (options->is_first && isatty(STDERR_FILENO)) tsr_signals_answer(answer);
    tsr_pace_begin(&keeping->pace, &options->terms, now_s());
    const tsr_status status =
        options->is_first ? tsr_checkpoint_writer_create(options->target, options->sequence + 1, &keeping->writer)
                          : TSR_OK;
    if (status == TSR_OK)
        *out = keeping;
    else
        free(keeping);
    return status;
}

void tsr_keeping_destroy(tsr_keeping **keeping) {
    if (*keeping == NULL) return;
    tsr_signals_answer(NULL);
    tsr_checkpoint_writer_destroy(&(*keeping)->writer);
    free(*keeping);
    *keeping = NULL;
}

const tsr_keeper *tsr_keeping_keeper(const tsr_keeping *keeping) { return &keeping->keeper; }

tsr_keeping_account tsr_keeping_tell(const tsr_keeping *keeping) { return keeping->account; }
