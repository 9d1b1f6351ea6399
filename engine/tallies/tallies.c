#include "engine/tallies/tallies.h"

#include "engine/tallies/bootstrap.h"
#include "engine/tallies/control.h"
#include "engine/tallies/covariance.h"
#include "engine/tallies/describe.h"
#include "engine/tallies/exceedance.h"
#include "engine/tallies/function.h"
#include "engine/tallies/histogram.h"
#include "engine/tallies/histogram_2d.h"
#include "engine/tallies/moments.h"
#include "engine/tallies/quantile.h"
#include "engine/tallies/series.h"
#include "engine/tallies/top.h"
#include "engine/tallies/var_es.h"

const tsr_tally *const tsr_tallies[] = {
    &tsr_tally_describe,     &tsr_tally_moments,
    &tsr_tally_covariance,   &tsr_tally_function,
    &tsr_tally_control,      &tsr_tally_quantile,
    &tsr_tally_var_es,       &tsr_tally_histogram,
    &tsr_tally_histogram_2d, &tsr_tally_exceedance,
    &tsr_tally_top,          &tsr_tally_series,
    &tsr_tally_bootstrap,    NULL,
};
