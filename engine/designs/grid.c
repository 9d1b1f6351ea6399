#include "engine/designs/grid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { INCREMENTS, BRIDGE };

static bool has_row(const tsr_params *params, const char *name) {
    const tsr_param *row = tsr_params_table(params);
    while (row->name != NULL && strcmp(row->name, name) != 0) row++;
    return row->name != NULL;
}

static tsr_status make_path(const tsr_params *params, const tsr_demand *demand, tsr_path **out) {
    if (!has_row(params, "path")) return TSR_OK;
    const int order = tsr_params_choice(params, "path");
    if (order == INCREMENTS) return TSR_OK;
    TSR_ASSERT(demand->paths == 0 || demand->normals % demand->paths == 0);
    if (demand->paths > 0)
        return tsr_path_create(order == BRIDGE ? TSR_PATH_BRIDGE : TSR_PATH_PCA, demand->normals / demand->paths, out);
    if (tsr_params_is_default(params, "path")) return TSR_OK;
    return tsr_params_fail(params, "path",
                           "the normals of this source drive no Brownian path of equal steps; leave it "
                           "out");
}

tsr_status tsr_grid_create(const tsr_params *params, const tsr_demand *demand, const tsr_stream *stream, size_t bytes,
                           void **model) {
    const int64_t dimensions = demand->uniforms + demand->normals;
    *model = NULL;
    if (dimensions == 0)
        return tsr_params_fail(params, NULL,
                               "this source takes as many draws as each item needs, so that its items have no "
                               "coordinates that a design could place; leave out 'sampling', or ask for 'random'");
    tsr_grid *grid = calloc(1, bytes);
    TSR_REQUIRE(grid != NULL, TSR_ERUNTIME, "no memory for a sampling design of %lld dimensions",
                (long long)dimensions);
    *grid = (tsr_grid){.stream = *stream, .uniforms = demand->uniforms, .dimensions = dimensions};
    *model = grid;
    return make_path(params, demand, &grid->path);
}

void tsr_grid_destroy(void *model) {
    tsr_grid *grid = model;
    if (grid != NULL) tsr_path_destroy(&grid->path);
    free(grid);
}

const tsr_path *tsr_grid_path(const void *model) { return ((const tsr_grid *)model)->path; }

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
    if (word % TSR_QUAD == 0 && portion->items > 1 &&
        portion->items <= TSR_GROUP_ITEMS) { /* the last, not whole quad */
        double quad[TSR_QUAD * TSR_GROUP_ITEMS];
        tsr_stream_uniforms(&grid->stream, portion->item, portion->items, word / TSR_QUAD, TSR_GROUP_ITEMS, quad);
        for (int64_t d = 0; d < portion->dimensions; d++)
            memcpy(out + d * stride, quad + d * TSR_GROUP_ITEMS, (size_t)portion->items * sizeof(*out));
        return;
    }
    for (int64_t d = 0; d < portion->dimensions; d++)
        for (int64_t i = 0; i < portion->items; i++)
            out[d * stride + i] = tsr_stream_uniform(&grid->stream, portion->item + i, word + d);
}
