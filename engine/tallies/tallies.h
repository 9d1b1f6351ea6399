/* All tallies.
 * Layer 2. */
#ifndef TSR_ENGINE_TALLIES_H
#define TSR_ENGINE_TALLIES_H

#include "engine/tally.h"

/* Ends with NULL. */
extern const tsr_tally *const tsr_tallies[];

#endif
