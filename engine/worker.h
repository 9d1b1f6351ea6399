/* A worker: one thread's buffers and states; it folds tiles.
 * Layer 4. Private to its thread; allocates when made and when it first meets a sweep point, not per tile. */
#ifndef TSR_ENGINE_WORKER_H
#define TSR_ENGINE_WORKER_H

#include "engine/clock.h"
#include "engine/gather.h"
#include "engine/print.h"
#include "engine/prints.h"
#include "engine/sift.h"
#include "engine/stage.h"
#include "engine/states.h"

#include <stdbool.h>

typedef struct {
    const tsr_bound_stage *stage;
    tsr_draws *draws;
    tsr_block block[TSR_MAPS_MAX + 1]; /* one per link of the chain */
    void *scratch[TSR_TALLIES_MAX + TSR_OWN_TALLIES];
    tsr_sift *sift;
    tsr_gather *gather;     /* NULL before it is needed */
    bool gathers;           /* blocks of the tile at hand, instead of showing them to the tallies */
    int64_t rows;           /* of the tile at hand that go on to a sink */
    int64_t prepared;       /* the point for which the scratch is ready, or -1 */
    tsr_print_lanes *print; /* [columns of the last link] of the tile at hand */
    tsr_states states;
    int64_t items; /* folded so far */
    int64_t phase_ns[TSR_PHASES];
} tsr_worker;

/* For one pass; parts: the stage's replicates, or 1 to keep one state a tally for all of them. Not collective; call it
 * on the thread that will use it (first touch). TSR_ERUNTIME: no memory. */
tsr_status tsr_worker_create(const tsr_bound_stage *stage, int parts, tsr_worker **out);
void tsr_worker_destroy(tsr_worker **worker);

/* Where the items of a tile go as rows: first [tiles + 1], the rows before each. */
typedef struct {
    const tsr_sink *sink;
    const void *model;
    const int64_t *first;
} tsr_delivery;

/* What a tile is folded for. settled: states after all earlier passes, part 0 being the total; finished: [points,
 * tallies], which of them need not read the tile again; both NULL in the first pass. prints: where the tile's print
 * goes, or NULL. */
typedef struct {
    int64_t point;
    int64_t tile;
    int pass;
    const tsr_states *settled;
    const bool *finished;
    tsr_prints *prints;
    const tsr_delivery *delivery; /* to the sink instead of the tallies; or NULL */
} tsr_tile_task;

/* Folds one tile into the worker's states. TSR_ENUMERIC, TSR_EDATA, TSR_EIO from the kernel; TSR_ENUMERIC: a column is
 * not finite, and the stage does not allow it; TSR_ERUNTIME: no memory. */
tsr_status tsr_worker_fold(tsr_worker *worker, const tsr_tile_task *task);

/* Fills the blocks of the source and of all maps with a few items of a point, as folding does; range: of one block.
 * Where the block that begins at an item ends, if the items do so at `end`. */
tsr_status tsr_worker_fill(tsr_worker *worker, int64_t point, tsr_range range);
int64_t tsr_worker_block_end(const tsr_bound_stage *stage, int64_t item, int64_t end);

#endif
