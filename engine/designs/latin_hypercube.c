#include "engine/designs/latin_hypercube.h"

#include "engine/designs/grid.h"
#include "engine/designs/shuffle.h"

static const tsr_param params[] = {TSR_PARAM_REPLICATES, TSR_PARAM_PATH("increments"), {.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    return tsr_grid_create(given, demand, stream, sizeof(tsr_grid), model);
}

/* Item i of a group lies in stratum p(i) of 1024, with a permutation p for each dimension, at random within it. */
static void coordinates(const void *model, const tsr_portion *portion, int64_t stride, double *out) {
    const tsr_grid *grid = model;
    const int64_t group = portion->item / TSR_GROUP_ITEMS, first = portion->item % TSR_GROUP_ITEMS;
    tsr_grid_uniforms(grid, portion, stride, out);
    for (int64_t d = 0; d < portion->dimensions; d++) {
        const tsr_shuffle shuffle = tsr_shuffle_make(&grid->stream, group, portion->dimension + d);
        double *column = out + d * stride;
        for (int64_t i = 0; i < portion->items; i++)
            column[i] = tsr_stratify(column[i], tsr_shuffle_place(&shuffle, (uint32_t)(first + i)), 10);
    }
}

const tsr_design tsr_design_latin_hypercube = {
    .name = "latin_hypercube",
    .summary = "1024 items have one in each of 1024 strata of every coordinate",
    .reference = "M. McKay, R. Beckman, W. Conover, Technometrics 21 (1979) 239; M. Stein, ibid. 29 (1987) 143",
    .params = params,
    .group_items = TSR_GROUP_ITEMS,
    .create = create,
    .destroy = tsr_grid_destroy,
    .coordinates = coordinates,
    .path = tsr_grid_path,
};
