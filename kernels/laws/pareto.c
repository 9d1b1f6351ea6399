/* A Pareto variate, by the inverse of its distribution function. */
#include "engine/kernel.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"shape", TSR_REAL, "1", "3", 0.1, 1e6, false, false, NULL,
     "index of the tail; moments of this order are infinite"},
    {"scale", TSR_REAL, "1", "1", 0, 1e100, true, false, NULL, "smallest value"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = "the variate"},
    {.name = NULL},
};

typedef struct {
    double exponent; /* - 1 / shape */
    double scale;
} pareto;

static tsr_status create(const tsr_params *given, void **model) {
    pareto *law = malloc(sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the model of a Pareto law");
    *law = (pareto){.exponent = -1.0 / tsr_params_real(given, "shape"), .scale = tsr_params_real(given, "scale")};
    *model = law;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 1};
}

/* The uniform is the chance of a larger value. */
static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const pareto law = *(const pareto *)model;
    const double *u = tsr_uniform(draws, 0);
    double *x = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) x[i] = law.scale * tsr_exp(law.exponent * tsr_log_of_normal(u[i]));
    return TSR_OK;
}

const tsr_source tsr_source_pareto = {
    .name = "pareto",
    .summary = "Pareto law: P(X > x) = (scale / x)^shape for x >= scale",
    .reference = "N. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 20",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
