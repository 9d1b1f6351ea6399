/* The sieve between the maps and the tallies: which items of a block are wanted, finite, and of which group.
 * Layer 4. Private to its thread. */
#ifndef TSR_ENGINE_SIFT_H
#define TSR_ENGINE_SIFT_H

#include "engine/stage.h"

typedef struct tsr_sift tsr_sift;

/* What became of a block. */
typedef struct {
    tsr_block block;      /* the items that go on; borrowed from the sieve, or the block itself when all of them do */
    const int64_t *group; /* [block.items], or NULL without groups */
    int64_t dropped;      /* items that were left out because a column was not finite */
    int64_t first;        /* of these */
    int64_t spoilt;       /* index, in the block that was sifted, of the item for which the stage ends, or -1 */
} tsr_sifted;

tsr_status tsr_sift_create(const tsr_bound_stage *stage, tsr_sift **out);
void tsr_sift_destroy(tsr_sift **sift);

/* is_finite: of the whole block. Allocates nothing. */
void tsr_sift_block(tsr_sift *sift, const tsr_block *block, bool is_finite, tsr_sifted *out);

/* The first column of an item that is not finite, or -1. A NaN in a stage that takes missing values is no such column.
 */
int tsr_sift_spoilt_column(const tsr_bound_stage *stage, const tsr_block *block, int64_t index);

#endif
