/* The tally "covariance": covariances and correlations of every two columns.
 * Layer 2. */
#ifndef TSR_ENGINE_COVARIANCE_H
#define TSR_ENGINE_COVARIANCE_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_covariance;

#endif
