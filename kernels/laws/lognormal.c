/* A lognormal variate: the exponential of a normal one. */
#include "engine/kernel.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"mu", TSR_REAL, "1", "0", -200, 200, false, false, NULL, "mean of log x"},
    {"sigma", TSR_REAL, "1", "1", 0, 50, true, false, NULL, "standard deviation of log x"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = "the variate"},
    {.name = NULL},
};

typedef struct {
    double mu;
    double sigma;
} lognormal;

static tsr_status create(const tsr_params *given, void **model) {
    lognormal *law = malloc(sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the model of a lognormal law");
    *law = (lognormal){.mu = tsr_params_real(given, "mu"), .sigma = tsr_params_real(given, "sigma")};
    *model = law;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.normals = 1};
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const lognormal law = *(const lognormal *)model;
    const double *z = tsr_normal(draws, 0);
    double *x = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) x[i] = tsr_exp(fma(law.sigma, z[i], law.mu));
    return TSR_OK;
}

const tsr_source tsr_source_lognormal = {
    .name = "lognormal",
    .summary = "lognormal law: log x is normal with mean mu and standard deviation sigma",
    .reference = "N. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 14",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
