/* What an earlier run has left of a stage: enough to go on from there.
 * Layer 3. Plain data, read by io from a result file. */
#ifndef TSR_ENGINE_STORED_H
#define TSR_ENGINE_STORED_H

#include "engine/input.h"

#include <stdint.h>

enum { TSR_STORED_LAYOUT = 3 }; /* numbers of a layout: pages, words of a page, records */

/* The packed states of one tally, of points x parts, one after the other. */
typedef struct {
    char *name;
    int64_t *offset; /* [rows + 1] */
    int64_t *words;  /* [offset[rows]] */
    int64_t *layout; /* [rows, TSR_STORED_LAYOUT] */
} tsr_stored_tally;

typedef struct {
    char *name;
    int64_t points;
    int64_t parts;
    int64_t tallies;
    int64_t tile_items;
    int64_t passes;
    double core_seconds;  /* that it took */
    int64_t *point_items; /* [points] that were read */
    tsr_stored_tally *tally;
    int64_t inputs;   /* files that its source had read; -1: not known */
    tsr_input *input; /* [inputs] */
} tsr_stored_stage;

#endif
