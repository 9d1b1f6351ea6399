/* A run: a job, its passes, and what came out. The whole; everything below it is a part.
 * Layer 5. */
#ifndef TSR_ENGINE_RUN_H
#define TSR_ENGINE_RUN_H

#include "engine/clock.h"
#include "engine/comm.h"
#include "engine/job.h"
#include "engine/keeper.h"
#include "engine/stored.h"

/* How far a stage is. Called on rank 0, thread 0, between tiles, at most a few times a second, and once at the end. */
typedef struct {
    const char *stage;
    int64_t items_done;   /* of this rank's view: all ranks' share is estimated from its own */
    int64_t items_total;  /* over all sweep points and passes known so far */
    int64_t elapsed_ns;   /* of the stage */
    bool predicted;       /* items_total is what is expected to be needed for the precision asked for */
    const char *headline; /* name of the estimate shown, or NULL before there is one */
    double value;
    double error;
    bool last;
} tsr_progress;

typedef void (*tsr_progress_fn)(const tsr_progress *progress, void *data);

typedef struct {
    int threads;              /* >= 1, per rank */
    uint64_t tile_shuffle;    /* not 0: tiles are taken in an order shuffled by this seed (for tests: results must not
                                 change) */
    tsr_progress_fn progress; /* or NULL */
    void *progress_data;
    const tsr_stored_stage *stored; /* [job stage_count] of an earlier run that this one extends or goes on with; those
                                       of which nothing is known have no name; or NULL */
    bool no_sinks;                  /* rows go to no sink: what is run is only compared */
    const tsr_keeper *keeper;       /* or NULL: the run is not put on record before it is over */
} tsr_run_options;

/* One component of a stage as it was bound: its table row names and values, for the echo. */
typedef struct {
    const char *role; /* "source", "sampling", "map", "tally" */
    const char *name;
    const tsr_params *params;
} tsr_component;

/* How the headline estimates converged: state at fixed item counts. */
typedef struct {
    int64_t rounds;
    int64_t quantities;
    const int64_t *items;     /* [rounds], items per point */
    const char *const *names; /* [quantities] "mean.payoff" */
    const double *value;      /* [points, rounds, quantities] */
    const double *error;
} tsr_history;

/* What came out of a stage. All pointers are borrowed from the outcome. */
typedef struct {
    const char *name;
    int64_t points; /* 1 without a sweep; row-major over the axes */
    int64_t sets;   /* of results: points x groups of items, row-major over all axes */
    int axes;
    const tsr_dimension *axis;  /* [axes]: those of the sweep, of which a zipped one has one, "point", of labels; then
                                   the keys of the groups */
    int64_t items;              /* per point (of the first, when points differ); of chains: rows */
    int64_t items_total;        /* over points */
    int64_t items_before;       /* of these, read by an earlier run, */
    double core_seconds_before; /* which took so long */
    const int64_t *point_items; /* [points] */
    bool is_dataset;            /* its items are read, not sampled */
    int64_t rows;               /* of an item: 1, or the measurements of a chain */
    int replicates;             /* that give the error bars; 1: the tallies themselves do */
    int replicates_used;        /* that have items, at the point with the fewest items */
    bool is_weighed;            /* a design weighs the columns: only their means are those of the source */
    const tsr_until *until;     /* NULL: all items were to be read */
    double until_excess;        /* of the worst estimate: precise enough at 1 or less */
    double until_items;         /* what the point that needs most would need, in items */
    int64_t tile_items;
    int inputs;
    const tsr_input *input;   /* [inputs] the files that its source has read */
    const tsr_prints *prints; /* of the tiles of the first reading */
    const tsr_field *fields;  /* the columns that reach the tallies, of the first point; ends with a NULL name */
    int passes;
    int components;
    const tsr_component *component;    /* source first, then sampling, maps, tallies; of the first point */
    const tsr_results *const *results; /* [sets] */
    const tsr_results *whole;          /* of all points or groups together, or NULL */
    int tallies;
    const char *const *tally_names; /* [tallies] */
    int parts;                      /* states of a point: 1, or the total and then one for each replicate */
    tsr_state *const *states;       /* [points, parts, tallies], settled and merged */
    tsr_history history;
    int64_t elapsed_ns;
    const int64_t *phase_ns;   /* [ranks, TSR_PHASES], sums over the threads of a rank */
    const int64_t *rank_items; /* [ranks] items each rank folded (all passes) */
} tsr_stage_outcome;

typedef struct tsr_outcome tsr_outcome;

int tsr_outcome_stages(const tsr_outcome *outcome);
const tsr_stage_outcome *tsr_outcome_stage(const tsr_outcome *outcome, int index);
void tsr_outcome_destroy(tsr_outcome **outcome);

/* What `plan` can tell before anything is computed. */
typedef struct {
    const char *name;
    const char *source;
    int64_t points;
    int64_t items; /* per point; 0: not known before an earlier stage has run */
    int64_t tile_items;
    int64_t tiles;       /* over all points */
    int64_t state_bytes; /* per thread, at most */
    double ns_per_item;  /* measured on one tile of the first point, one thread; 0: could not be tried yet */
    bool delivers;       /* its rows go to a sink, for which every tile is computed once more */
    bool needs_earlier;  /* the stage reads another stage's results */
} tsr_stage_estimate;

/* Binds every stage of a job and makes all models that do not wait for an earlier stage's results: everything that can
 * be refused is refused here, also what cannot fit into memory. Not collective. TSR_EUSAGE, TSR_EDATA, TSR_ERUNTIME. */
typedef struct tsr_plan tsr_plan;
tsr_status tsr_plan_create(const tsr_job *job, tsr_plan **out);
void tsr_plan_destroy(tsr_plan **plan);

/* The same, but a stage whose source reads files and cannot be bound is left out, with all that it would be refused
 * for; tsr_plan_run_some can run the others. TSR_EUSAGE, TSR_EDATA of other stages; TSR_ERUNTIME. */
tsr_status tsr_plan_create_partly(const tsr_job *job, tsr_plan **out);

/* Why a stage was left out, on this rank; NULL: it was not. Borrowed. */
const char *tsr_plan_fault(const tsr_plan *plan, int stage);

/* Fills one row per stage: out [job stage_count]. try_tiles: also fold one tile to measure. Not collective. */
tsr_status tsr_plan_estimate(const tsr_plan *plan, bool try_tiles, tsr_stage_estimate *out);

/* Runs all stages. With what an earlier run of the same job, but for its items, has left, only what is missing is
 * computed: items that were not read, and stages that read the results of one that has changed. Collective; allocates
 * *out, which borrows from the plan: destroy it before the plan. The results are the same for any comm, threads and
 * order of tiles. TSR_ENUMERIC and TSR_EDATA from kernels, TSR_ERUNTIME; TSR_ECHECKPOINT: what is stored does not fit
 * the job; TSR_EUSAGE: it has more items than are asked for. */
tsr_status tsr_plan_run(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, tsr_outcome **out);

/* Runs only stages that are wanted (bit i: stage i), which need no others: those have neither name nor points in the
 * outcome. As tsr_plan_run. */
tsr_status tsr_plan_run_some(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, uint64_t wanted,
                             tsr_outcome **out);

#endif
