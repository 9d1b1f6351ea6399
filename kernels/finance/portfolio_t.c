/* Loss of a portfolio over some days, when the joint log returns of a day have fat tails.
 *
 *     a day's log returns      r = mean + sqrt(dof - 2) L x       with L L' = covariance
 *     over the horizon         R = sum of r over the days         (L is the same every day: the x are summed first)
 *     loss                     sum over assets of weight (1 - exp R), or linear: of - weight R
 *
 * where x sqrt(dof) is the spherical Student t. It is drawn pair by pair, without rejection, for any real dof: let
 * s(p) = 1 + |first p pairs of x|^2. Given the pairs before it, pair p is a planar Student t with dof + 2 p degrees of
 * freedom, so that s(p + 1) / s(p) = U^(-2 / (dof + 2 p)) with a uniform U, and its direction is uniform. As dof grows
 * this becomes the method of Box and Muller. */
#include "engine/kernel.h"
#include "kernels/finance/return_law.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    TSR_PARAM_RETURNS,
    TSR_PARAM_RETURN_MEAN,
    TSR_PARAM_RETURN_COVARIANCE,
    TSR_PARAM_RETURN_DOF,
    {"weights", TSR_REAL_LIST, "1", NULL, 0, 0, false, false, NULL, "share of each asset in the portfolio's value"},
    {"horizon_days", TSR_INTEGER, "day", "10", 1, 100000, false, false, NULL, "days until the loss is taken"},
    {"linear", TSR_BOOLEAN, "1", "false", 0, 0, false, false, NULL, "loss from log returns instead of prices"},
    {.name = NULL},
};

enum { LONG_NAME_BYTES = 128 };

typedef struct {
    tsr_return_law *law;
    double *weights; /* [assets] */
    int64_t days;
    int64_t pairs; /* of assets, the last one possibly half used */
    double scale;  /* sqrt(dof - 2): from x to unit variance */
    bool linear;
    char long_name[LONG_NAME_BYTES];
    tsr_field fields[2];
} portfolio;

static void destroy(void *model) {
    portfolio *self = model;
    if (!self) return;
    tsr_return_law_destroy(&self->law);
    free(self->weights);
    free(self);
}

static tsr_status copy_weights(const tsr_params *given, portfolio *self) {
    int64_t count = 0;
    const double *weights = tsr_params_reals(given, "weights", &count);
    if (count != self->law->assets)
        return tsr_params_fail(given, "weights", "%lld weights for %lld assets: give one for each, in their order",
                               (long long)count, (long long)self->law->assets);
    self->weights = malloc((size_t)count * sizeof(double));
    TSR_REQUIRE(self->weights, TSR_ERUNTIME, "no memory for %lld weights", (long long)count);
    for (int64_t i = 0; i < count; i++) self->weights[i] = weights[i];
    return TSR_OK;
}

/* A fitted number is nowhere in the job: the column's meaning tells it. */
static void describe(portfolio *self) {
    int length = snprintf(self->long_name, sizeof(self->long_name), "loss as a fraction of the portfolio's value");
    if (self->law->fitted)
        snprintf(self->long_name + length, sizeof(self->long_name) - (size_t)length,
                 ", Student t with %.2f degrees of freedom (fitted)", self->law->dof);
    self->fields[0] = (tsr_field){.name = "loss", .unit = "1", .long_name = self->long_name};
}

static tsr_status create(const tsr_params *given, void **model) {
    tsr_status status = TSR_OK;
    portfolio *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self, TSR_ERUNTIME, "no memory for the model of a portfolio");
    TSR_TRY_OUT(tsr_return_law_create(given, &self->law));
    TSR_TRY_OUT(copy_weights(given, self));
    self->days = tsr_params_integer(given, "horizon_days");
    self->pairs = (self->law->assets + 1) / 2;
    self->scale = sqrt(self->law->dof - 2.0);
    self->linear = tsr_params_boolean(given, "linear");
    describe(self);
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const portfolio *)model)->fields; }

/* Two uniforms for each pair of assets and day. */
static tsr_demand demand(const void *model) {
    const portfolio *self = model;
    return (tsr_demand){.uniforms = 2 * self->days * self->pairs};
}

/* A block's workspace, as columns that begin a multiple of `stride` apart. */
typedef struct {
    int64_t items;
    int64_t stride;
    double *sums;   /* [2 pairs][stride] of x over the days */
    double *spread; /* [stride] s(p) */
    double *column; /* [stride] lengths of a pair, later log returns of an asset */
} scratch;

