/* Replay: one item computed alone, with everything that it took and that became of it on the way to the tallies.
 * Layer 5. */
#ifndef TSR_ENGINE_REPLAY_H
#define TSR_ENGINE_REPLAY_H

#include "engine/run.h"

/* Which one. row: of a chain, or -1: a few of its first and last rows. */
typedef struct {
    int stage;
    int64_t point;
    int64_t item;
    int64_t row;
} tsr_replay_wish;

typedef struct {
    bool is_normal;
    int64_t draw;
    double value;
} tsr_replay_draw;

/* The source or a map. */
typedef struct {
    const char *role; /* "source", "map" */
    const char *name;
    const tsr_params *params;
    const tsr_field *fields;
    int columns;
    const double *value; /* [rows, columns], NaN where nothing came about */
} tsr_replay_link;

/* A swept parameter at the point. */
typedef struct {
    const char *name;
    const char *value;
} tsr_replay_place;

/* All pointers are borrowed from the plan, or belong to the replay. */
typedef struct {
    int64_t points;
    int64_t items;      /* of the point */
    int64_t chain_rows; /* rows of an item; 1: it is no chain */
    int places;
    const tsr_replay_place *place; /* [places] */
    int64_t rows;
    const int64_t *row; /* [rows] that are shown */
    int links;
    const tsr_replay_link *link; /* [links] */
    const double *weight;        /* [rows] by which a design has multiplied the columns of the source; or NULL */
    int64_t draws;
    const tsr_replay_draw *draw; /* [draws] of the shown row, uniforms first, ascending; of one row only */
    tsr_status status;           /* not TSR_OK: the kernel refused, in the words of this thread's failure */
} tsr_replay;

/* Computes an item alone; stages whose results its stage reads are run, or restored from options->stored. The values
 * are, bit for bit, those that a run sees. Collective; allocates *out, which must be destroyed before the plan.
 * TSR_EUSAGE: there is no such stage, point, item or row; else as tsr_plan_run. */
tsr_status tsr_plan_replay(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, const tsr_replay_wish *wish,
                           tsr_replay **out);
void tsr_replay_destroy(tsr_replay **replay); /* accepts NULL, sets NULL */

#endif
