/* A pass: tiles -> state. The loop of the program.
 * Layer 5. */
#ifndef TSR_ENGINE_PASS_H
#define TSR_ENGINE_PASS_H

#include "engine/partial.h"
#include "engine/run.h"
#include "engine/schedule.h"
#include "engine/worker.h"

/* Called on thread 0 between tiles: tiles of this rank done in this pass. */
typedef void (*tsr_pass_watch_fn)(int64_t tiles_done, void *data);

/* Tiles begin[point] .. end[point] - 1 of every point. The first reading keeps one state per replicate, later ones one
 * for all. */
typedef struct {
    const tsr_bound_stage *stage;
    int number;                   /* 0: the first reading of the items; or as a partial says */
    const int64_t *begin;         /* [points] */
    const int64_t *end;           /* [points] */
    const tsr_states *settled;    /* NULL in the first pass */
    const bool *finished;         /* [points, tallies]: have read enough; NULL in the first pass */
    const tsr_delivery *delivery; /* the items go there, and to no tally; or NULL */
    tsr_pass_watch_fn watch;      /* or NULL */
    void *watch_data;
} tsr_pass;

/* Tiles of all points. */
int64_t tsr_pass_tiles(const tsr_pass *pass);

/* Where a rank's time and items went, added to by each pass. */
typedef struct {
    int64_t phase_ns[TSR_PHASES];
    int64_t items;
} tsr_rank_account;

/* A partial for the pass, of which nothing is done. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_pass_begin(const tsr_pass *pass, tsr_partial *out);

/* Folds the tiles that are left over all ranks and threads and adds the sum of their states, settled, the same on every
 * rank, to the partial: until all are done, or until the keeper of some rank wishes otherwise. Collective. The verdict
 * is agreed: all ranks return the same status. */
tsr_status tsr_pass_run(const tsr_pass *pass, tsr_comm *comm, const tsr_run_options *options, tsr_partial *partial,
                        tsr_rank_account *account);

#endif
