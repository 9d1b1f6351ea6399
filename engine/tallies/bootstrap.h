/* The tally "bootstrap": standard errors and intervals of statistics from resampled items.
 * Layer 2. Weights of items are pure functions of (seed, item, replicate): engine/tallies/resample.h. */
#ifndef TSR_ENGINE_BOOTSTRAP_H
#define TSR_ENGINE_BOOTSTRAP_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_bootstrap;

#endif
