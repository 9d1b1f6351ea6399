/* Bins of equal width: which of them a number falls into.
 * Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_BINS_H
#define TSR_ENGINE_BINS_H

#include <stdbool.h>
#include <stdint.h>

/* Bin i is [edge i, edge i + 1), the last one with its right edge. A value type; make it with tsr_bins_make. */
typedef struct {
    int32_t count;
    double begin;
    double end;
    double width;
    double scale; /* bins per unit */
} tsr_bins;

/* True if the edges of so many bins are different doubles (a bin is at least 4 units in the last place wide) and
 * their distances are finite. */
bool tsr_bins_fit(double begin, double end, int32_t count);

/* Such a range must fit. */
tsr_bins tsr_bins_make(double begin, double end, int32_t count);

/* Edge i, 0 .. count: begin + i width, rounded once; the last one is end. */
double tsr_bins_edge(const tsr_bins *bins, int64_t i);

/* The bin of each value by comparing it with those edges: 0 .. count - 1; then count: below begin, count + 1: above
 * end, count + 2: not a number. Vectorises. */
enum { TSR_BINS_BELOW, TSR_BINS_ABOVE, TSR_BINS_NAN, TSR_BINS_OUTSIDE };
void tsr_bins_find(const tsr_bins *bins, const double *values, int64_t items, int32_t *slots);

#endif
