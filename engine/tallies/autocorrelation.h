/* The autocorrelation of a time series from its autocovariances: how far it reaches, and what it does to errors.
 * Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe.
 * Source: U. Wolff, Monte Carlo errors with less errors, Comput. Phys. Commun. 156 (2004) 143; 176 (2007) 383. */
#ifndef TSR_ENGINE_AUTOCORRELATION_H
#define TSR_ENGINE_AUTOCORRELATION_H

#include <stdbool.h>
#include <stdint.h>

/* covariance [lags + 1], the first one (the variance) positive; rows: of all chains together. A value type. */
typedef struct {
    const double *covariance;
    int64_t lags;
    int64_t rows;
} tsr_autocovariance;

/* Integrated autocorrelation time tau = 1/2 + sum of correlations up to the window, in rows, bias corrected; standard
 * error of the mean. closed: false if the window, which then is `lags`, would have to be larger, so that both are too
 * small. */
typedef struct {
    int64_t window;
    bool closed;
    double tau;
    double tau_error;
    double mean_error;
} tsr_correlation_time;

/* The window ends where the bias of cutting off falls below the noise of going on: Wolff, eq. 50 to 52, with S = 1.5.
 */
tsr_correlation_time tsr_correlation_time_find(const tsr_autocovariance *of);

/* Correlation at lag 0 .. lags, and standard errors by Bartlett's formula with nothing beyond the window. */
void tsr_autocorrelation_solve(const tsr_autocovariance *of, int64_t window, double *correlation, double *error);

#endif
