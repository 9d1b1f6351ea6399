/* The tally "control": means with control variates, columns whose expectation is known.
 * Layer 2. */
#ifndef TSR_ENGINE_CONTROL_H
#define TSR_ENGINE_CONTROL_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_control;

#endif
