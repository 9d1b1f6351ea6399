/* An integral of the user's own: a formula at uniform points of a box, times the volume of the box. */
#include "engine/expression.h"
#include "engine/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIMENSIONS_MAX = 1000, NAME_BYTES = 8 };

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"expression", TSR_TEXT, "1", NULL, 0, 0, false, false, NULL,
     "the integrand, a formula of x1, x2, ... or, up to three dimensions, of x, y, z"},
    {"dimensions", TSR_INTEGER, "1", "0", 0, DIMENSIONS_MAX, false, false, NULL,
     "of the box; 0: as many as low or high has numbers"},
    {"low", TSR_REAL_LIST, "1", "0", 0, 0, false, false, NULL,
     "where the box begins: one number a dimension, or one for all"},
    {"high", TSR_REAL_LIST, "1", "1", 0, 0, false, false, NULL,
     "where the box ends: one number a dimension, or one for all"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "value",
     .unit = "1",
     .long_name = "integrand at a uniform point of the box, times its volume; its mean is the integral"},
    {.name = NULL},
};

typedef struct {
    double low;
    double width;
} side;

typedef struct {
    tsr_expression expression;
    double volume;
    int64_t dimensions;
    side side[]; /* [dimensions] */
} integrand;

static double number_of(const double *list, int64_t count, int64_t i) { return list[count == 1 ? 0 : i]; }

static tsr_status check_count(const tsr_params *given, const char *name, int64_t count, int64_t dimensions) {
    if (count == 1 || count == dimensions) return TSR_OK;
    return tsr_params_fail(given, name, "%lld numbers for %lld dimensions: give one for each dimension, or one for all",
                           (long long)count, (long long)dimensions);
}

static tsr_status measure(const tsr_params *given, integrand *self) {
    int64_t lows = 0, highs = 0;
    const double *low = tsr_params_reals(given, "low", &lows), *high = tsr_params_reals(given, "high", &highs);
    TSR_TRY(check_count(given, "low", lows, self->dimensions));
    TSR_TRY(check_count(given, "high", highs, self->dimensions));
    self->volume = 1.0;
    for (int64_t i = 0; i < self->dimensions; i++) {
        const double begin = number_of(low, lows, i), end = number_of(high, highs, i);
        if (!(begin < end))
            return tsr_params_fail(given, "high", "the box ends at %g where it begins at %g in dimension %lld", end,
                                   begin, (long long)i + 1);
        self->side[i] = (side){.low = begin, .width = end - begin};
        self->volume *= end - begin;
    }
    if (self->volume >= DBL_MIN && self->volume <= DBL_MAX) return TSR_OK;
    return tsr_params_fail(given, "high", "the volume of the box is %g, which is no normal double; scale the integrand",
                           self->volume);
}

/* x1, x2, ... */
static tsr_status compile_numbered(const tsr_params *given, int64_t dimensions, tsr_expression *out,
                                   tsr_mistake *mistake) {
    const size_t count = (size_t)dimensions;
    const char **names = calloc(count + 1, sizeof(*names));
    char(*text)[NAME_BYTES] = calloc(count + 1, sizeof(*text));
    tsr_status status = TSR_OK;
    if (names == NULL || text == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the names of %zu variables", count);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(text[i], sizeof(text[i]), "x%zu", i % DIMENSIONS_MAX + 1);
        names[i] = text[i];
    }
    mistake->place = 0;
    tsr_expression_compile(tsr_params_text(given, "expression"), names, out, mistake);
out:
    free(names);
    free(text);
    return status;
}

/* Either way of naming; where both fail, told is the mistake that was met later. */
static tsr_status compile(const tsr_params *given, int64_t dimensions, tsr_expression *out) {
    static const char *const letters[][4] = {{"x"}, {"x", "y"}, {"x", "y", "z"}};
    tsr_mistake numbered = {0}, lettered = {0};
    TSR_TRY(compile_numbered(given, dimensions, out, &numbered));
    if (numbered.place == 0) return TSR_OK;
    const tsr_mistake *told = &numbered;
    if (dimensions <= 3) {
        const char *text = tsr_params_text(given, "expression");
        if (tsr_expression_compile(text, letters[dimensions - 1], out, &lettered)) return TSR_OK;
        if (lettered.place > numbered.place) told = &lettered;
    }
    return tsr_params_fail(given, "expression", "at character %d: %s", told->place, told->text);
}

static tsr_status create(const tsr_params *given, void **model) {
    int64_t lows = 0, highs = 0, dimensions = tsr_params_integer(given, "dimensions");
    tsr_params_reals(given, "low", &lows);
    tsr_params_reals(given, "high", &highs);
    if (dimensions == 0) dimensions = lows > highs ? lows : highs;
    if (dimensions < 1 || dimensions > DIMENSIONS_MAX)
        return tsr_params_fail(given, "dimensions", "a box of %lld dimensions; at least 1 and at most %d",
                               (long long)dimensions, DIMENSIONS_MAX);
    tsr_status status;
    integrand *self = calloc(1, sizeof(*self) + (size_t)dimensions * sizeof(side));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for an integrand of %lld dimensions", (long long)dimensions);
    self->dimensions = dimensions;
    TSR_TRY_OUT(measure(given, self));
    TSR_TRY_OUT(compile(given, dimensions, &self->expression));
    *model = self;
    self = NULL;
out:
    free(self);
    return status;
}

static tsr_demand demand(const void *model) { return (tsr_demand){.uniforms = ((const integrand *)model)->dimensions}; }

static int64_t stride_of(int64_t items) { return (items + 7) / 8 * 8; }

static size_t workspace(const void *model, int64_t items) {
    return (size_t)(((const integrand *)model)->dimensions * stride_of(items)) * sizeof(double);
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const integrand *self = model;
    const tsr_block points = {.items = out->items,
                              .stride = stride_of(out->items),
                              .columns = (int)self->dimensions,
                              .data = tsr_workspace(draws)};
    double *value = tsr_column(out, 0);
    for (int64_t d = 0; d < self->dimensions; d++) {
        const double *u = tsr_uniform(draws, d);
        double *x = tsr_column(&points, (int)d);
        const side at = self->side[d];
        for (int64_t i = 0; i < out->items; i++) x[i] = fma(at.width, u[i], at.low);
    }
    tsr_expression_apply(&self->expression, &points, value);
    for (int64_t i = 0; i < out->items; i++) value[i] *= self->volume;
    return TSR_OK;
}

const tsr_source tsr_source_integrand = {
    .name = "integrand",
    .summary = "an integral of your own over a box: a formula of x1, x2, ...",
    .reference = "crude Monte Carlo: J. M. Hammersley and D. C. Handscomb, Monte Carlo Methods (1964), section 5.2",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .workspace = workspace,
    .fill = fill,
    .demand = demand,
};