static int64_t stride_of(int64_t items) { return (items + 7) / 8 * 8; }

static size_t workspace(const void *model, int64_t items) {
    const portfolio *self = model;
    return (size_t)((2 * self->pairs + 2) * stride_of(items)) * sizeof(double);
}

static scratch scratch_of(const portfolio *self, tsr_draws *draws, int64_t items) {
    const int64_t stride = stride_of(items);
    double *sums = tsr_workspace(draws);
    double *spread = sums + 2 * self->pairs * stride;
    return (scratch){.items = items, .stride = stride, .sums = sums, .spread = spread, .column = spread + stride};
}

static void set_all(double value, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = value;
}

/* Lengths of pairs of x, from a uniform each. spread: s(p), then s(p + 1). */
static void draw_lengths(double dof, const double *restrict u, int64_t items, double *restrict spread,
                         double *restrict length) {
    const double exponent = -2.0 / dof;
    for (int64_t i = 0; i < items; i++) {
        const double growth = spread[i] * tsr_expm1(exponent * tsr_log_of_normal(u[i]));
        length[i] = sqrt(growth);
        spread[i] += growth;
    }
}

/* Adds pairs of these lengths to the sums of two assets, in directions from a uniform each. */
static void add_pairs(const double *restrict length, const double *restrict v, int64_t items, double *restrict first,
                      double *restrict second) {
    for (int64_t i = 0; i < items; i++) {
        double sine, cosine;
        tsr_sincos_turns(v[i], &sine, &cosine);
        first[i] = fma(length[i], cosine, first[i]);
        second[i] = fma(length[i], sine, second[i]);
    }
}

static void sum_days(const portfolio *self, tsr_draws *draws, const scratch *use) {
    set_all(0.0, 2 * self->pairs * use->stride, use->sums);
    for (int64_t day = 0; day < self->days; day++) {
        set_all(1.0, use->items, use->spread);
        for (int64_t pair = 0; pair < self->pairs; pair++) {
            const int64_t draw = 2 * (day * self->pairs + pair);
            const double *u = tsr_uniform(draws, draw);
            const double *v = tsr_uniform(draws, draw + 1);
            double *first = use->sums + 2 * pair * use->stride;
            draw_lengths(self->law->dof + 2.0 * (double)pair, u, use->items, use->spread, use->column);
            add_pairs(use->column, v, use->items, first, first + use->stride);
        }
    }
}

/* An asset's log return over the horizon: its row of L times the sums. */
static void add_days(const portfolio *self, int64_t asset, const scratch *use, double *restrict out) {
    const double *row = self->law->factor + asset * self->law->assets;
    set_all((double)self->days * self->law->mean[asset], use->items, out);
    for (int64_t j = 0; j <= asset; j++) {
        const double *restrict sum = use->sums + j * use->stride;
        const double loading = self->scale * row[j];
        for (int64_t i = 0; i < use->items; i++) out[i] = fma(loading, sum[i], out[i]);
    }
}

static void add_loss(double weight, bool linear, const double *restrict log_return, int64_t items,
                     double *restrict loss) {
    if (linear)
        for (int64_t i = 0; i < items; i++) loss[i] = fma(-weight, log_return[i], loss[i]);
    else
        for (int64_t i = 0; i < items; i++) loss[i] = fma(-weight, tsr_expm1(log_return[i]), loss[i]);
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const portfolio *self = model;
    const scratch use = scratch_of(self, draws, out->items);
    double *loss = tsr_column(out, 0);
    sum_days(self, draws, &use);
    set_all(0.0, out->items, loss);
    for (int64_t asset = 0; asset < self->law->assets; asset++) {
        add_days(self, asset, &use, use.column);
        add_loss(self->weights[asset], self->linear, use.column, out->items, loss);
    }
    return TSR_OK;
}

const tsr_source tsr_source_portfolio_t = {
    .name = "portfolio_t",
    .summary = "loss of a portfolio over some days, daily log returns multivariate Student t",
    .reference = "A. McNeil, R. Frey and P. Embrechts, Quantitative Risk Management (2015), section 6.2; pairs: R. W. "
                 "Bailey, Math. Comp. 62 (1994) 779; P. Ding, Am. Statist. 70 (2016) 293",
    .params = params,
    .check = tsr_return_law_check,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .workspace = workspace,
    .fill = fill,
    .demand = demand,
    .block_items = 256,
};
