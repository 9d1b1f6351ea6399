#include "engine/designs/grid.h"

tsr_status tsr_grid_make(const tsr_params *params, const tsr_demand *demand, const tsr_stream *stream, tsr_grid *out) {
    const int64_t dimensions = demand->uniforms + demand->normals;
    if (dimensions == 0)
        return tsr_params_fail(params, NULL,
                               "this source takes as many draws as each item needs, so that its items have no "
                               "coordinates that a design could place; leave out 'sampling', or ask for 'random'");
    *out = (tsr_grid){.stream = *stream, .uniforms = demand->uniforms, .dimensions = dimensions};
    return TSR_OK;
}

/* Normals begin with a counter of their own, so that no quad that is asked for has words of two counters. */
static int64_t word_of(const tsr_grid *grid, int64_t dimension) {
    const int64_t begin = (grid->uniforms + TSR_QUAD - 1) / TSR_QUAD * TSR_QUAD;
    return dimension < grid->uniforms ? dimension : begin + dimension - grid->uniforms;
}

void tsr_grid_uniforms(const tsr_grid *grid, const tsr_portion *portion, int64_t stride, double *out) {
    const int64_t word = word_of(grid, portion->dimension);
    if (word % TSR_QUAD == 0 && portion->dimensions == TSR_QUAD) {
        tsr_stream_uniforms(&grid->stream, portion->item, portion->items, word / TSR_QUAD, stride, out);
        return;
    }
    for (int64_t d = 0; d < portion->dimensions; d++)
        for (int64_t i = 0; i < portion->items; i++)
            out[d * stride + i] = tsr_stream_uniform(&grid->stream, portion->item + i, word + d);
}
