#include "engine/tallies/var_es.h"

#include "engine/exact.h"
#include "engine/tallies/order.h"
#include "engine/tallies/rank.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_SUMS = TSR_SKETCH_PAGE_WORDS / TSR_EXACT_WORDS, TAIL_ITEMS_FEW = 30 };

static const tsr_param table[] = {
    {.name = "levels",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .minimum = 0.0,
     .maximum = 1.0,
     .minimum_open = true,
     .maximum_open = true,
     .help = "confidence levels, such as 0.99: the share of losses up to the value at risk"},
    {.name = "exact",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "read the items once to three times more for the exact order statistics and tail sums"},
    TSR_PARAM_WEIGHT,
    TSR_PARAM_OF,
    {.name = NULL},
};

/* An exact tail has a sum for every bucket that a pass narrows. */
static int64_t tail_sums(const tsr_ordered *model) { return (int64_t)model->count * TSR_POINTS_PLACES; }

/* The rest of n - n a must stand clear of rounding. */
static tsr_status check_levels(const tsr_params *params) {
    static const double LEVEL_MAX = 0.999999999999;
    int64_t count;
    const double *level = tsr_params_reals(params, "levels", &count);
    for (int64_t i = 0; i < count; i++)
        if (level[i] > LEVEL_MAX)
            return tsr_params_fail(params, "levels", "levels holds %.17g; the largest that can be told from 1 is %.12g",
                                   level[i], LEVEL_MAX);
    return TSR_OK;
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_ordered *model;
    TSR_TRY(check_levels(params));
    TSR_TRY(tsr_ordered_create(params, fields, "levels", &model));
    if (model->exact) model->pages_more = (tail_sums(model) + PAGE_SUMS - 1) / PAGE_SUMS;
    if (!model->exact || model->columns->weight < 0) {
        *out = model;
        return TSR_OK;
    }
    tsr_ordered_destroy(model);
    return tsr_params_fail(params, "exact",
                           "a weighted expected shortfall is known from the sketch alone; leave out exact "
                           "or weight (the tally quantile has exact weighted quantiles)");
}

/* Exact sums of what lies above the bucket of each wanted order statistic: those are the prefixes of the second pass,
 * and sum i takes the values above bucket i, up to and with bucket i + 1. */
static tsr_exact *tail_sum(tsr_state *state, const tsr_ordered *ordered, int column, int64_t i) {
    int64_t *words = tsr_state_page(state, tsr_ordered_page_more(ordered, column) + i / PAGE_SUMS);
    return words != NULL ? (tsr_exact *)(words + i % PAGE_SUMS * TSR_EXACT_WORDS) : NULL;
}

static tsr_status add_tail(const tsr_fold *fold, int column, const double *values, int64_t items) {
    int64_t count;
    const uint64_t *prefix = tsr_ordered_prefixes(fold, column, &count);
    if (count == 0) return TSR_OK;
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    tsr_keys_from_doubles(values, items, keys);
    uint64_t least = (prefix[0] + 1) << (64 - TSR_SKETCH_KEY_BITS);
    for (int64_t i = 0; i < items; i++) {
        if (keys[i] < least) continue;
        int64_t below = count;
        while (prefix[below - 1] >= keys[i] >> (64 - TSR_SKETCH_KEY_BITS)) below--;
        tsr_exact *sum = tail_sum(fold->state, fold->model, column, below - 1);
        TSR_REQUIRE(sum != NULL, TSR_ERUNTIME, "no memory for a tail sum");
        tsr_exact_add(sum, values[i]);
    }
    return TSR_OK;
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_columns *columns = ((const tsr_ordered *)fold->model)->columns;
    TSR_TRY(tsr_ordered_add_block(fold, block));
    for (int c = 0; fold->pass == 1 && c < columns->count; c++)
        TSR_TRY(add_tail(fold, c, tsr_column(block, columns->index[c]), block->items));
    return TSR_OK;
}

