/* A normal variate. */
#include "engine/kernel.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"mean", TSR_REAL, "1", "0", -1e100, 1e100, false, false, NULL, "mean"},
    {"sd", TSR_REAL, "1", "1", 0, 1e100, true, false, NULL, "standard deviation"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = "the variate"},
    {.name = NULL},
};

typedef struct {
    double mean;
    double sd;
} normal;

static tsr_status create(const tsr_params *given, void **model) {
    normal *law = malloc(sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the model of a normal law");
    *law = (normal){.mean = tsr_params_real(given, "mean"), .sd = tsr_params_real(given, "sd")};
    *model = law;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.normals = 1};
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const normal law = *(const normal *)model;
    const double *z = tsr_normal(draws, 0);
    double *x = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) x[i] = fma(law.sd, z[i], law.mean);
    return TSR_OK;
}

const tsr_source tsr_source_normal = {
    .name = "normal",
    .summary = "normal law: density exp(-((x - mean) / sd)^2 / 2) / (sd sqrt(2 pi))",
    .reference = "G. E. P. Box and M. E. Muller, Ann. Math. Statist. 29 (1958) 610",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
