#include "engine/tallies/bins.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

static const double WIDTH_MIN = 0x1p-1000; /* its inverse is finite */

bool tsr_bins_fit(double begin, double end, int32_t count) {
    double width = (end - begin) / count;
    double unit = fmax(fabs(begin), fabs(end)) * DBL_EPSILON;
    return isfinite(end - begin) && width >= fmax(4.0 * unit, WIDTH_MIN);
}

tsr_bins tsr_bins_make(double begin, double end, int32_t count) {
    double width = (end - begin) / count;
    return (tsr_bins){.count = count, .begin = begin, .end = end, .width = width, .per_unit = 1.0 / width};
}

tsr_bins tsr_bins_between(const tsr_edges *edges) {
    return (tsr_bins){.count = edges->count, .begin = edges->edge[0], .end = edges->edge[edges->count], .edges = edges};
}

double tsr_bins_edge(const tsr_bins *bins, int64_t i) {
    if (bins->edges != NULL) return bins->edges->edge[i];
    return i == bins->count ? bins->end : fma((double)i, bins->width, bins->begin);
}

double tsr_bins_width(const tsr_bins *bins, int64_t i) {
    return bins->edges == NULL ? bins->width : bins->edges->edge[i + 1] - bins->edges->edge[i];
}

double tsr_bins_centre(const tsr_bins *bins, int64_t i) {
    if (bins->edges == NULL) return fma((double)i + 0.5, bins->width, bins->begin);
    return bins->edges->edge[i] + 0.5 * (bins->edges->edge[i + 1] - bins->edges->edge[i]);
}

/* The product finds the bin or, near an edge, its neighbour; comparing with both edges settles it. All in doubles, so
 * that it vectorises. */
static void find_equal(const tsr_bins *bins, const double *values, int64_t items, int32_t *slots) {
    const double begin = bins->begin, end = bins->end, width = bins->width, per_unit = bins->per_unit;
    const double count = bins->count, last = count - 1.0;
    for (int64_t i = 0; i < items; i++) {
        double x = values[i];
        double bin = floor((x - begin) * per_unit);
        bin = bin > 0.0 ? bin : 0.0;
        bin = bin < last ? bin : last;
        double left = fma(bin, width, begin), right = fma(bin + 1.0, width, begin);
        bin = x < left ? bin - 1.0 : bin;
        bin = x >= right ? bin + 1.0 : bin;
        bin = bin < last ? bin : last;
        bin = x < begin ? count + TSR_BINS_BELOW : bin;
        bin = x > end ? count + TSR_BINS_ABOVE : bin;
        slots[i] = (int32_t)(x == x ? bin : count + TSR_BINS_NAN);
    }
}

static void find_between(const tsr_bins *bins, const double *values, int64_t items, int32_t *slots) {
    const double begin = bins->begin, end = bins->end;
    const int32_t count = bins->count;
    tsr_edges_find(bins->edges, values, items, slots);
    for (int64_t i = 0; i < items; i++) {
        const double x = values[i];
        int32_t slot = x < begin ? count + TSR_BINS_BELOW : slots[i];
        slot = x > end ? count + TSR_BINS_ABOVE : slot;
        slots[i] = x == x ? slot : count + TSR_BINS_NAN;
    }
}

void tsr_bins_find(const tsr_bins *bins, const double *values, int64_t items, int32_t *slots) {
    if (bins->edges != NULL)
        find_between(bins, values, items, slots);
    else
        find_equal(bins, values, items, slots);
}