static void settle(const void *model, tsr_state *state) {
    const tsr_ordered *ordered = model;
    tsr_ordered_settle(model, state);
    for (int c = 0; c < ordered->columns->count; c++)
        for (int64_t i = 0; i < ordered->pages_more * PAGE_SUMS; i++)
            if (tsr_state_find(state, tsr_ordered_page_more(ordered, c) + i / PAGE_SUMS) != NULL)
                tsr_exact_settle(tail_sum(state, ordered, c, i));
}

/* What lies above the VaR: its exact sum, and in doubles its excesses over the VaR. */
typedef struct {
    tsr_exact sum;
    double value_at_risk;
    tsr_excess excess;
    bool overflown;
} tail;

/* A cell's values are (smallest + low bits x step), so that its sum is known from two integers. */
static void add_cell(uint64_t key, tsr_cell cell, int bits, void *data) {
    tail *above = data;
    if (cell.count > INT64_MAX >> bits) above->overflown = true;
    double count = (double)cell.count, smallest = tsr_key_to_double(key);
    double step = bits > 0 ? tsr_key_to_double(key + 1) - smallest : 0.0;
    double high = (double)(cell.sum >> 32), low = (double)(cell.sum & UINT32_MAX);
    tsr_exact_add_product(&above->sum, (double[]){count, smallest}, 2);
    tsr_exact_add_product(&above->sum, (double[]){high, step, 0x1p32}, 3);
    tsr_exact_add_product(&above->sum, (double[]){low, step}, 2);
    double excess = smallest - above->value_at_risk + (double)cell.sum / count * step;
    above->excess.first += count * excess;
    above->excess.second += count * excess * excess;
}

static void add_exact_tail(const tsr_orders *orders, const tsr_order *order, tail *above) {
    tsr_order_visit_above(&orders->tables, orders->state, order, add_cell, above);
    int64_t equal = order->cell.count - (int64_t)order->position;
    if (equal > 0) tsr_exact_add_product(&above->sum, (double[]){(double)equal, above->value_at_risk}, 2);
    int64_t page = tsr_ordered_page_more(orders->ordered, orders->column);
    for (int64_t i = order->slot[0]; i < tail_sums(orders->ordered); i++) {
        const int64_t *words = tsr_state_find(orders->state, page + i / PAGE_SUMS);
        if (words != NULL) tsr_exact_merge(&above->sum, (const tsr_exact *)(words + i % PAGE_SUMS * TSR_EXACT_WORDS));
    }
}

/* Of one level. */
typedef struct {
    double value;
    double error;
    double losses; /* effective number of those beyond it */
} shortfall;

/* The shortfall's weights: k - n a of the VaR, n (1 - a) in all. */
static tsr_status solve_counted(const tsr_orders *orders, const tsr_order *order, double level, shortfall *out) {
    const tsr_sketch *sketch = &orders->distribution.sketch;
    const tsr_bucket *bucket = &order->reached.bucket;
    double product = tsr_rank_product(level, sketch->numbers);
    double weight = order->place - product, mass = (double)sketch->numbers - product;
    tail above = {.value_at_risk = tsr_order_value(order)};
    tsr_sketch_add_excess(sketch, bucket, above.value_at_risk, &above.excess);
    if (order->exact) {
        add_exact_tail(orders, order, &above);
        if (weight > 0.0) tsr_exact_add_product(&above.sum, (double[]){weight, above.value_at_risk}, 2);
        out->value = tsr_exact_round(&above.sum) / mass;
    } else {
        int64_t position = (int64_t)order->place - bucket->below;
        tsr_bucket_add_excess(bucket, position, above.value_at_risk, &above.excess);
        out->value = above.value_at_risk + above.excess.first / mass;
        if (isinf(above.value_at_risk)) out->value = above.value_at_risk;
    }
    TSR_REQUIRE(!above.overflown, TSR_ENUMERIC,
                "tally var_es: more than 3e10 losses of column '%s' lie within 1e-7 of each other, too many for an "
                "exact sum; use exact: false",
                orders->ordered->columns->label[orders->column]);
    double mean = above.excess.first / mass, square = above.excess.second / mass;
    double variance = (square - (1.0 - level) * mean * mean) / mass;
    out->error = isnan(variance) ? INFINITY : sqrt(fmax(variance, 0.0));
    out->losses = mass;
    return TSR_OK;
}

