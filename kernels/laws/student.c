/* A Student t variate: one coordinate of a planar one, whose length and direction take a uniform each. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"dof", TSR_REAL, "1", "4", 0.2, 1e6, false, false, NULL, "degrees of freedom; moments of this order are infinite"},
    {"location", TSR_REAL, "1", "0", -1e100, 1e100, false, false, NULL, "centre"},
    {"scale", TSR_REAL, "1", "1", 0, 1e100, true, false, NULL, "factor; sd is scale sqrt(dof / (dof - 2)) above 2"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = "the variate"},
    {.name = NULL},
};

typedef struct {
    double dof;
    double location;
    double scale;
} student;

static tsr_status create(const tsr_params *given, void **model) {
    student *law = malloc(sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the model of a Student t law");
    *law = (student){.dof = tsr_params_real(given, "dof"),
                     .location = tsr_params_real(given, "location"),
                     .scale = tsr_params_real(given, "scale")};
    *model = law;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 2};
}

/* The square of the length is dof (u^(-2 / dof) - 1): exact for any real dof, nothing is rejected. */
static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const student law = *(const student *)model;
    const double *u = tsr_uniform(draws, 0), *v = tsr_uniform(draws, 1);
    const double exponent = -2.0 / law.dof;
    double *x = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) {
        double sine, cosine;
        tsr_sincos_turns(v[i], &sine, &cosine);
        const double length = sqrt(law.dof * tsr_expm1(exponent * tsr_log_of_normal(u[i])));
        x[i] = fma(law.scale * length, cosine, law.location);
    }
    return TSR_OK;
}

const tsr_source tsr_source_student = {
    .name = "student",
    .summary = "Student t law of any real degrees of freedom, with location and scale",
    .reference = "R. W. Bailey, Math. Comp. 62 (1994) 779",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
