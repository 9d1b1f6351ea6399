/* A bound stage: a stage of a job with its models made, for every point of the sweep. What a pass works on.
 * Layer 4. Immutable while a pass works on it; shared by all threads. */
#ifndef TSR_ENGINE_STAGE_H
#define TSR_ENGINE_STAGE_H

#include "engine/expression.h"
#include "engine/groups.h"
#include "engine/job.h"
#include "engine/links.h"
#include "engine/sweep.h"

enum {
    TSR_MAPS_MAX = 16,
    TSR_TALLIES_MAX = 16,
    TSR_OWN_TALLIES = 3,
    TSR_TILE_ITEMS = 16384,
    TSR_CHAIN_REPLICATES = 32
};

/* One point of a sweep: its own parameters, models and items; without a sweep there is one. */
typedef struct {
    tsr_params *source_params;
    void *source_model;
    tsr_params *map_params[TSR_MAPS_MAX];
    void *map_models[TSR_MAPS_MAX];
    void *design_model;
    const tsr_field *fields; /* of the last link */
    void *solvers[TSR_TALLIES_MAX +
                  TSR_OWN_TALLIES];  /* models of the tallies that are solved by this point; NULL: the stage's */
    int64_t count[TSR_MAPS_MAX + 1]; /* items that every link has; INT64_MAX: no end */
    int64_t items;                   /* that reach the tallies; of chains: rows */
    tsr_sampling sampling;
} tsr_point;

/* A tally of the stage: those of the job, then the engine's own. */
typedef struct {
    const tsr_tally *table;
    const char *where;
    tsr_params *params;
    void *model;
} tsr_bound_tally;

typedef struct {
    const tsr_job *job;
    const tsr_stage *spec;
    bool ready; /* models made */
    tsr_span span;
    tsr_point *point;        /* [span.points] */
    const tsr_field *fields; /* of the last link; of the first point */
    tsr_link link[TSR_MAPS_MAX + 1];
    tsr_bound_tally tally[TSR_TALLIES_MAX + TSR_OWN_TALLIES];
    int tally_count;
    int skipped;            /* which tally counts skipped items, or -1 */
    int places;             /* which tally counts the rows of the sink, or -1 */
    int selected;           /* which tally counts those that are selected, or -1 */
    tsr_expression *filter; /* over the columns of the last link, or NULL */
    tsr_groups groups;
    bool takes_missing; /* all tallies of the job leave out NaNs by themselves, and no policy says otherwise */
    int64_t after;      /* items behind a block that tallies look at */
    tsr_params *design_params;
    tsr_params *sink_params;
    tsr_sink_about sink_about;
    void *sink_model;
    int64_t rows;       /* of an item: 1, or the measurements of a chain */
    int replicates;     /* 1: error bars come from the tallies themselves */
    bool compares;      /* results hold the differences of every point from the first */
    int64_t unit_items; /* items (of chains: rows) that depend on each other and go to one replicate; 0: none do */
    int64_t tile_items;
    int64_t block_items;
    int64_t grain; /* tiles that one thread takes at once, as the source likes it */
    size_t workspace_bytes;
} tsr_bound_stage;

/* Finds results of earlier stages while binding: [stages] of them, for a point given by one value index per job axis.
 */
typedef const tsr_results *(*tsr_stage_find_fn)(const void *earlier, const char *stage, const int64_t *digits);

/* Binds parameters and, when it needs no earlier stage or `find` is given, makes all models. Calling it again on a
 * stage that is not ready makes it ready. Not collective; allocates. TSR_EUSAGE, TSR_EDATA, TSR_ERUNTIME. */
tsr_status tsr_stage_bind(const tsr_job *job, int index, tsr_stage_find_fn find, const void *earlier,
                          tsr_bound_stage *stage);
void tsr_stage_clear(tsr_bound_stage *stage);

/* Tiles of so many items, and of a point. */
int64_t tsr_stage_tiles_of(const tsr_bound_stage *stage, int64_t items);
int64_t tsr_stage_tiles(const tsr_bound_stage *stage, int64_t point);

/* The model with which a tally is solved at a point. Borrowed. */
const void *tsr_stage_solver(const tsr_bound_stage *stage, int64_t point, int tally);

/* The end of the unit that holds an item (INT64_MAX when no items depend on each other), and its replicate. */
int64_t tsr_stage_unit_end(const tsr_bound_stage *stage, int64_t item);
int tsr_stage_replicate(const tsr_bound_stage *stage, int64_t item);

#endif
