/* What a kernel sees of the random numbers: columns of draws for the items of a block, made when first asked for.
 * Layer 2. One object per thread; hides the ring of buffers. */
#ifndef TSR_ENGINE_DRAWS_H
#define TSR_ENGINE_DRAWS_H

#include "engine/block.h"
#include "engine/status.h"
#include "engine/stream.h"

#include <stddef.h>

typedef struct tsr_draws tsr_draws;

/* workspace_bytes: of kernel scratch per thread. draws_per_item: 1 or 2 when the kernel takes no more of a kind than so
 * many (neighbouring items then share counters, four or two to each, and nothing is drawn in vain), 0: any number.
 * Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_draws_create(size_t workspace_bytes, int draws_per_item, tsr_draws **out);
void tsr_draws_destroy(tsr_draws **draws);

/* Aims at another block of items (1 .. TSR_BLOCK_ITEMS_MAX); all columns become invalid. Keeps a copy of the stream. */
void tsr_draws_begin(tsr_draws *draws, const tsr_stream *stream, int64_t item, int64_t items);

int64_t tsr_draws_items(const tsr_draws *draws);

/* Draw `draw` (0, 1, 2, ... 2^48 - 1) of every item of the block: [items] doubles, borrowed; 64-byte aligned
 * if the block begins at a multiple of 8 items. Within draws_per_item where that was declared.
 * Uniforms lie in (0, 1), normals are standard; a uniform and a normal of the same number are independent.
 * A column stays valid until a draw of its kind is asked for whose number differs by more than TSR_DRAWS_LIVE; ask in
 * ascending order when a path has many steps. */
enum { TSR_DRAWS_LIVE = 32 };
const double *tsr_uniform(tsr_draws *draws, int64_t draw);
const double *tsr_normal(tsr_draws *draws, int64_t draw);

/* One number of one item (index within the block): for loops whose length depends on the item. */
double tsr_uniform_of(const tsr_draws *draws, int64_t index, int64_t draw);
double tsr_normal_of(const tsr_draws *draws, int64_t index, int64_t draw);

/* The bytes the kernel asked for, 64-byte aligned, private to the thread, contents undefined. */
void *tsr_workspace(tsr_draws *draws);

#endif