/* With y = (x - VaR)+ and m = ES - VaR, the error is that of the weighted mean of y / (1 - a) about m, linearised. */
static void solve_weighted(const tsr_orders *orders, const tsr_order *order, double level, shortfall *out) {
    const tsr_distribution *all = &orders->distribution;
    const double risk = tsr_order_value(order), rest = 1.0 - level;
    tsr_reach reached = order->reached;
    const double fraction = fmin(1.0, (order->place - reached.before) / reached.amount);
    const double squares_above = all->squares - reached.squares_before - fraction * reached.squares;
    tsr_excess excess = {0}, squares = {0}; /* of weights; of squared weights */
    tsr_bucket_add_part(&reached.bucket, reached.amount, fraction, risk, &excess);
    tsr_bucket_add_part(&reached.bucket, reached.squares, fraction, risk, &squares);
    while (tsr_distribution_next(all, &reached)) {
        tsr_bucket_add_part(&reached.bucket, reached.amount, 0.0, risk, &excess);
        tsr_bucket_add_part(&reached.bucket, reached.squares, 0.0, risk, &squares);
    }
    const double mean = excess.first / (rest * all->total);
    const double spread =
        squares.second / (rest * rest) - 2.0 * mean * squares.first / rest + mean * mean * all->squares;
    out->value = isinf(risk) ? risk : risk + mean;
    out->error = isnan(spread) ? INFINITY : sqrt(fmax(spread, 0.0)) / all->total;
    out->losses = squares_above > 0.0 ? rest * all->total / squares_above * rest * all->total : 0.0;
}

static tsr_status solve_shortfall(const tsr_orders *orders, double level, shortfall *out) {
    *out = (shortfall){.value = NAN, .error = NAN};
    if (orders->count == 0) return TSR_OK;
    const tsr_points points = tsr_points_find(&orders->distribution, level, false);
    const tsr_order *order = tsr_orders_find(orders, points.value.low);
    if (orders->distribution.weighted)
        solve_weighted(orders, order, level, out);
    else
        TSR_TRY(solve_counted(orders, order, level, out));
    if (out->losses < 2.0) out->error = NAN; /* nobody knows the spread of less than two losses */
    return TSR_OK;
}

/* [columns, levels] each, in one piece of memory. */
enum { VALUE, ERROR, LOW, HIGH, KINDS };
typedef struct {
    double *risk[KINDS];
    double *shortfall[KINDS];
    bool few; /* some tail is too small for its error bar */
} solution;

static tsr_status solve_column(const tsr_ordered *model, const tsr_orders *orders, solution *out) {
    static const double DEVIATIONS = 1.959963984540054;
    for (int i = 0; i < model->count; i++) {
        const int64_t place = (int64_t)orders->column * model->count + i;
        const tsr_quantile risk = tsr_orders_quantile(orders, model->probability[i]);
        shortfall mean;
        TSR_TRY(solve_shortfall(orders, model->probability[i], &mean));
        out->risk[VALUE][place] = risk.value;
        out->risk[ERROR][place] = risk.error;
        out->risk[LOW][place] = risk.low;
        out->risk[HIGH][place] = risk.high;
        out->shortfall[VALUE][place] = mean.value;
        out->shortfall[ERROR][place] = mean.error;
        out->shortfall[LOW][place] = mean.value - DEVIATIONS * mean.error;
        out->shortfall[HIGH][place] = mean.value + DEVIATIONS * mean.error;
        out->few = out->few || mean.losses < TAIL_ITEMS_FEW;
    }
    return TSR_OK;
}

