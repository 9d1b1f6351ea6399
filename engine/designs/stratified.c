#include "engine/designs/stratified.h"

#include "engine/designs/grid.h"
#include "engine/designs/shuffle.h"

enum { CELL_DIGITS = 10 }; /* of a group of 1024 items */

static const tsr_param params[] = {
    TSR_PARAM_REPLICATES,
    {.name = "dimensions",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "1",
     .minimum = 1,
     .maximum = CELL_DIGITS,
     .help = "coordinates that are stratified together: 1 (1024 strata), 2 (32 each), 5 (4 each) or 10 (2 each)"},
    TSR_PARAM_PATH("bridge"),
    {.name = NULL},
};

typedef struct {
    tsr_grid grid;
    int64_t dimensions; /* that are stratified */
    int digits;         /* of a stratum of one dimension */
} stratified;

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    const int64_t dimensions = tsr_params_integer(given, "dimensions");
    TSR_TRY(tsr_grid_create(given, demand, stream, sizeof(stratified), model));
    stratified *design = *model;
    design->dimensions = dimensions;
    design->digits = (int)(CELL_DIGITS / dimensions);
    if (CELL_DIGITS % dimensions != 0)
        return tsr_params_fail(given, "dimensions", "%lld: must be 1, 2, 5 or 10, so that 1024 items fill equal cells",
                               (long long)dimensions);
    if (dimensions > design->grid.dimensions)
        return tsr_params_fail(given, "dimensions", "%lld: the source has %lld of them", (long long)dimensions,
                               (long long)design->grid.dimensions);
    return TSR_OK;
}

/* Item i of a group lies in cell p(i); some digits of the cell's number are its stratum in one dimension. */
static void coordinates(const void *model, const tsr_portion *portion, int64_t stride, double *out) {
    const stratified *design = model;
    const int64_t group = portion->item / TSR_GROUP_ITEMS, first = portion->item % TSR_GROUP_ITEMS;
    const tsr_shuffle shuffle = tsr_shuffle_make(&design->grid.stream, group, 0);
    const uint32_t mask = (UINT32_C(1) << design->digits) - 1;
    tsr_grid_uniforms(&design->grid, portion, stride, out);
    for (int64_t d = 0; d < portion->dimensions && portion->dimension + d < design->dimensions; d++) {
        const int shift = (int)(portion->dimension + d) * design->digits;
        double *column = out + d * stride;
        for (int64_t i = 0; i < portion->items; i++) {
            const uint32_t cell = tsr_shuffle_place(&shuffle, (uint32_t)(first + i));
            column[i] = tsr_stratify(column[i], cell >> shift & mask, design->digits);
        }
    }
}

const tsr_design tsr_design_stratified = {
    .name = "stratified",
    .summary = "1024 items have one in each of 1024 cells of the first few coordinates; the others are independent",
    .reference = "W. Cochran, Sampling Techniques, 3rd ed. (1977), ch. 5; P. Glasserman, Monte Carlo Methods in "
                 "Financial Engineering (2004), 4.3",
    .params = params,
    .group_items = TSR_GROUP_ITEMS,
    .create = create,
    .destroy = tsr_grid_destroy,
    .coordinates = coordinates,
    .path = tsr_grid_path,
};
