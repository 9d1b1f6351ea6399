#include "engine/tallies/var_es.h"

#include "engine/exact.h"
#include "engine/tallies/order.h"
#include "engine/tallies/rank.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each level: the order statistic, and the two ends of its error bar. */
enum {
    RANKS = 5,
    LEVELS_MAX = TSR_ORDER_TARGETS_MAX / RANKS,
    PAGE_SUMS = TSR_SKETCH_PAGE_WORDS / TSR_EXACT_WORDS,
    TAIL_ITEMS_FEW = 10
};

static const tsr_param table[] = {
    {.name = "levels",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .minimum = 0.0,
     .maximum = 0.999999999999, /* the rest of n - n a must stand clear of rounding */
     .minimum_open = true,
     .help = "confidence levels, such as 0.99: the share of losses up to the value at risk"},
    {.name = "exact",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "read the items once to three times more for the exact order statistics and tail sums"},
    TSR_PARAM_OF,
    {.name = NULL},
};

typedef struct {
    tsr_ordered ordered;
    int count;
    double *level; /* [count] */
} var_es_model;

static void wanted(const void *data, int64_t numbers, int64_t *ranks) {
    const var_es_model *model = data;
    for (int i = 0; i < model->count; i++) {
        tsr_rank low, high;
        tsr_rank_span(model->level[i], numbers, &low, &high);
        int64_t five[RANKS] = {tsr_rank_inverse(model->level[i], numbers).low, low.low, low.high, high.low, high.high};
        memcpy(ranks + (int64_t)i * RANKS, five, sizeof(five));
    }
}

static void destroy(void *data) {
    var_es_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->ordered.columns);
    free(model->level);
    free(model);
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    int64_t count;
    const double *level = tsr_params_reals(params, "levels", &count);
    if (count < 1 || count > LEVELS_MAX)
        return tsr_params_fail(params, "levels", "%lld levels are given; 1 to %d are allowed", (long long)count,
                               LEVELS_MAX);
    tsr_status status = TSR_OK;
    var_es_model *model = calloc(1, sizeof(*model));
    if (model != NULL) model->level = malloc((size_t)count * sizeof(*level));
    if (model == NULL || model->level == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
        goto out;
    }
    memcpy(model->level, level, (size_t)count * sizeof(*level));
    model->count = (int)count;
    model->ordered.exact = tsr_params_boolean(params, "exact");
    model->ordered.targets = (int)count * RANKS;
    model->ordered.wanted = wanted;
    if (model->ordered.exact) model->ordered.pages_more = (model->ordered.targets + PAGE_SUMS - 1) / PAGE_SUMS;
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->ordered.columns));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
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
    tsr_orders_visit_above(orders, order, add_cell, above);
    int64_t equal = order->cell.count - order->position;
    if (equal > 0) tsr_exact_add_product(&above->sum, (double[]){(double)equal, above->value_at_risk}, 2);
    int64_t page = tsr_ordered_page_more(orders->ordered, orders->column);
    for (int64_t i = order->slot[0]; i < orders->ordered->targets; i++) {
        const int64_t *words = tsr_state_find(orders->state, page + i / PAGE_SUMS);
        if (words != NULL) tsr_exact_merge(&above->sum, (const tsr_exact *)(words + i % PAGE_SUMS * TSR_EXACT_WORDS));
    }
}

typedef struct {
    double value;
    double error;
} estimate;

