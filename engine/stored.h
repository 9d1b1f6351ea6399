/* What a run has left of its stages, finished or not: enough to go on from there.
 * Layer 3. Plain data of one owner: packed by the engine, written and read by io. */
#ifndef TSR_ENGINE_STORED_H
#define TSR_ENGINE_STORED_H

#include "engine/input.h"
#include "engine/prints.h"
#include "engine/state.h"

#include <stdbool.h>
#include <stdint.h>

enum { TSR_STORED_LAYOUT = 3 }; /* numbers of a layout: pages, words of a page, records */

/* The packed states of one tally, one after the other. */
typedef struct {
    char *name;
    int64_t *offset; /* [rows + 1] */
    int64_t *words;  /* [offset[rows]] */
    int64_t *layout; /* [rows, TSR_STORED_LAYOUT] */
} tsr_stored_tally;

/* How far a stage has come. */
typedef enum {
    TSR_STORED_LEFT,    /* an earlier run has left it so; it may be extended */
    TSR_STORED_AT_HAND, /* the run was stopped in one of its passes */
    TSR_STORED_DONE     /* the run that was stopped had done with it */
} tsr_stored_progress;

/* A pass that was paused: which of its tiles are done, and what they gave. */
typedef struct {
    int64_t number; /* of the pass; TSR_PASS_TRAINING */
    int64_t tiles;  /* of the pass, over all points; 0: nothing is done */
    int64_t *done;  /* [(tiles + 63) / 64], bit i of the whole: tile i of the pass */
    int64_t rows;   /* of each tally: points x parts */
    int64_t tallies;
    tsr_stored_tally *tally;
    tsr_prints prints; /* of tiles that are done, in the first reading */
} tsr_stored_partial;

/* How the headline results had converged. */
typedef struct {
    int64_t rounds;
    int64_t quantities;
    char
        *headlines; /* a line for each result: its name, a blank, how many values it has, a tab and the label of each */
    int64_t *items; /* [rounds] */
    double *value;  /* [points, rounds, quantities] */
    double *error;  /* the same */
} tsr_stored_history;

typedef struct {
    char *name;
    int64_t points;
    int64_t parts;
    int64_t tallies;
    int64_t tile_items;
    int64_t passes;
    double core_seconds;  /* that it took */
    int64_t *point_items; /* [points] that were read; of a stage at hand: before the pass that was paused */
    tsr_stored_tally *tally;
    int64_t inputs;    /* files that its source had read */
    tsr_input *input;  /* [inputs] */
    tsr_prints prints; /* of the tiles of the first reading */

    /* Only of a run that was stopped; zeros and NULL otherwise. */
    tsr_stored_progress progress;
    bool is_changed;          /* it has other items than the run that was extended: stages that read it are anew */
    double elapsed_s;         /* that the stage at hand took in this run */
    int64_t *met;             /* [points] 1: needs no more items; of a stage at hand */
    int64_t trainings;        /* that its sampling designs have had */
    tsr_stored_tally trained; /* their states: [trainings] rows; no name */
    tsr_stored_partial partial;
    tsr_stored_history history;
} tsr_stored_stage;

/* Packs one state after the other: state: [rows] pointers, `stride` apart. Allocates what is in *out, also when it
 * fails; clear it in any case. Not collective. TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_tally_pack(const char *name, tsr_state *const *state, int64_t rows, int64_t stride,
                                 tsr_stored_tally *out);

/* Adds a stored row to a state. TSR_ECHECKPOINT: its layout is another one; TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_tally_unpack(const tsr_stored_tally *tally, int64_t row, tsr_state *state);

/* Frees all there is in a stage and makes it empty. */
void tsr_stored_stage_clear(tsr_stored_stage *stage);
void tsr_stored_tally_clear(tsr_stored_tally *tally);

#endif
