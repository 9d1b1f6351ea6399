#include "engine/tallies/binning.h"

#include <math.h>

double tsr_binning_error_error(double error, int64_t bins) {
    return bins > 1 ? error / sqrt(2 * (double)(bins - 1)) : NAN;
}

static tsr_plateau plateau_at(int level, double error, int64_t bins) {
    return (tsr_plateau){.level = level, .error = error, .error_error = tsr_binning_error_error(error, bins)};
}

tsr_plateau tsr_binning_plateau(const tsr_binning *of) {
    for (int level = 0; level < of->levels && of->level_bins[level] > 1; level++) {
        const double rows = (double)((int64_t)1 << level), growth = of->level_error[level] / of->level_error[0];
        const double square = growth * growth;
        if (rows * rows * rows > 2 * (double)of->rows * square * square)
            return plateau_at(level, of->level_error[level], of->level_bins[level]);
    }
    return plateau_at(TSR_BINNING_CHAINS, of->between_error, of->chains);
}
