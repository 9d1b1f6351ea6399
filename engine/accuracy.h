/* What accuracy costs: pure arithmetic on error bars, items and times.
 * Layer 0. Nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_ACCURACY_H
#define TSR_ENGINE_ACCURACY_H

#include <stdint.h>

/* Error squared times core-seconds: does not depend on how long a run was, since the square of an error falls as the
 * work grows. Less is better. NaN where there is no error bar. Unit: that of the estimate squared, times seconds. */
double tsr_accuracy_cost(double error, double core_seconds);

/* How many independent items one of these is worth for the estimate of a mean: (variance / items) / error^2.
 * variance: of the items. NaN without an error bar; infinite for an error of 0. */
double tsr_accuracy_gain(double variance, int64_t items, double error);

#endif