/* The shortfall's weights: k - n a of the VaR, n (1 - a) in all. */
static tsr_status solve_shortfall(const tsr_orders *orders, const tsr_order *order, double level, estimate *out) {
    double product = tsr_rank_product(level, orders->sketch.numbers);
    double weight = (double)order->rank - product, mass = (double)orders->sketch.numbers - product;
    tail above = {.value_at_risk = tsr_order_value(order)};
    tsr_sketch_add_excess(&orders->sketch, &order->bucket, above.value_at_risk, &above.excess);
    if (order->exact) {
        add_exact_tail(orders, order, &above);
        if (weight > 0.0) tsr_exact_add_product(&above.sum, (double[]){weight, above.value_at_risk}, 2);
        out->value = tsr_exact_round(&above.sum) / mass;
    } else {
        int64_t position = order->rank - order->bucket.below;
        tsr_bucket_add_excess(&order->bucket, position, above.value_at_risk, &above.excess);
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
    if (mass < 2.0) out->error = NAN; /* nobody knows the spread of less than two losses */
    return TSR_OK;
}

/* [columns, levels] each, in one piece of memory. */
typedef struct {
    double *risk;
    double *risk_error;
    double *shortfall;
    double *shortfall_error;
    bool few; /* some tail is too small for its error bar */
} solution;

static tsr_status solve_column(const var_es_model *model, const tsr_orders *orders, solution *out) {
    int64_t numbers = orders->sketch.numbers;
    for (int i = 0; i < model->count; i++) {
        int64_t place = (int64_t)orders->column * model->count + i;
        estimate shortfall = {NAN, NAN};
        out->risk[place] = out->risk_error[place] = NAN;
        if (numbers > 0) {
            tsr_rank rank = tsr_rank_inverse(model->level[i], numbers);
            out->risk[place] = tsr_orders_value(orders, rank);
            out->risk_error[place] = tsr_orders_error(orders, model->level[i]);
            TSR_TRY(solve_shortfall(orders, tsr_orders_find(orders, rank.low), model->level[i], &shortfall));
        }
        out->shortfall[place] = shortfall.value;
        out->shortfall_error[place] = numbers > 1 ? shortfall.error : NAN;
        out->few = out->few || (double)numbers * (1.0 - model->level[i]) < TAIL_ITEMS_FEW;
    }
    return TSR_OK;
}

static tsr_status add_estimate(const var_es_model *model, tsr_result result, bool few, tsr_results *results) {
    char long_name[200];
    snprintf(long_name, sizeof(long_name), "%s (%s%s)", result.long_name,
             model->ordered.exact ? "exact" : "one-pass sketch, within 0.1 %",
             few ? "; fewer than 10 losses lie beyond a level, its error bar is rough" : "");
    result.long_name = long_name;
    result.dimensions = 1;
    result.dimension[1] =
        (tsr_dimension){.name = "level", .length = model->count, .coordinates = model->level, .unit = "1"};
    result.headline = true;
    return tsr_columns_add(model->ordered.columns, 1, result, results);
}

static tsr_status add_results(const var_es_model *model, const solution *found, tsr_results *results) {
    const tsr_result risk = {.name = "VaR",
                             .long_name = "value at risk, the smallest loss that a share of all losses does not exceed",
                             .value = found->risk,
                             .error = found->risk_error};
    const tsr_result shortfall = {.name = "ES",
                                  .long_name = "expected shortfall, the mean of the losses beyond the value at risk",
                                  .value = found->shortfall,
                                  .error = found->shortfall_error};
    TSR_TRY(add_estimate(model, risk, found->few, results));
    return add_estimate(model, shortfall, found->few, results);
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const var_es_model *model = data;
    const int columns = model->ordered.columns->count;
    const size_t length = (size_t)columns * (size_t)model->count;
    tsr_status status;
    tsr_orders *orders = NULL;
    double *memory = malloc(4 * length * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for value at risk");
    solution found = {memory, memory + length, memory + 2 * length, memory + 3 * length, false};
    for (int c = 0; c < columns; c++) {
        TSR_TRY_OUT(tsr_orders_create(model, state, c, &orders));
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
    .destroy = destroy,
    .layout = tsr_ordered_layout,
    .scratch_bytes = tsr_ordered_scratch_bytes,
    .begin_tile = tsr_ordered_begin_tile,
    .add_block = add_block,
    .settle = settle,
    .unfinished = tsr_ordered_unfinished,
    .solve = solve,
};
