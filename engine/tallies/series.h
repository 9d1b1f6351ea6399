/* The tally "series": how rows of chains depend on each other, and what that does to the error of the mean.
 * Layer 2. */
#ifndef TSR_ENGINE_SERIES_H
#define TSR_ENGINE_SERIES_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_series;

#endif
