/* The line that says how far a run is: redrawn in place on a terminal, now and then a plain line in a log. */
#ifndef TSR_CLI_PROGRESS_H
#define TSR_CLI_PROGRESS_H

#include "engine/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TSR_PROGRESS_BYTES = 512 };

/* Where and how it is shown. */
typedef struct {
    FILE *out;
    bool is_terminal;
    bool utf8;
    int64_t said_ns; /* when the last plain line was printed, or the run began */
    bool drawn;      /* a line stands on the terminal */
} tsr_progress_line;

/* For a stream, usually stderr. Not thread-safe, as all functions here; they allocate nothing. */
tsr_progress_line tsr_progress_line_make(FILE *out);

/* A tsr_progress_fn; data is the line. On a terminal it redraws the line; else it prints one when the last one, or the
 * start, is 10 s ago. */
void tsr_progress_line_show(const tsr_progress *progress, void *data);

/* Takes the line off the terminal. Call before anything else is printed. */
void tsr_progress_line_clear(tsr_progress_line *line);

/* The line itself: "loss  [####......]  43 %  41.2 M of 100 M  8.31 M/s  12 s left  mean.payoff 10.45 ± 0.15", in at
 * most so many characters: parts that do not fit are left out, the bar first. Without it when `bar` is false. */
void tsr_progress_write(const tsr_progress *progress, bool bar, bool utf8, int width, char out[TSR_PROGRESS_BYTES]);

#endif
