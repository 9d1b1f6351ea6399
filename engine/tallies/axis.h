/* An axis of a histogram: its bins, from what a job says about them.
 * Layer 2. */
#ifndef TSR_ENGINE_AXIS_H
#define TSR_ENGINE_AXIS_H

#include "engine/param.h"
#include "engine/tallies/bins.h"

enum { TSR_AXIS_BINS_MAX = 1000000 };

/* Owns the edges, if there are any. Cleared memory is none. */
typedef struct {
    tsr_bins bins;
    tsr_edges *edges;
} tsr_axis;

/* So many bins from the first to the last number of a range, of equal width or in geometric progression. `range` is the
 * row that messages point at. TSR_EUSAGE: not ascending, not positive (geometric), or too many bins for doubles;
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_axis_of_range(const tsr_params *params, const double range[2], int32_t count, bool geometric,
                             tsr_axis *out);

/* Bins between the edges [edges > 0] of a row. TSR_EUSAGE: too few, too many, or not strictly increasing. */
tsr_status tsr_axis_of_edges(const tsr_params *params, const char *row, const double *edge, int64_t edges,
                             tsr_axis *out);

void tsr_axis_clear(tsr_axis *axis);

#endif
