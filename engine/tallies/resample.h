/* Random weights of items, by which a sample becomes another one of the same law: how often each item is drawn.
 * Layer 2. A pure function of seed, item and replicate: the same for any order and any split of the items.
 *
 * Each weight is 0 .. 8, independent of all others, by Poisson's law of mean 1 as near as 16 bits can tell: its mean
 * and its variance are exactly 1, its third central moment is 1 + 2^-15, and no probability is off by more than 1e-4.
 * Poisson weights: Hanley and MacGibbon, Comput. Methods Programs Biomed. 83 (2006) 57; Chamandy et al., "Estimating
 * uncertainty for massive data streams" (2012). */
#ifndef TSR_ENGINE_RESAMPLE_H
#define TSR_ENGINE_RESAMPLE_H

#include "engine/block.h"
#include "engine/stream.h"

/* Replicates come in fours, which share a word of random bits, and in sixteens, which share a counter. */
enum { TSR_RESAMPLE_LANES = 4, TSR_RESAMPLE_GROUP = TSR_QUAD * TSR_RESAMPLE_LANES, TSR_RESAMPLE_LARGEST = 8 };

/* Weights of the items of a block in the replicates of a group: weight of replicate 4 w + l in bits 16 l on of word w.
 */
typedef union {
    uint64_t word[TSR_QUAD][TSR_BLOCK_ITEMS_MAX];
    int16_t weight[TSR_QUAD][TSR_BLOCK_ITEMS_MAX][TSR_RESAMPLE_LANES];
} tsr_resample;

/* All functions are thread-safe and allocate nothing. */

tsr_stream tsr_resample_stream(uint64_t seed);

/* Replicates TSR_RESAMPLE_GROUP group on. */
void tsr_resample_make(const tsr_stream *stream, const tsr_block *block, int64_t group, tsr_resample *out);

/* The weights of one replicate of the group as doubles: out [items]; returns their sum. */
int64_t tsr_resample_weights(const tsr_resample *made, int replicate, int64_t items, double *out);

#endif
