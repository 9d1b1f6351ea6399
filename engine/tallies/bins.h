/* Bins: which of them a number falls into, of equal width or between any edges.
 * Layer 1. Pure arithmetic; nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_BINS_H
#define TSR_ENGINE_BINS_H

#include "engine/tallies/edges.h"

#include <stdbool.h>

/* Bin i is [edge i, edge i + 1), the last one with its right edge. A value type; make it with tsr_bins_make or
 * tsr_bins_between. */
typedef struct {
    int32_t count;
    double begin;
    double end;
    double width;           /* of each; unless there are edges */
    double per_unit;        /* 1 / width */
    const tsr_edges *edges; /* borrowed; NULL: equal width */
} tsr_bins;

/* True if the edges of so many bins are different doubles (a bin is at least 4 units in the last place wide) and
 * their distances are finite. */
bool tsr_bins_fit(double begin, double end, int32_t count);

/* Equal width. Such a range must fit. */
tsr_bins tsr_bins_make(double begin, double end, int32_t count);

/* Between edges, which are kept. */
tsr_bins tsr_bins_between(const tsr_edges *edges);

/* Edge i, 0 .. count: as in the table; or begin + i width, rounded once; the last one is end. */
double tsr_bins_edge(const tsr_bins *bins, int64_t i);

/* The distance of the edges of bin i, rounded once; of equal bins, the width from which edges are made. */
double tsr_bins_width(const tsr_bins *bins, int64_t i);

/* The point half way between the edges of bin i. */
double tsr_bins_centre(const tsr_bins *bins, int64_t i);

/* The bin of each value by comparing it with those edges: 0 .. count - 1; then count: below begin, count + 1: above
 * end, count + 2: not a number. Vectorises. */
enum { TSR_BINS_BELOW, TSR_BINS_ABOVE, TSR_BINS_NAN, TSR_BINS_OUTSIDE };
void tsr_bins_find(const tsr_bins *bins, const double *values, int64_t items, int32_t *slots);

#endif