static tsr_status add_result(const tsr_ordered *model, tsr_result result, tsr_results *results) {
    result.dimensions = 1;
    result.dimension[1] =
        (tsr_dimension){.name = "level", .length = model->count, .coordinates = model->probability, .unit = "1"};
    return tsr_columns_add(model->columns, 1, result, results);
}

static tsr_status add_estimate(const tsr_ordered *model, const char *name, const char *meaning, bool few,
                               double *const kinds[KINDS], tsr_results *results) {
    char text[200];
    snprintf(text, sizeof(text), "%s (%s)%s", meaning, model->exact ? "exact" : "one-pass sketch, within 0.1 %",
             few ? "; WARNING: fewer than 30 losses lie beyond a level, its error bar is mostly too small" : "");
    const tsr_result value = {
        .name = name, .long_name = text, .value = kinds[VALUE], .error = kinds[ERROR], .headline = true};
    return add_result(model, value, results);
}

static tsr_status add_bounds(const tsr_ordered *model, const char *name, double *const kinds[KINDS],
                             tsr_results *results) {
    char low_name[16], high_name[16], low_text[80], high_text[80];
    snprintf(low_name, sizeof(low_name), "%s_low", name);
    snprintf(high_name, sizeof(high_name), "%s_high", name);
    snprintf(low_text, sizeof(low_text), "lower end of the 95 %% interval of %s", name);
    snprintf(high_text, sizeof(high_text), "upper end of the 95 %% interval of %s", name);
    const tsr_result low = {.name = low_name, .long_name = low_text, .value = kinds[LOW], .end = -1};
    const tsr_result high = {.name = high_name, .long_name = high_text, .value = kinds[HIGH], .end = 1};
    TSR_TRY(add_result(model, low, results));
    return add_result(model, high, results);
}

static tsr_status add_results(const tsr_ordered *model, const solution *found, tsr_results *results) {
    TSR_TRY(add_estimate(model, "VaR", "value at risk, the smallest loss that a share of all losses does not exceed",
                         found->few, found->risk, results));
    TSR_TRY(add_estimate(model, "ES", "expected shortfall, the mean of the losses beyond the value at risk", found->few,
                         found->shortfall, results));
    TSR_TRY(add_bounds(model, "VaR", found->risk, results));
    return add_bounds(model, "ES", found->shortfall, results);
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const tsr_ordered *model = data;
    const int columns = model->columns->count;
    const size_t length = (size_t)columns * (size_t)model->count;
    tsr_status status;
    tsr_orders *orders = NULL;
    double *memory = malloc(2 * KINDS * length * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for value at risk");
    solution found = {.few = false};
    for (size_t kind = 0; kind < KINDS; kind++) {
        found.risk[kind] = memory + kind * length;
        found.shortfall[kind] = memory + (KINDS + kind) * length;
    }
    for (int c = 0; c < columns; c++) {
        TSR_TRY_OUT(tsr_orders_create(model, "var_es", state, c, &orders));
        TSR_TRY_OUT(solve_column(model, orders, &found));
        tsr_orders_destroy(&orders);
    }
    TSR_TRY_OUT(add_results(model, &found, results));
    status = tsr_ordered_add_nans(model, state, "var_es_nans", results);
out:
    tsr_orders_destroy(&orders);
    free(memory);
    return status;
}

const tsr_tally tsr_tally_var_es = {
    .name = "var_es",
    .summary = "value at risk and expected shortfall of losses with error bars, from one pass or exact",
    .reference = "Acerbi and Tasche, J. Banking & Finance 26 (2002) 1487; Manistre and Hancock, NAAJ 9 (2005) 129",
    .params = table,
    .create = create,
    .destroy = tsr_ordered_destroy,
    .layout = tsr_ordered_layout,
    .scratch_bytes = tsr_ordered_scratch_bytes,
    .begin_tile = tsr_ordered_begin_tile,
    .add_block = add_block,
    .settle = settle,
    .rewind = tsr_ordered_rewind,
    .unfinished = tsr_ordered_unfinished,
    .solve = solve,
};
