#include "engine/tallies/quantile.h"

#include "engine/tallies/order.h"
#include "engine/tallies/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of each probability: the quantile, and the two ends of its error bar. */
enum { POINTS = 3, RANKS = 2 * POINTS, PROBABILITIES_MAX = TSR_ORDER_TARGETS_MAX / RANKS };

static const tsr_param table[] = {
    {.name = "probabilities",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .minimum = 0.0,
     .maximum = 1.0,
     .help = "which quantiles: 0.5 is the median, 0 the smallest number, 1 the largest"},
    {.name = "exact",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "read the items once to three times more for the exact order statistics"},
    {.name = "type",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "7",
     .choices = "1|7",
     .help = "7: linear between two order statistics (as R and numpy); 1: the ceil(n p)-th smallest number"},
    TSR_PARAM_OF,
    {.name = NULL},
};

typedef struct {
    tsr_ordered ordered;
    bool linear;
    int count;
    double *probability; /* [count] */
} quantile_model;

static tsr_rank quantile_rank(const quantile_model *model, double probability, int64_t numbers) {
    return model->linear ? tsr_rank_linear(probability, numbers) : tsr_rank_inverse(probability, numbers);
}

static void wanted(const void *data, int64_t numbers, int64_t *ranks) {
    const quantile_model *model = data;
    for (int i = 0; i < model->count; i++) {
        tsr_rank point[POINTS] = {quantile_rank(model, model->probability[i], numbers)};
        tsr_rank_span(model->probability[i], numbers, &point[1], &point[2]);
        for (int k = 0; k < POINTS; k++) {
            *ranks++ = point[k].low;
            *ranks++ = point[k].high;
        }
    }
}

static void destroy(void *data) {
    quantile_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->ordered.columns);
    free(model->probability);
    free(model);
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    int64_t count;
    const double *probability = tsr_params_reals(params, "probabilities", &count);
    if (count < 1 || count > PROBABILITIES_MAX)
        return tsr_params_fail(params, "probabilities", "%lld probabilities are given; 1 to %d are allowed",
                               (long long)count, PROBABILITIES_MAX);
    tsr_status status = TSR_OK;
    quantile_model *model = calloc(1, sizeof(*model));
    if (model != NULL) model->probability = malloc((size_t)count * sizeof(*probability));
    if (model == NULL || model->probability == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
        goto out;
    }
    memcpy(model->probability, probability, (size_t)count * sizeof(*probability));
    model->count = (int)count;
    model->linear = tsr_params_choice(params, "type") == 1;
    model->ordered.exact = tsr_params_boolean(params, "exact");
    model->ordered.targets = (int)count * RANKS;
    model->ordered.wanted = wanted;
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->ordered.columns));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

static void solve_column(const quantile_model *model, const tsr_orders *orders, double *value, double *error) {
    int64_t numbers = orders->sketch.numbers;
    for (int i = 0; i < model->count; i++) {
        value[i] = error[i] = NAN;
        if (numbers == 0) continue;
        value[i] = tsr_orders_value(orders, quantile_rank(model, model->probability[i], numbers));
        error[i] = tsr_orders_error(orders, model->probability[i]);
    }
}

static tsr_status add_results(const quantile_model *model, double *value, double *error, tsr_results *results) {
    tsr_result quantile = {
        .name = "quantile",
        .long_name = model->ordered.exact ? "quantile (exact order statistics)"
                                          : "quantile (one-pass sketch: within 0.1 % of the order statistic)",
        .dimensions = 1,
        .dimension =
            {[1] = {.name = "probability", .length = model->count, .coordinates = model->probability, .unit = "1"}},
        .value = value,
        .error = error,
        .headline = true,
    };
    return tsr_columns_add(model->ordered.columns, 1, quantile, results);
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const quantile_model *model = data;
    tsr_status status;
    tsr_orders *orders = NULL;
    const int columns = model->ordered.columns->count;
    const size_t length = (size_t)columns * (size_t)model->count;
    double *value = malloc(2 * length * sizeof(*value));
    TSR_REQUIRE(value != NULL, TSR_ERUNTIME, "no memory for quantiles");
    for (int c = 0; c < columns; c++) {
        int64_t place = (int64_t)c * model->count;
        TSR_TRY_OUT(tsr_orders_create(model, state, c, &orders));
        solve_column(model, orders, value + place, value + length + place);
        tsr_orders_destroy(&orders);
    }
    TSR_TRY_OUT(add_results(model, value, value + length, results));
    status = tsr_ordered_add_nans(model, state, "quantile_nans", results);
out:
    free(value);
    return status;
}

const tsr_tally tsr_tally_quantile = {
    .name = "quantile",
    .summary = "quantiles with distribution-free error bars, from one pass or exact",
    .reference =
        "Hyndman and Fan, The American Statistician 50 (1996) 361; David and Nagaraja, Order Statistics (2003)",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = tsr_ordered_layout,
    .scratch_bytes = tsr_ordered_scratch_bytes,
    .begin_tile = tsr_ordered_begin_tile,
    .add_block = tsr_ordered_add_block,
    .settle = tsr_ordered_settle,
    .unfinished = tsr_ordered_unfinished,
    .solve = solve,
};
