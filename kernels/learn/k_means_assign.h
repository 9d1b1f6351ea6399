/* Lloyd's step of k-means: what the items of each cluster sum to, and the centroids made of it.
 * Layer 2. S. Lloyd, Least squares quantization in PCM, IEEE Trans. Information Theory 28 (1982) 129. */
#ifndef TSR_KERNELS_K_MEANS_ASSIGN_H
#define TSR_KERNELS_K_MEANS_ASSIGN_H

#include "engine/tallies/lanes.h"
#include "kernels/learn/k_means_steps.h"

/* A tile on its way, of one step; memory of the caller. */
typedef struct {
    tsr_pair *sum;     /* [clusters, columns] */
    int64_t *size;     /* [clusters] */
    tsr_pair *inertia; /* one: the sum of squared distances */
    int64_t *items;    /* one */
    int32_t *order;    /* [TSR_BLOCK_ITEMS_MAX]: items of a block, cluster by cluster */
} tsr_k_means_tile;

/* None of these is collective; thread-safe on different tiles and states. */

void tsr_k_means_tile_begin(const tsr_k_means *self, const tsr_k_means_tile *tile);

/* Adds a block: label, distance [items] as tsr_nearest_find gives them, all finite. */
void tsr_k_means_tile_add(const tsr_k_means *self, const tsr_k_means_tile *tile, const tsr_block *block,
                          const int *label, const double *distance);

/* Adds a tile to the sums of step s. TSR_ERUNTIME: no memory. */
tsr_status tsr_k_means_tile_end(const tsr_k_means *self, const tsr_k_means_tile *tile, int64_t s, tsr_state *state);

/* Brings the sums of all steps to canonical form. Forgets sums that no centroid will be made of any more: those of a
 * cluster that has had items in a later step, but for the last step and the first. */
void tsr_k_means_settle(const tsr_k_means *self, tsr_state *state);

/* Forgets all steps from s on. */
void tsr_k_means_forget(const tsr_k_means *self, tsr_state *state, int64_t s);

/* The centroids that step s works with: each is the mean of its items in the last step before that gave it any, the
 * rounded sum divided by their number; or where it began. [clusters, columns]. As tsr_k_means_begin. */
tsr_status tsr_k_means_centroids(const tsr_k_means *self, const tsr_state *state, int64_t s, double *centroid);

/* The head of step s, or NULL: it has no items. */
const int64_t *tsr_k_means_found(const tsr_k_means *self, const tsr_state *state, int64_t s);

#endif
