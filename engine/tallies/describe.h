/* The tally "describe": what one wants to know of a column first, over the items that have a value in it.
 * Layer 2. NaN means missing: each column leaves out its own. */
#ifndef TSR_ENGINE_DESCRIBE_H
#define TSR_ENGINE_DESCRIBE_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_describe;

#endif
