#include "engine/tallies/quantile.h"

#include <stdlib.h>

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
    TSR_PARAM_WEIGHT,
    TSR_PARAM_OF,
    {.name = NULL},
};

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_ordered *model;
    TSR_TRY(tsr_ordered_create(params, fields, "probabilities", &model));
    model->linear = tsr_params_choice(params, "type") == 1;
    *out = model;
    if (model->columns->weight < 0 || !model->linear || tsr_params_is_default(params, "type")) return TSR_OK;
    tsr_ordered_destroy(model);
    *out = NULL;
    return tsr_params_fail(params, "type",
                           "with weights a quantile is the least value up to which they reach its share; "
                           "leave type out, or say 1");
}

/* [columns, probabilities] each, in one piece of memory. */
typedef struct {
    double *value;
    double *error;
    double *low;
    double *high;
} solution;

static void solve_column(const tsr_ordered *model, const tsr_orders *orders, solution *out) {
    for (int i = 0; i < model->count; i++) {
        const int64_t place = (int64_t)orders->column * model->count + i;
        const tsr_quantile found = tsr_orders_quantile(orders, model->probability[i]);
        out->value[place] = found.value;
        out->error[place] = found.error;
        out->low[place] = found.low;
        out->high[place] = found.high;
    }
}

static tsr_status add_result(const tsr_ordered *model, tsr_result result, tsr_results *results) {
    result.dimensions = 1;
    result.dimension[1] =
        (tsr_dimension){.name = "probability", .length = model->count, .coordinates = model->probability, .unit = "1"};
    return tsr_columns_add(model->columns, 1, result, results);
}

static tsr_status add_results(const tsr_ordered *model, const solution *found, tsr_results *results) {
    const tsr_result value = {.name = "quantile",
                              .long_name = model->exact
                                               ? "quantile (exact order statistics)"
                                               : "quantile (one-pass sketch: within 0.1 % of the order statistic)",
                              .value = found->value,
                              .error = found->error,
                              .headline = true};
    const tsr_result low = {.name = "quantile_low",
                            .long_name = "lower end of the 95 % interval of the quantile (-inf: too few numbers)",
                            .value = found->low,
                            .end = -1};
    const tsr_result high = {.name = "quantile_high",
                             .long_name = "upper end of the 95 % interval of the quantile (inf: too few numbers)",
                             .value = found->high,
                             .end = 1};
    TSR_TRY(add_result(model, value, results));
    TSR_TRY(add_result(model, low, results));
    return add_result(model, high, results);
}

tsr_status tsr_quantile_tell(const tsr_ordered *model, const tsr_state *state, tsr_results *results) {
    tsr_status status;
    tsr_orders *orders = NULL;
    const int columns = model->columns->count;
    const size_t length = (size_t)columns * (size_t)model->count;
    double *memory = malloc(4 * length * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for quantiles");
    solution found = {memory, memory + length, memory + 2 * length, memory + 3 * length};
    for (int c = 0; c < columns; c++) {
        TSR_TRY_OUT(tsr_orders_create(model, "quantile", state, c, &orders));
        solve_column(model, orders, &found);
        tsr_orders_destroy(&orders);
    }
    status = add_results(model, &found, results);
out:
    free(memory);
    return status;
}

static tsr_status solve(const void *model, const tsr_state *state, tsr_results *results) {
    TSR_TRY(tsr_quantile_tell(model, state, results));
    return tsr_ordered_add_nans(model, state, "quantile_nans", results);
}

const tsr_tally tsr_tally_quantile = {
    .name = "quantile",
    .summary = "quantiles with distribution-free error bars, from one pass or exact",
    .reference =
        "Hyndman and Fan, The American Statistician 50 (1996) 361; David and Nagaraja, Order Statistics (2003)",
    .params = table,
    .create = create,
    .destroy = tsr_ordered_destroy,
    .layout = tsr_ordered_layout,
    .scratch_bytes = tsr_ordered_scratch_bytes,
    .begin_tile = tsr_ordered_begin_tile,
    .add_block = tsr_ordered_add_block,
    .settle = tsr_ordered_settle,
    .rewind = tsr_ordered_rewind,
    .unfinished = tsr_ordered_unfinished,
    .solve = solve,
};
