/* When a stage may stop: every named estimate of a point is as precise as was asked for.
 * Layer 4. Pure functions of results. */
#ifndef TSR_ENGINE_UNTIL_H
#define TSR_ENGINE_UNTIL_H

#include "engine/stage.h"

/* All names must be estimates with error bars. results: of the stage, also of an empty one. TSR_EUSAGE: unknown name
 * (names the nearest), or one without an error bar. Not collective; allocates and frees. */
tsr_status tsr_until_check(const tsr_until *until, const tsr_results *results);

/* The value and error bar of the only estimate that is named, and its unit (borrowed). TSR_EUSAGE: it is not a single
 * value. */
tsr_status tsr_until_find(const tsr_until *until, const tsr_results *results, double *value, double *error);
const char *tsr_until_unit(const tsr_until *until, const tsr_results *results);

/* The same for a stage that is ready, before it has run: its tallies tell without items what they would estimate. */
tsr_status tsr_stage_check_until(const tsr_bound_stage *stage);

/* The largest ratio of an error bar to what was asked for, over all named estimates: precise enough at 1 or less.
 * Infinite where an error bar is missing, NaN or infinite, or where value and error are both zero: a rare event that
 * has not been seen yet is not known. The items needed grow with its square. */
double tsr_until_excess(const tsr_until *until, const tsr_results *results);

#endif
