/* For tests: whether two runs have the same prints of all their tiles. */
#ifndef TSR_TESTS_SAME_PRINTS_H
#define TSR_TESTS_SAME_PRINTS_H

#include "engine/run.h"

#include <string.h>

static inline bool same_prints(const tsr_outcome *a, const tsr_outcome *b) {
    for (int s = 0; s < tsr_outcome_stages(a); s++) {
        const tsr_prints *x = tsr_outcome_stage(a, s)->prints, *y = tsr_outcome_stage(b, s)->prints;
        if (!tsr_prints_are_alike(x, y)) return false;
        if (memcmp(x->sum, y->sum, (size_t)x->offset[x->points] * sizeof(*x->sum)) != 0) return false;
    }
    return true;
}

#endif
