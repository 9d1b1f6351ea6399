/* The print of a tile: 64 bits of what its columns were when they reached the tallies, by which a tile that is computed
 * again is compared with what it was.
 * Layer 1. Nothing here is collective, allocates or fails; thread-safe on different lanes. */
#ifndef TSR_ENGINE_PRINT_H
#define TSR_ENGINE_PRINT_H

#include "engine/block.h"

#include <stdbool.h>

/* What is known of one column so far. The bits of value i of a block go to lane i mod 32, as an exclusive or; after
 * every 256 values, and at the end of a block, each lane is added to its sum, which so knows where a value stood. The
 * layout is fixed, so that vectors of any width give the same print. Zeroed memory is the beginning of a tile. */
enum { TSR_PRINT_LANES = 32 };
typedef struct {
    uint64_t lane[TSR_PRINT_LANES];
    uint64_t sum[TSR_PRINT_LANES];
} tsr_print_lanes;

/* Adds the next values [items] of a column, items <= TSR_BLOCK_ITEMS_MAX, and tells on the way whether all of them are
 * finite. Any NaN counts as one and the same, since its sign and payload are the processor's. */
bool tsr_print_add(tsr_print_lanes *lanes, const double *value, int64_t items);

/* The print of a tile of so many items: lanes [columns]. Any flipped bit changes it, and so does the tile's number. */
uint64_t tsr_print_end(const tsr_print_lanes *lanes, int columns, int64_t items, int64_t tile);

#endif
