/* What a kernel sees of the random numbers: columns of draws for the items of a block, made when first asked for.
 * Layer 2. One object per thread; hides the ring of buffers. */
#ifndef TSR_ENGINE_DRAWS_H
#define TSR_ENGINE_DRAWS_H

#include "engine/block.h"
#include "engine/design.h"
#include "engine/status.h"

#include <stddef.h>

typedef struct tsr_draws tsr_draws;

/* workspace_bytes: of kernel scratch per thread. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_draws_create(size_t workspace_bytes, tsr_draws **out);
void tsr_draws_destroy(tsr_draws **draws);

/* Makes room for the paths of a sampling whose design builds them. Every sampling that draws begin with must have been
 * seen by this. Allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_draws_reserve(tsr_draws *draws, const tsr_sampling *sampling);

/* Aims at another block of items (1 .. TSR_BLOCK_ITEMS_MAX; with a design: of one group of TSR_GROUP_ITEMS); all
 * columns become invalid. Keeps a copy of the sampling. An item that takes one or two draws of a kind shares counters
 * with its neighbours, four or two to each, so that nothing is drawn in vain. */
void tsr_draws_begin(tsr_draws *draws, const tsr_sampling *sampling, int64_t item, int64_t items);

int64_t tsr_draws_items(const tsr_draws *draws);

/* Draw `draw` (0, 1, 2, ... 2^48 - 1) of every item of the block: [items] doubles, borrowed; 64-byte aligned
 * if the block begins at a multiple of 8 items. Within the demand that the source declares, if it declares any.
 * Uniforms lie in (0, 1), normals are standard; a uniform and a normal of the same number are independent.
 * A column stays valid until a draw of its kind is asked for whose number differs by more than TSR_DRAWS_LIVE; ask in
 * ascending order when a path has many steps. */
enum { TSR_DRAWS_LIVE = 32 };
const double *tsr_uniform(tsr_draws *draws, int64_t draw);
const double *tsr_normal(tsr_draws *draws, int64_t draw);

/* One number of one item (index within the block): for loops whose length depends on the item. */
double tsr_uniform_of(const tsr_draws *draws, int64_t index, int64_t draw);
double tsr_normal_of(const tsr_draws *draws, int64_t index, int64_t draw);

/* Draws draw .. draw + count - 1 of one item, for items that are computed one after the other: out [count]. The same
 * numbers as above at a tenth of the cost. draw: a multiple of TSR_QUAD. Not for a source that declares a demand. */
void tsr_uniforms_of(const tsr_draws *draws, int64_t index, int64_t draw, int64_t count, double *out);
void tsr_normals_of(const tsr_draws *draws, int64_t index, int64_t draw, int64_t count, double *out);

/* Tells of every draw that one item takes, given by its index within the blocks to come, each time that it is asked
 * for. seen NULL: nobody is told, as at first. For who looks at single items. */
typedef void (*tsr_draw_seen_fn)(bool is_normal, int64_t draw, double value, void *data);
void tsr_draws_watch(tsr_draws *draws, int64_t index, tsr_draw_seen_fn seen, void *data);

/* The bytes the kernel asked for, 64-byte aligned, private to the thread, contents undefined. */
void *tsr_workspace(tsr_draws *draws);

#endif
