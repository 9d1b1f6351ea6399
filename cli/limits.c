#include "cli/limits.h"

#include "engine/clock.h"
#include "engine/duration.h"
#include "io/batch/time_left.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds between the request to end and the end where the site has left Slurm's KillWait alone. */
enum { ASK_S = 5, SLURM_GRACE_S = 30 };

static double seconds_of(int64_t ns) { return (double)ns * 1e-9; }

static tsr_status read_every(const char *text, double *seconds) {
    if (text == NULL) return TSR_OK;
    *seconds = -1;
    if (strcmp(text, "never") == 0) return TSR_OK;
    TSR_TRY(tsr_duration_read(text, "--checkpoint-every", seconds));
    TSR_REQUIRE(*seconds > 0, TSR_EUSAGE, "--checkpoint-every must be longer than 0; to keep none: never");
    return TSR_OK;
}

/* A duration of which something is left. */
static tsr_status read_some(const char *text, const char *what, double *seconds) {
    if (text == NULL) return TSR_OK;
    TSR_TRY(tsr_duration_read(text, what, seconds));
    TSR_REQUIRE(*seconds > 0, TSR_EUSAGE, "%s must be longer than 0", what);
    return TSR_OK;
}

tsr_status tsr_limits_read(const tsr_limit_texts *texts, int64_t begun_ns, tsr_limits *out) {
    double most = INFINITY;
    *out = (tsr_limits){.end = "--max-time"};
    TSR_TRY(read_every(texts->checkpoint_every, &out->terms.every_s));
    TSR_REQUIRE(texts->mtbf == NULL || texts->checkpoint_every == NULL, TSR_EUSAGE,
                "--checkpoint-every tells the interval, and --mtbf finds it: only one of them can be");
    TSR_TRY(read_some(texts->mtbf, "--mtbf", &out->terms.failure_s));
    TSR_TRY(read_some(texts->max_time, "--max-time", &most));
    out->terms.end_s = seconds_of(begun_ns) + most;
    out->terms.grace_s = getenv("SLURM_JOB_ID") != NULL ? SLURM_GRACE_S : 0;
    return TSR_OK;
}

void tsr_limits_ask(tsr_limits *limits, char note[TSR_LIMITS_NOTE_BYTES]) {
    tsr_time_left left;
    tsr_time_left_ask(ASK_S, &left);
    snprintf(note, TSR_LIMITS_NOTE_BYTES, "%s", left.note);
    const double end_s = seconds_of(tsr_clock_ns()) + left.seconds;
    if (end_s >= limits->terms.end_s) return;
    limits->terms.end_s = end_s;
    limits->end = "the time limit of the batch job";
}
