/* Genz's six families: integrands on the unit cube of any dimension, each hard in a way of its own, with integrals in
 * closed form (genz_exact.h). `a` says how hard, `u` where.
 *
 * A family is a sum (or product) over the dimensions and one function of it, so that a point costs two multiply-adds
 * a dimension and one exponential, logarithm, cosine or division. */
#include "engine/kernel.h"
#include "kernels/integrals/genz_exact.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"family", TSR_CHOICE, "1", "gaussian", 0, 0, false, false, TSR_GENZ_FAMILIES, "which of the six integrands"},
    {"a", TSR_REAL_LIST, "1", "1.5, 1.2, 0.9, 1.8, 1.1, 0.7", 1e-6, 1e6, false, false, NULL,
     "how hard: one number a dimension, or one for all"},
    {"u", TSR_REAL_LIST, "1", "0.3, 0.5, 0.7, 0.2, 0.6, 0.4", 0, 1, false, false, NULL,
     "where the peak, kink or jump is: one number a dimension, or one for all"},
    {"dimensions", TSR_INTEGER, "1", "0", 0, 100000, false, false, NULL,
     "of the cube; 0: as many as a or u has numbers"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "value",
     .unit = "1",
     .long_name = "integrand at a uniform point of the unit cube; its mean is the integral"},
    {.name = NULL},
};

typedef struct {
    double a;
    double u;
} axis;

/* Takes one more coordinate x of every point into the sum. */
typedef void (*step_fn)(axis at, int64_t items, const double *restrict x, double *restrict sum);

/* Turns sums into values, in place. */
typedef void (*finish_fn)(int64_t dimensions, int64_t items, double *value);

typedef struct {
    double start; /* of the sum; the oscillatory family begins at its phase */
    step_fn step;
    finish_fn finish;
} family;

typedef struct {
    family rule;
    int64_t dimensions;
    axis axis[]; /* [dimensions] */
} genz;

static void step_oscillatory(axis at, int64_t items, const double *restrict x, double *restrict sum) {
    const double turns = at.a * (0.5 * M_1_PI);
    for (int64_t i = 0; i < items; i++) sum[i] = fma(turns, x[i], sum[i]);
}

static void finish_oscillatory(int64_t dimensions, int64_t items, double *value) {
    (void)dimensions;
    for (int64_t i = 0; i < items; i++) {
        double sine;
        tsr_sincos_turns(value[i], &sine, &value[i]);
    }
}

static void step_product_peak(axis at, int64_t items, const double *restrict x, double *restrict product) {
    const double width = 1.0 / (at.a * at.a);
    for (int64_t i = 0; i < items; i++) product[i] *= fma(x[i] - at.u, x[i] - at.u, width);
}

static void finish_product_peak(int64_t dimensions, int64_t items, double *value) {
    (void)dimensions;
    for (int64_t i = 0; i < items; i++) value[i] = 1.0 / value[i];
}

static void step_corner_peak(axis at, int64_t items, const double *restrict x, double *restrict sum) {
    for (int64_t i = 0; i < items; i++) sum[i] = fma(at.a, x[i], sum[i]);
}

static void finish_corner_peak(int64_t dimensions, int64_t items, double *value) {
    const double power = -(double)(dimensions + 1);
    for (int64_t i = 0; i < items; i++) value[i] = tsr_exp(power * tsr_log_of_normal(value[i]));
}

static void step_gaussian(axis at, int64_t items, const double *restrict x, double *restrict sum) {
    for (int64_t i = 0; i < items; i++) {
        const double distance = at.a * (x[i] - at.u);
        sum[i] = fma(-distance, distance, sum[i]);
    }
}

static void step_c0(axis at, int64_t items, const double *restrict x, double *restrict sum) {
    for (int64_t i = 0; i < items; i++) sum[i] = fma(-at.a, fabs(x[i] - at.u), sum[i]);
}

/* Beyond u the integrand is 0. */
static void step_discontinuous(axis at, int64_t items, const double *restrict x, double *restrict sum) {
    for (int64_t i = 0; i < items; i++) sum[i] = x[i] > at.u ? -INFINITY : fma(at.a, x[i], sum[i]);
}

