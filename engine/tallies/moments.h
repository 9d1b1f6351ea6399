/* The tally "moments": mean, variance, skewness, kurtosis and extremes of each column.
 * Layer 2. */
#ifndef TSR_ENGINE_MOMENTS_H
#define TSR_ENGINE_MOMENTS_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_moments;

#endif
