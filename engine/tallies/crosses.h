/* Covariances and correlations of every two columns from the exact sums of a gram without errors and weights: what a
 * column has by itself is found once. The same numbers as those of engine/tallies/couple.h.
 * Layer 2. */
#ifndef TSR_ENGINE_CROSSES_H
#define TSR_ENGINE_CROSSES_H

#include "engine/tallies/gram.h"

typedef struct tsr_crosses tsr_crosses;

/* Reads the columns of a settled bank; gram and state are borrowed. TSR_ERUNTIME: no memory. */
tsr_status tsr_crosses_create(const tsr_gram *gram, const tsr_state *state, tsr_bank bank, int64_t items,
                              tsr_crosses **out);
void tsr_crosses_destroy(tsr_crosses **crosses);

/* Of columns a <= b: the sample covariance, and the correlation; NaN where undefined, not finite, or beyond the range
 * of a double. One thread at a time. correlation may be NULL: then a covariance is told however small it is. */
void tsr_crosses_solve(tsr_crosses *crosses, int a, int b, double *covariance, double *correlation);

#endif
