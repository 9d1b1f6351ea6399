/* A pass that is not over: which of its tiles are done, and what they gave.
 * Layer 4. The same on every rank whenever no pass is being read. */
#ifndef TSR_ENGINE_PARTIAL_H
#define TSR_ENGINE_PARTIAL_H

#include "engine/stage.h"
#include "engine/states.h"
#include "engine/stored.h"

/* Numbers of passes that are no reading of the items for the tallies. */
enum { TSR_PASS_TRAINING = -1, TSR_PASS_RETAKE = -2, TSR_PASS_DELIVERY = 1 << 24 };

typedef struct {
    int number;     /* of the pass */
    int64_t tiles;  /* of the pass, over all points */
    int64_t done;   /* of these */
    uint64_t *bits; /* [tsr_partial_words(tiles)]: bit i of the whole: tile i is done */
    tsr_states found;
    tsr_prints prints; /* of the tiles of a first reading; else without points */
} tsr_partial;

/* Tiles that are left: those numbered from `index` on among them (up to the next gap's) stand from `tile` on. */
typedef struct {
    int64_t index;
    int64_t tile;
} tsr_gap;

int64_t tsr_partial_words(int64_t tiles);

/* Of a pass of which nothing is done. shape: of what it finds. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_partial_create(int number, int64_t tiles, tsr_states shape, tsr_partial *out);
void tsr_partial_clear(tsr_partial *partial);

/* The tiles that are left: out [*gaps], allocated. TSR_ERUNTIME: no memory. */
tsr_status tsr_partial_gaps(const tsr_partial *partial, tsr_gap **out, int64_t *gaps);

/* Where the tile stands that is number `index` of those that are left. gap: [gaps], at least one. */
int64_t tsr_gap_tile(const tsr_gap *gap, int64_t gaps, int64_t index);

/* A tile is done. */
void tsr_partial_mark(tsr_partial *partial, int64_t tile);

/* Packs what is done (an empty one, if nothing is), and takes it up again into a partial of the same pass in which
 * nothing is done. stage: whose tallies they are. Not collective. TSR_ECHECKPOINT: what is stored is not of this pass;
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_partial_pack(const tsr_partial *partial, const tsr_bound_stage *stage, tsr_stored_partial *out);
tsr_status tsr_partial_unpack(const tsr_stored_partial *stored, const tsr_bound_stage *stage, tsr_partial *partial);

#endif
