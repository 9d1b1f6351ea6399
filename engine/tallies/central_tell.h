/* How moments become results: mean, variance, sd, skewness, kurtosis.
 * Layer 2. */
#ifndef TSR_ENGINE_CENTRAL_TELL_H
#define TSR_ENGINE_CENTRAL_TELL_H

#include "engine/tallies/central.h"
#include "engine/tallies/columns.h"

/* Adds those up to the order, with their errors. central: [columns]. TSR_ERUNTIME, TSR_EUSAGE as tsr_results_add. */
tsr_status tsr_central_tell(const tsr_columns *columns, const tsr_central *central, int order, bool weighted,
                            tsr_results *results);

#endif
