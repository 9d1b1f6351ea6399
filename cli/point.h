/* The points of a sweep, as people name them. */
#ifndef TSR_CLI_POINT_H
#define TSR_CLI_POINT_H

#include "cli/format.h"

#include "engine/run.h"

#include <stddef.h>

/* The place of a point on one axis: its label, or its coordinate with all digits it needs. 0 <= point < points. */
tsr_text tsr_point_place(const tsr_stage_outcome *stage, int64_t point, int axis);

/* "[strike=90,volatility=0.2]"; "" for a stage without a sweep. Cut off at `bytes` (> 0). */
void tsr_point_suffix(const tsr_stage_outcome *stage, int64_t point, char *out, size_t bytes);

#endif
