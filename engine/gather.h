/* The items of a tile brought together by their groups: of every group what a tally sees of a tile.
 * Layer 4. Private to its thread. */
#ifndef TSR_ENGINE_GATHER_H
#define TSR_ENGINE_GATHER_H

#include "engine/block.h"
#include "engine/status.h"

typedef struct tsr_gather tsr_gather;

/* Room for `items` items of so many columns. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_gather_create(int columns, int64_t items, tsr_gather **out);
void tsr_gather_destroy(tsr_gather **gather);

/* Begins a tile; adds the items of a block, in ascending order: group [block->items], or NULL. */
void tsr_gather_begin(tsr_gather *gather);
void tsr_gather_add(tsr_gather *gather, const tsr_block *block, const int64_t *group);

/* All items as one block, in the order in which they came, of any length. Borrowed until the tile ends. */
tsr_block tsr_gather_whole(const tsr_gather *gather);

/* Once all are added: items of one group stand together, groups and the items in them ascend. */
void tsr_gather_sort(tsr_gather *gather);

/* The next group of the tile, or -1 after the last. And the next items of that group, at most TSR_BLOCK_ITEMS_MAX;
 * false after the last. Borrowed until the next call. */
int64_t tsr_gather_group(tsr_gather *gather);
bool tsr_gather_block(tsr_gather *gather, tsr_block *out);

#endif
