/* The tally "var_es": value at risk and expected shortfall of columns that hold losses (a loss is positive).
 * Layer 2.
 *
 * For level a and n losses x[1] <= ... <= x[n] (NaNs left out and counted: result "var_es_nans"), with k = ceil(n a):
 *     VaR = x[k],
 *     ES  = (x[k+1] + ... + x[n] + (k - n a) x[k]) / (n (1 - a)),
 * the mean of the worst n (1 - a) losses, the one at the VaR taken with the fraction of it that belongs to them
 * (Acerbi and Tasche, "On the coherence of expected shortfall", Journal of Banking & Finance 26 (2002) 1487, eq. 11).
 *
 * Not exact: VaR is off by less than 0.1 % of its value, mostly by a few per cent of its error bar (sketch.h),
 * ES by less. Exact: VaR is the very order statistic; the tail is summed exactly and ES is rounded twice.
 *
 * Error bars: of VaR, half the distance of the order statistics at n a -+ sqrt(n a (1 - a)); of ES, the asymptotic
 *     sqrt((Var(X | X > VaR) + a (ES - VaR)^2) / (n (1 - a)))
 * (Manistre and Hancock, "Variance of the CTE estimator", North American Actuarial Journal 9 (2005) 129). With fewer
 * than 30 losses beyond a level, n (1 - a) < 30, both are mostly too small; the result's long_name says so. 95 %
 * intervals: VaR_low, VaR_high from ranks (rank.h), good for any law and number; ES_low, ES_high are ES -+ 1.96 errors.
 *
 * With weights (column `weight`, not with `exact`) VaR is the weighted quantile (quantile.h), ES = VaR + sum of
 * w (x - VaR)+ / (W (1 - a)), and its error that of a ratio, linearised:
 *     sqrt(sum of w^2 ((x - VaR)+ / (1 - a) - (ES - VaR))^2) / W. */
#ifndef TSR_ENGINE_VAR_ES_H
#define TSR_ENGINE_VAR_ES_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_var_es;

#endif
