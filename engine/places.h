/* The engine's own tally of how many items of every tile go on to the sink, by which rows find their places.
 * Layer 4. It is not shown blocks, but told. */
#ifndef TSR_ENGINE_PLACES_H
#define TSR_ENGINE_PLACES_H

#include "engine/tally.h"

/* Its result is "rows": how many rows the sink has. Its layout depends on the number of tiles. */
extern const tsr_tally tsr_tally_places;
tsr_layout tsr_places_layout(int64_t tiles);

/* Adds the rows of a tile. TSR_ERUNTIME: no memory. And how many a settled state has counted of it. */
tsr_status tsr_places_add(tsr_state *state, int64_t tile, int64_t rows);
int64_t tsr_places_rows(const tsr_state *state, int64_t tile);

#endif
