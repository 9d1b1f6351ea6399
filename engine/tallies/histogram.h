/* The tally "histogram": how many items of each column fall into bins, or what these items weigh.
 * Layer 2.
 *
 * Bins are b of equal width, [begin + i w, begin + (i + 1) w) with w = (end - begin) / b and edges rounded once; or b
 * in geometric progression (scale: log; engine/tallies/edges.h); or those between given edges. The last bin has its
 * right edge. What lies outside is counted too (result "histogram_outside": below, above, not a number).
 *
 * With `range` or `edges` all columns share their bins. Without them the first pass finds a range for each column, and
 * the items are read once more to be counted: from the 0.1 % to the 99.9 % quantile of a sketch
 * (engine/tallies/sketch.h), which is from the smallest to the largest where there are fewer than 1000 numbers. A range
 * too narrow for its bins is widened.
 *
 * Error bar of a count c among n numbers: sqrt(c (1 - c / n)), binomial. Density: c / (n w), with n counting what lies
 * outside but is a number. With `weight`, bins hold sums of weights: engine/tallies/share.h has their error bars. */
#ifndef TSR_ENGINE_HISTOGRAM_H
#define TSR_ENGINE_HISTOGRAM_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_histogram;

#endif
