#include "engine/tallies/autocorrelation.h"

#include "engine/vmath.h"

#include <math.h>

/* How many times slower than the sum so far a correlation is supposed to decay. */
static const double SLOWNESS = 1.5;

/* Wolff's guess of the decay time, S / log((2 tau + 1) / (2 tau - 1)), and its mirror for correlations that alternate
 * in sign, whose tau is below 1/2. Infinite where there is no guess. */
static double decay_time(double tau) {
    const double ratio = fabs(2 * tau + 1) / fabs(2 * tau - 1);
    return tau > 0 && ratio > 1 ? SLOWNESS / tsr_log(ratio < DBL_MAX ? ratio : DBL_MAX) : INFINITY;
}

/* Correlations that alternate are summed up in pairs, as half of one may be more than all. */
static bool is_wide_enough(double tau, int64_t window, int64_t rows) {
    const double decay = decay_time(tau), w = (double)window;
    if (decay == INFINITY || (tau < 0.5 && window % 2 == 1)) return false;
    return tsr_exp(-w / decay) < decay / sqrt(w * (double)rows);
}

tsr_correlation_time tsr_correlation_time_find(const tsr_autocovariance *of) {
    tsr_correlation_time found = {0};
    double sum = of->covariance[0];
    while (!found.closed && found.window < of->lags) {
        sum += 2 * of->covariance[++found.window];
        found.closed = is_wide_enough(0.5 * sum / of->covariance[0], found.window, of->rows);
    }
    /* Each covariance about the sample's own mean is too small by the variance of that mean. */
    const double rows = (double)of->rows, missing = sum / rows, w = (double)found.window;
    const double whole = sum + (2 * w + 1) * missing;
    const double tau = 0.5 * whole / (of->covariance[0] + missing);
    found.tau = tau > 0 ? tau : 0;
    found.tau_error = 2 * found.tau * sqrt(fmax(0, w + 0.5 - found.tau) / rows);
    found.mean_error = sqrt(fmax(0, whole) / rows);
    return found;
}

static double correlation_at(const double *correlation, int64_t window, int64_t lag) {
    const int64_t distance = lag < 0 ? -lag : lag;
    return distance <= window ? correlation[distance] : 0;
}

void tsr_autocorrelation_solve(const tsr_autocovariance *of, int64_t window, double *correlation, double *error) {
    for (int64_t lag = 0; lag <= of->lags; lag++) correlation[lag] = of->covariance[lag] / of->covariance[0];
    for (int64_t lag = 0; lag <= of->lags; lag++) {
        const double here = correlation_at(correlation, window, lag);
        double sum = 0;
        for (int64_t m = 1; m <= lag + window; m++) {
            const double term = correlation_at(correlation, window, m + lag) +
                                correlation_at(correlation, window, m - lag) -
                                2 * here * correlation_at(correlation, window, m);
            sum += term * term;
        }
        error[lag] = lag == 0 ? 0 : sqrt(sum / (double)of->rows);
    }
}