static void finish_exp(int64_t dimensions, int64_t items, double *value) {
    (void)dimensions;
    for (int64_t i = 0; i < items; i++) value[i] = tsr_exp(value[i]);
}

/* In the order of TSR_GENZ_FAMILIES. */
static const family families[] = {
    {0.0, step_oscillatory, finish_oscillatory},
    {1.0, step_product_peak, finish_product_peak},
    {1.0, step_corner_peak, finish_corner_peak},
    {0.0, step_gaussian, finish_exp},
    {0.0, step_c0, finish_exp},
    {0.0, step_discontinuous, finish_exp},
};

/* Number i of a list that has one for each dimension or one for all. */
static double number_of(const double *list, int64_t count, int64_t i) { return list[count == 1 ? 0 : i]; }

static tsr_status check_count(const tsr_params *given, const char *name, int64_t count, int64_t dimensions) {
    if (count == 1 || count == dimensions) return TSR_OK;
    return tsr_params_fail(given, name, "%lld numbers for %lld dimensions: give one for each dimension, or one for all",
                           (long long)count, (long long)dimensions);
}

/* A value that does not fit into a double would make the mean infinite. */
static tsr_status check_largest(const tsr_params *given, int choice, const genz *self) {
    double exponent = 0.0;
    for (int64_t i = 0; i < self->dimensions; i++) {
        if (choice == TSR_GENZ_PRODUCT_PEAK) exponent += 2.0 * tsr_log(self->axis[i].a);
        if (choice == TSR_GENZ_DISCONTINUOUS) exponent += self->axis[i].a;
    }
    if (exponent <= 300.0) return TSR_OK;
    return tsr_params_fail(
        given, "a", "the integrand would reach e^%.0f, and at most e^300 is allowed: take smaller numbers", exponent);
}

static tsr_status create(const tsr_params *given, void **model) {
    int64_t hard = 0, places = 0, dimensions = tsr_params_integer(given, "dimensions");
    const int choice = tsr_params_choice(given, "family");
    const double *a = tsr_params_reals(given, "a", &hard), *u = tsr_params_reals(given, "u", &places);
    if (dimensions == 0) dimensions = hard > places ? hard : places;
    TSR_TRY(check_count(given, "a", hard, dimensions));
    TSR_TRY(check_count(given, "u", places, dimensions));
    genz *self = malloc(sizeof(*self) + (size_t)dimensions * sizeof(axis));
    TSR_REQUIRE(self, TSR_ERUNTIME, "no memory for an integrand of %lld dimensions", (long long)dimensions);
    self->rule = families[choice];
    self->dimensions = dimensions;
    for (int64_t i = 0; i < dimensions; i++)
        self->axis[i] = (axis){.a = number_of(a, hard, i), .u = number_of(u, places, i)};
    if (choice == TSR_GENZ_OSCILLATORY) self->rule.start = self->axis[0].u;
    if (choice == TSR_GENZ_DISCONTINUOUS) /* it jumps in the first two dimensions alone */
        for (int64_t i = 2; i < dimensions; i++) self->axis[i].u = INFINITY;
    tsr_status status = check_largest(given, choice, self);
    if (status == TSR_OK)
        *model = self;
    else
        free(self);
    return status;
}

static tsr_demand demand(const void *model) { return (tsr_demand){.uniforms = ((const genz *)model)->dimensions}; }

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const genz *self = model;
    double *value = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) value[i] = self->rule.start;
    for (int64_t dimension = 0; dimension < self->dimensions; dimension++)
        self->rule.step(self->axis[dimension], out->items, tsr_uniform(draws, dimension), value);
    self->rule.finish(self->dimensions, out->items, value);
    return TSR_OK;
}

const tsr_source tsr_source_genz = {
    .name = "genz",
    .summary = "Genz's six families of integrands on the unit cube: peaks, corners, waves, kinks and jumps",
    .reference =
        "A. Genz, Testing multidimensional integration routines, in: Tools, Methods and Languages for Scientific "
        "and Engineering Computation (1984) 81; same author in: Numerical Integration (1987) 337",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
