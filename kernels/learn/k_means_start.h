/* Where k-means begins: candidates chosen among the items, and what becomes of them.
 * Layer 2. k-means||: B. Bahmani, B. Moseley, A. Vattani, R. Kumar, S. Vassilvitskii, Scalable k-means++, PVLDB 5
 * (2012) 622; weighted sampling by keys: P. Efraimidis, P. Spirakis, Information Processing Letters 97 (2006) 181. */
#ifndef TSR_KERNELS_K_MEANS_START_H
#define TSR_KERNELS_K_MEANS_START_H

#include "engine/tally.h"
#include "kernels/learn/k_means_steps.h"

/* Offers the items of a block to the records of a round. distance: [items], squared, from the candidates of the rounds
 * before; NULL in the first. Thread-safe, allocates nothing. */
void tsr_k_means_choose(const tsr_k_means *self, const tsr_fold *fold, int round, const tsr_block *block,
                        const double *distance);

/* Writes the columns of those of a round's candidates that are in the block. TSR_ENUMERIC: a value is not
 * finite; TSR_ERUNTIME: no memory. */
tsr_status tsr_k_means_fetch(const tsr_k_means *self, const tsr_fold *fold, int round, const tsr_block *block);

/* Counts items of a block by the candidate nearest to them: label [items], below `candidates`; which [candidates]: the
 * numbers of these candidates. TSR_ERUNTIME: no memory. */
tsr_status tsr_k_means_weigh(const tsr_k_means *self, tsr_state *state, const int *which, const int *label,
                             int64_t items);

/* The candidates of the first rounds that there are: point [*count, columns]; which [*count]: their numbers. */
void tsr_k_means_read(const tsr_k_means *self, const tsr_state *state, int rounds, double *point, int *which,
                      int *count);

/* The centroids to begin with: [clusters, columns]. state NULL: only given ones are needed. TSR_ENUMERIC: fewer items,
 * or fewer different ones, than clusters; TSR_ERUNTIME: no memory. Allocates. */
tsr_status tsr_k_means_begin(const tsr_k_means *self, const tsr_state *state, double *centroid);

#endif
