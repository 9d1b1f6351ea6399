/* The eleven integrands of the Cuba library's demonstration, on the unit cube of three dimensions: smooth ones, peaks,
 * singular corners, kinks and a jump. Integrators are compared on them. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"integrand", TSR_INTEGER, "1", "1", 1, 11, false, false, NULL, "which of the eleven, in the library's order"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "value",
     .unit = "1",
     .long_name = "integrand at a uniform point of the unit cube; its mean is the integral"},
    {.name = NULL},
};

#define TURN (0.5 * M_1_PI) /* of a radian */

TSR_INLINE double sine(double turns) {
    double sine, cosine;
    tsr_sincos_turns(turns, &sine, &cosine);
    return sine;
}

TSR_INLINE double cosine(double turns) {
    double sine, cosine;
    tsr_sincos_turns(turns, &sine, &cosine);
    return cosine;
}

TSR_INLINE double square(double x, double y, double z) { return fma(x, x, fma(y, y, z * z)); }

/* The integrands, in their order. */

TSR_INLINE double smooth(double x, double y, double z) { return sine(TURN * x) * cosine(TURN * y) * tsr_exp(z); }

TSR_INLINE double edge(double x, double y, double z) {
    return cosine(TURN * y) * tsr_exp(z) / fma(x + y, x + y, 0.003);
}

TSR_INLINE double lattice(double x, double y, double z) {
    return 1.0 / (3.75 - cosine(0.5 * x) - cosine(0.5 * y) - cosine(0.5 * z));
}

TSR_INLINE double shell(double x, double y, double z) { return fabs(square(x, y, z) - 0.125); }

TSR_INLINE double gaussian(double x, double y, double z) { return tsr_exp(-square(x, y, z)); }

TSR_INLINE double corner(double x, double y, double z) { return 1.0 / (1.0 - x * y * z + 1e-10); }

TSR_INLINE double plane(double x, double y, double z) { return sqrt(fabs(x - y - z)); }

TSR_INLINE double decay(double x, double y, double z) { return tsr_exp(-x * y * z); }

TSR_INLINE double wave(double x, double y, double z) { return x * x / (cosine(TURN * (x + y + z + 1.0)) + 5.0); }

TSR_INLINE double halves(double x, double y, double z) {
    const double volume = x * y * z, root = sqrt(x > 0.5 ? volume + 1e-5 : volume);
    return x > 0.5 ? 1.0 / root : root;
}

TSR_INLINE double ball(double x, double y, double z) { return square(x, y, z) < 1.0 ? 1.0 : 0.0; }

/* The columns of a block. */
typedef struct {
    const double *x;
    const double *y;
    const double *z;
    double *value;
    int64_t items;
} columns;

/* Each of its uses is a loop of its own, which becomes vector instructions. */
TSR_INLINE void apply(double (*integrand)(double, double, double), const columns *at) {
    const double *restrict x = at->x, *restrict y = at->y, *restrict z = at->z;
    double *restrict value = at->value;
    for (int64_t i = 0; i < at->items; i++) value[i] = integrand(x[i], y[i], z[i]);
}

static tsr_status create(const tsr_params *given, void **model) {
    int64_t *integrand = malloc(sizeof(*integrand));
    TSR_REQUIRE(integrand, TSR_ERUNTIME, "no memory for the model of an integrand");
    *integrand = tsr_params_integer(given, "integrand");
    *model = integrand;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 3};
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const columns at = {tsr_uniform(draws, 0), tsr_uniform(draws, 1), tsr_uniform(draws, 2), tsr_column(out, 0),
                        out->items};
    switch (*(const int64_t *)model) {
    case 1: apply(smooth, &at); break;
    case 2: apply(edge, &at); break;
    case 3: apply(lattice, &at); break;
    case 4: apply(shell, &at); break;
    case 5: apply(gaussian, &at); break;
    case 6: apply(corner, &at); break;
    case 7: apply(plane, &at); break;
    case 8: apply(decay, &at); break;
    case 9: apply(wave, &at); break;
    case 10: apply(halves, &at); break;
    default: apply(ball, &at); break;
    }
    return TSR_OK;
}

const tsr_source tsr_source_cuba = {
    .name = "cuba",
    .summary = "the eleven integrands that the Cuba library is shown on, in three dimensions",
    .reference =
        "T. Hahn, CUBA - a library for multidimensional numerical integration, Comput. Phys. Commun. 168 (2005) 78",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
