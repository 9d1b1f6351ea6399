/* The tally "top": the most extreme values of each column, and the items that they are.
 * Layer 2.
 *
 * The k largest (smallest, or both) numbers, in order; of equal ones those of the lower items. Exact: any order and any
 * split of the items give the same list. A NaN is not a number (counted: result "top_nans"); infinities are. Memory: 16
 * k bytes for each column, end and thread; an item that enters the list costs O(log k), which happens about
 * k log(n / k) times in n items of random order. */
#ifndef TSR_ENGINE_TOP_H
#define TSR_ENGINE_TOP_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_top;

#endif
