/* A rare event of a normal law by importance sampling: the normal is drawn where the event is not rare, and its weight
 * tells how much likelier or less likely it is under the law that is meant. */
#include "engine/kernel.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"mean", TSR_REAL, "1", "0", -1e100, 1e100, false, false, NULL, "mean of the law that is meant"},
    {"sd", TSR_REAL, "1", "1", 0, 1e100, true, false, NULL, "its standard deviation"},
    {"shift", TSR_REAL, "sd", "5", -30, 30, false, false, NULL, "how far off the mean the draws are centred"},
    {"threshold", TSR_REAL, "1", "5", -1e100, 1e100, false, false, NULL, "x above it is the event"},
    {.name = NULL},
};

enum { X, WEIGHT, EXCEEDS };

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = "the variate, centred at mean + shift sd"},
    {.name = "weight",
     .unit = "1",
     .long_name = "likelihood under the law without shift over that with it",
     .is_control = true,
     .expectation = 1.0},
    {.name = "exceeds",
     .unit = "1",
     .long_name = "weight where x is above the threshold, else 0; its mean is P(X > threshold)"},
    {.name = NULL},
};

typedef struct {
    double mean;
    double sd;
    double shift;
    double threshold;
} shifted_normal;

static tsr_status create(const tsr_params *given, void **model) {
    shifted_normal *law = malloc(sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the model of a shifted normal law");
    *law = (shifted_normal){.mean = tsr_params_real(given, "mean"),
                            .sd = tsr_params_real(given, "sd"),
                            .shift = tsr_params_real(given, "shift"),
                            .threshold = tsr_params_real(given, "threshold")};
    *model = law;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.normals = 1};
}

/* With z normal, y = z + shift has density phi(y - shift): phi(y) / phi(y - shift) = exp(-shift (z + shift / 2)). */
static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const shifted_normal law = *(const shifted_normal *)model;
    const double *z = tsr_normal(draws, 0);
    double *x = tsr_column(out, X), *weight = tsr_column(out, WEIGHT), *exceeds = tsr_column(out, EXCEEDS);
    for (int64_t i = 0; i < out->items; i++) {
        x[i] = fma(law.sd, z[i] + law.shift, law.mean);
        weight[i] = tsr_exp(-law.shift * (z[i] + 0.5 * law.shift));
        exceeds[i] = x[i] > law.threshold ? weight[i] : 0.0;
    }
    return TSR_OK;
}

const tsr_source tsr_source_shifted_normal = {
    .name = "shifted_normal",
    .summary = "rare events of a normal law by importance sampling: draws off the mean, with their likelihood ratios",
    .reference = "P. Glasserman, Monte Carlo Methods in Financial Engineering (2004), section 4.6.1",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
