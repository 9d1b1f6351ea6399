/* The tally "function": functions of means, with errors by the delta method and by a jackknife over batches.
 * Layer 2. */
#ifndef TSR_ENGINE_FUNCTION_H
#define TSR_ENGINE_FUNCTION_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_function;

#endif
