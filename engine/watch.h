/* The watch: tells how far a stage is while its passes run.
 * Layer 5. Kept by thread 0 of rank 0; whoever is told may draw it. */
#ifndef TSR_ENGINE_WATCH_H
#define TSR_ENGINE_WATCH_H

#include "engine/outcome.h"

typedef struct {
    const tsr_run_options *options;
    const tsr_stage_record *record;
    int64_t tile_items;
    int64_t tiles_before; /* of all ranks, in finished passes and rounds */
    int64_t tiles_done;   /* of all ranks, in the pass at hand before it was last paused */
    int64_t tiles_total;  /* known, or predicted, so far */
    bool predicted;
    int ranks;
    int64_t begun_ns;
    int64_t reported_ns;
} tsr_watch;

/* A tsr_pass_watch_fn; data is the watch. Speaks a few times a second at most. */
void tsr_watch_tiles(int64_t tiles_done, void *data);

/* The stage is done. */
void tsr_watch_end(tsr_watch *watch);

#endif
