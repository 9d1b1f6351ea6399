#include "engine/tallies/axis.h"

#include <math.h>
#include <stdlib.h>

static tsr_status refuse_narrow(const tsr_params *params, const double range[2], int32_t count) {
    return tsr_params_fail(params, "range",
                           "doubles between %.17g and %.17g cannot be told apart by %d bins; use fewer bins or "
                           "subtract an offset from the column",
                           range[0], range[1], (int)count);
}

static tsr_status space(const tsr_params *params, const double range[2], int32_t count, double *edge, tsr_axis *out) {
    tsr_edges_space(range[0], range[1], count, edge);
    for (int32_t i = 0; i < count; i++)
        if (!(edge[i] < edge[i + 1])) return refuse_narrow(params, range, count);
    TSR_TRY(tsr_edges_create(edge, count, &out->edges));
    out->bins = tsr_bins_between(out->edges);
    return TSR_OK;
}

tsr_status tsr_axis_of_range(const tsr_params *params, const double range[2], int32_t count, bool geometric,
                             tsr_axis *out) {
    if (!(range[0] < range[1]))
        return tsr_params_fail(params, "range", "two numbers must stand here, the smaller one first");
    if (!geometric) {
        if (!tsr_bins_fit(range[0], range[1], count)) return refuse_narrow(params, range, count);
        out->bins = tsr_bins_make(range[0], range[1], count);
        return TSR_OK;
    }
    if (range[0] < TSR_EDGES_LEAST || range[1] > 1.0 / TSR_EDGES_LEAST)
        return tsr_params_fail(params, "range",
                               "%g .. %g has no logarithmic bins; with scale: log both edges must be positive, from "
                               "1e-150 to 1e150",
                               range[0], range[1]);
    double *edge = malloc(((size_t)count + 1) * sizeof(*edge));
    TSR_REQUIRE(edge != NULL, TSR_ERUNTIME, "no memory for %d bins", (int)count);
    const tsr_status status = space(params, range, count, edge, out);
    free(edge);
    return status;
}

tsr_status tsr_axis_of_edges(const tsr_params *params, const char *row, const double *edge, int64_t edges,
                             tsr_axis *out) {
    if (edges < 2 || edges > TSR_AXIS_BINS_MAX)
        return tsr_params_fail(params, row, "%lld edges are given; 2 to %d are allowed", (long long)edges,
                               TSR_AXIS_BINS_MAX);
    for (int64_t i = 0; i + 1 < edges; i++)
        if (!(edge[i] < edge[i + 1]))
            return tsr_params_fail(params, row, "edges must increase, and %.17g is followed by %.17g", edge[i],
                                   edge[i + 1]);
    if (!isfinite(edge[edges - 1] - edge[0]))
        return tsr_params_fail(params, row, "the distance from %g to %g is beyond the largest double", edge[0],
                               edge[edges - 1]);
    TSR_TRY(tsr_edges_create(edge, (int32_t)edges - 1, &out->edges));
    out->bins = tsr_bins_between(out->edges);
    return TSR_OK;
}

void tsr_axis_clear(tsr_axis *axis) {
    tsr_edges_destroy(&axis->edges);
    *axis = (tsr_axis){0};
}
