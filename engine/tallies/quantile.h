/* The tally "quantile": quantiles of columns, from a sketch in one pass, or exact in two to four.
 * Layer 2.
 *
 * NaNs are left out (and counted: result "quantile_nans"); infinities are numbers like others. Type 1 is the smallest
 * number with at least n p numbers up to it, x[ceil(n p)]; type 7 (the default) lies linearly between x[1 + floor(h)]
 * and the next one, h = (n - 1) p. Both after Hyndman and Fan, "Sample quantiles in statistical packages", The American
 * Statistician 50 (1996) 361.
 *
 * Not exact: an estimate is off by less than 0.1 % of the order statistic, mostly by a few per cent of its error bar
 * (sketch.h). Exact: the very numbers that sorting would give.
 *
 * Error bar: half the distance of the order statistics at n p + 1/2 -+ sqrt(n p (1 - p)), ranks
 * that a quantile's binomial count reaches at one standard deviation, whatever the distribution. Where they reach
 * beyond the data (fewer than about ten numbers on one side), it is too small. NaN where there is none: for p = 0,
 * p = 1, and fewer than two numbers. quantile_low and quantile_high are order statistics that hold the quantile with a
 * probability of 95 % at least, whatever the law and the number of items (rank.h).
 *
 * With weights (column `weight`): the least number up to which the weights reach p of their sum W (type 1). Error bar:
 * half the distance of the weighted quantiles at p -+ e, with e^2 = sum of w^2 (1{x <= q} - p)^2 / W^2, and the
 * interval likewise at p -+ 1.96 e (Woodruff, J. American Statistical Association 47 (1952) 635). A weight counts as
 * known to 2^-24; those below 2^-80 count as zero, those of 2^40 or more are refused. */
#ifndef TSR_ENGINE_QUANTILE_H
#define TSR_ENGINE_QUANTILE_H

#include "engine/tallies/order.h"

extern const tsr_tally tsr_tally_quantile;

/* Adds quantile, quantile_low and quantile_high of a settled state. TSR_ENUMERIC, TSR_ERUNTIME as tsr_orders_create,
 * TSR_EUSAGE as tsr_results_add. */
tsr_status tsr_quantile_tell(const tsr_ordered *model, const tsr_state *state, tsr_results *results);

#endif
