#include "engine/tallies.h"

#include "engine/covariance.h"
#include "engine/histogram.h"
#include "engine/moments.h"
#include "engine/quantile.h"
#include "engine/var_es.h"

const tsr_tally *const tsr_tallies[] = {
    &tsr_tally_moments, &tsr_tally_covariance, &tsr_tally_quantile, &tsr_tally_var_es, &tsr_tally_histogram, NULL,
};
