/* The area of a circle by throwing darts: the smallest kernel, and the one to copy. */
#include "engine/kernel.h"

static const tsr_param params[] = {{.name = NULL}};

static const tsr_field fields[] = {
    {.name = "pi", .unit = "1", .long_name = "4 if the dart hits the circle, else 0; its mean is pi"},
    {.name = NULL},
};

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 2};
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    (void)model;
    const double *x = tsr_uniform(draws, 0);
    const double *y = tsr_uniform(draws, 1);
    double *pi = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) pi[i] = x[i] * x[i] + y[i] * y[i] < 1.0 ? 4.0 : 0.0;
    return TSR_OK;
}

const tsr_source tsr_source_pi = {
    .name = "pi",
    .summary = "the number pi: darts thrown at a square, counted inside the inscribed circle",
    .reference = "area of the quarter of a unit circle; one dart has mean pi and variance pi (4 - pi)",
    .params = params,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
