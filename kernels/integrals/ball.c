/* The volume of a ball in any dimension, by throwing darts: uniformly at the cube around it, as pi.c does in two
 * dimensions, or normally at its centre.
 *
 * In the cube a dart counts 2^d if it hits, which for d = 20 is one dart in 4e7. A normal dart x = z / sqrt(d) counts
 * one over its density, (2 pi / d)^(d/2) exp(|z|^2 / 2), if it hits, which is every other one in any dimension; its
 * variance is no more than about sqrt(pi d) / 2 volumes squared, as most of a ball lies near its surface, and so do the
 * darts. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"dimensions", TSR_INTEGER, "1", "3", 1, 100, false, false, NULL, "of the space"},
    {"darts", TSR_CHOICE, "1", "uniform", 0, 0, false, false, "uniform|normal",
     "thrown at the cube around the ball, or at its centre (for many dimensions)"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "volume",
     .unit = "1",
     .long_name = "one over the dart's density if it hits, else 0; its mean is the volume"},
    {.name = NULL},
};

typedef struct {
    int64_t dimensions;
    bool normal;
    double scale; /* largest, or for normal darts smallest, count of a dart */
} ball;

static tsr_status create(const tsr_params *given, void **model) {
    ball *self = malloc(sizeof(*self));
    TSR_REQUIRE(self, TSR_ERUNTIME, "no memory for the model of a ball");
    self->dimensions = tsr_params_integer(given, "dimensions");
    self->normal = tsr_params_choice(given, "darts") == 1;
    const double d = (double)self->dimensions, side = self->normal ? sqrt(2.0 * M_PI / d) : 2.0;
    self->scale = 1.0;
    for (int64_t i = 0; i < self->dimensions; i++) self->scale *= side;
    *model = self;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    const ball *self = model;
    if (self->normal) return (tsr_demand){.normals = self->dimensions};
    return (tsr_demand){.uniforms = self->dimensions};
}

/* |2 u - 1|^2 of every dart. */
static void add_uniform(int64_t items, const double *restrict u, double *restrict square) {
    for (int64_t i = 0; i < items; i++) {
        const double x = fma(2.0, u[i], -1.0);
        square[i] = fma(x, x, square[i]);
    }
}

/* |z|^2 of every dart. */
static void add_normal(int64_t items, const double *restrict z, double *restrict square) {
    for (int64_t i = 0; i < items; i++) square[i] = fma(z[i], z[i], square[i]);
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const ball self = *(const ball *)model;
    double *volume = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) volume[i] = 0.0;
    for (int64_t dimension = 0; dimension < self.dimensions; dimension++)
        if (self.normal)
            add_normal(out->items, tsr_normal(draws, dimension), volume);
        else
            add_uniform(out->items, tsr_uniform(draws, dimension), volume);
    const double edge = self.normal ? (double)self.dimensions : 1.0, power = self.normal ? 0.5 : 0.0;
    for (int64_t i = 0; i < out->items; i++)
        volume[i] = volume[i] < edge ? self.scale * tsr_exp(power * volume[i]) : 0.0;
    return TSR_OK;
}

const tsr_source tsr_source_ball = {
    .name = "ball",
    .summary = "volume of a ball in any dimension: darts thrown at the cube around it, or normally at its centre",
    .reference =
        "volume pi^(d/2) / Gamma(d/2 + 1); importance sampling: C. Robert and G. Casella, Monte Carlo Statistical "
        "Methods (2004), section 3.3",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
