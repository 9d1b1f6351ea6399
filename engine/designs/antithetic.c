#include "engine/designs/antithetic.h"

#include "engine/designs/grid.h"

static const tsr_param params[] = {TSR_PARAM_REPLICATES, {.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    return tsr_grid_create(given, demand, stream, sizeof(tsr_grid), model);
}

/* Items of an odd block of 1024 mirror those of the even one before. */
static void coordinates(const void *model, const tsr_portion *portion, int64_t stride, double *out) {
    const bool mirrors = portion->item / TSR_GROUP_ITEMS % 2 == 1;
    tsr_portion original = *portion;
    if (mirrors) original.item -= TSR_GROUP_ITEMS;
    tsr_grid_uniforms(model, &original, stride, out);
    for (int64_t d = 0; mirrors && d < portion->dimensions; d++)
        for (int64_t i = 0; i < portion->items; i++) out[d * stride + i] = 1.0 - out[d * stride + i];
}

const tsr_design tsr_design_antithetic = {
    .name = "antithetic",
    .summary = "pairs of items that mirror each other: 1 - u for every uniform u, -z for every normal z",
    .reference = "J. Hammersley and K. Morton, Proc. Cambridge Phil. Soc. 52 (1956) 449; P. Glasserman, Monte Carlo "
                 "Methods in Financial Engineering (2004), 4.2",
    .params = params,
    .group_items = 2 * TSR_GROUP_ITEMS,
    .create = create,
    .destroy = tsr_grid_destroy,
    .coordinates = coordinates,
};
