#include "engine/tallies/exceedance.h"

#include "engine/exact.h"
#include "engine/tallies/binomial.h"
#include "engine/tallies/columns.h"
#include "engine/tallies/lanes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THRESHOLDS_MAX = 1000, HITS_FEW = 10 };
enum { ABOVE, BELOW, SIDES };

static const tsr_param table[] = {
    {.name = "above", .type = TSR_REAL_LIST, .unit = "1", .preset = "", .help = "thresholds c of P(X > c)"},
    {.name = "below", .type = TSR_REAL_LIST, .unit = "1", .preset = "", .help = "thresholds c of P(X < c)"},
    TSR_PARAM_WEIGHT,
    {.name = "normalised",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "true",
     .help = "divide by the sum of the weights; false: by the number of items, for weights with expectation 1"},
    TSR_PARAM_OF,
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    bool normalised;
    int count[SIDES];  /* thresholds of each side */
    int thresholds;    /* of both */
    double *threshold; /* [thresholds]: above, then below */
} exceedance_model;

/* A page of the state is one column: {numbers, NaNs}, hits [thresholds], and with weights the exact sums of weights and
 * of their squares: [1 + thresholds, 2], first of all numbers. */
enum { NUMBERS, NANS, HITS };

static int64_t sums_offset(const exceedance_model *model, int sum) {
    return HITS + model->thresholds + (int64_t)sum * 2 * TSR_EXACT_WORDS;
}

static int sums_count(const exceedance_model *model) { return model->columns->weight >= 0 ? 1 + model->thresholds : 0; }

static tsr_layout layout(const void *data) {
    const exceedance_model *model = data;
    return (tsr_layout){.pages = model->columns->count, .page_words = sums_offset(model, sums_count(model))};
}

static void destroy(void *data) {
    exceedance_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    free(model->threshold);
    free(model);
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    int64_t above, below;
    const double *first = tsr_params_reals(params, "above", &above);
    const double *second = tsr_params_reals(params, "below", &below);
    if (above + below < 1 || above + below > THRESHOLDS_MAX)
        return tsr_params_fail(params, NULL, "%lld thresholds are given in 'above' and 'below'; 1 to %d are allowed",
                               (long long)above + below, THRESHOLDS_MAX);
    tsr_status status = TSR_OK;
    exceedance_model *model = calloc(1, sizeof(*model));
    if (model != NULL) model->threshold = malloc((size_t)(above + below) * sizeof(double));
    if (model == NULL || model->threshold == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
        goto out;
    }
    if (above > 0) memcpy(model->threshold, first, (size_t)above * sizeof(double));
    if (below > 0) memcpy(model->threshold + above, second, (size_t)below * sizeof(double));
    model->count[ABOVE] = (int)above;
    model->count[BELOW] = (int)below;
    model->thresholds = (int)(above + below);
    model->normalised = tsr_params_boolean(params, "normalised");
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->columns));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

/* Weights and their squares of one tile, in scratch: [columns, 1 + thresholds]. */
typedef struct {
    tsr_pair first;
    tsr_pair second;
} mass;

static size_t scratch_bytes(const void *data) {
    const exceedance_model *model = data;
    return (size_t)(model->columns->count * sums_count(model)) * sizeof(mass);
}

static tsr_status begin_tile(const tsr_fold *fold) {
    if (scratch_bytes(fold->model) > 0) memset(fold->scratch, 0, scratch_bytes(fold->model));
    return TSR_OK;
}

static void add_masses(const double *masses, int64_t items, mass *sum) {
    double first[TSR_LANES] = {0}, second[TSR_LANES] = {0};
    for (int64_t i = 0; i < items; i += TSR_LANES) {
        const int64_t width = items - i < TSR_LANES ? items - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) {
            const double weight = masses[i + l];
            first[l] += weight;
            second[l] = fma(weight, weight, second[l]);
        }
    }
    tsr_pair_add(&sum->first, tsr_lanes_fold(first));
    tsr_pair_add(&sum->second, tsr_lanes_fold(second));
}

/* True, as 1, where a value lies beyond a threshold; never for a NaN. */
static void find_hits(const double *values, int64_t items, double threshold, int side, int64_t *hit) {
    if (side == ABOVE)
        for (int64_t i = 0; i < items; i++) hit[i] = values[i] > threshold;
    else
        for (int64_t i = 0; i < items; i++) hit[i] = values[i] < threshold;
}

static int64_t count_hits(const int64_t *hit, int64_t items) {
    int64_t hits = 0;
    for (int64_t i = 0; i < items; i++) hits += hit[i];
    return hits;
}

/* The weights of the items that were hit. */
static void mask(const double *weights, const int64_t *hit, int64_t items, double *out) {
    for (int64_t i = 0; i < items; i++) out[i] = hit[i] != 0 ? weights[i] : 0.0;
}

static void add_column(const exceedance_model *model, const double *values, const double *weights, int64_t items,
                       int64_t *page, mass *sum) {
    int64_t hit[TSR_BLOCK_ITEMS_MAX];
    double masses[TSR_BLOCK_ITEMS_MAX];
    for (int64_t i = 0; i < items; i++) hit[i] = values[i] == values[i];
    const int64_t numbers = count_hits(hit, items);
    page[NUMBERS] += numbers;
    page[NANS] += items - numbers;
    if (weights != NULL) {
        mask(weights, hit, items, masses);
        add_masses(masses, items, &sum[0]);
    }
    for (int t = 0; t < model->thresholds; t++) {
        find_hits(values, items, model->threshold[t], t < model->count[ABOVE] ? ABOVE : BELOW, hit);
        page[HITS + t] += count_hits(hit, items);
        if (weights == NULL) continue;
        mask(weights, hit, items, masses);
        add_masses(masses, items, &sum[1 + t]);
    }
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const exceedance_model *model = fold->model;
    const double *weights;
    mass *sums = fold->scratch;
    TSR_TRY(tsr_columns_weights(model->columns, block, &weights));
    for (int c = 0; c < model->columns->count; c++) {
        int64_t *page = tsr_state_page(fold->state, c);
        TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for a page of counts");
        const double *values = tsr_column(block, model->columns->index[c]);
        add_column(model, values, weights, block->items, page, weights != NULL ? sums : NULL);
        if (weights != NULL) sums += sums_count(model);
    }
    return TSR_OK;
}

static void add_pair(tsr_exact *sum, const tsr_pair *pair) {
    tsr_exact_add(sum, pair->high);
    tsr_exact_add(sum, pair->low);
}

static tsr_status end_tile(const tsr_fold *fold) {
    const exceedance_model *model = fold->model;
    const mass *sum = fold->scratch;
    const int sums = sums_count(model);
    for (int c = 0; sums > 0 && c < model->columns->count; c++) {
        int64_t *page = tsr_state_page(fold->state, c);
        TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for a page of sums");
        for (int s = 0; s < sums; s++, sum++) {
            tsr_exact *exact = (tsr_exact *)(page + sums_offset(model, s));
            add_pair(&exact[0], &sum->first);
            add_pair(&exact[1], &sum->second);
        }
    }
    return TSR_OK;
}

static void settle(const void *data, tsr_state *state) {
    const exceedance_model *model = data;
    const int sums = sums_count(model);
    for (int c = 0; sums > 0 && c < model->columns->count; c++) {
        if (tsr_state_find(state, c) == NULL) continue;
        tsr_exact *exact = (tsr_exact *)(tsr_state_page(state, c) + sums_offset(model, 0));
        for (int s = 0; s < 2 * sums; s++) tsr_exact_settle(&exact[s]);
    }
}

/* Rounded sums over some items: how many, their weights and squared weights. */
typedef struct {
    double items;
    double first;
    double second;
} total;

static total read_total(const exceedance_model *model, const int64_t *page, int sum) {
    const double items = (double)page[sum == 0 ? NUMBERS : HITS + sum - 1];
    if (model->columns->weight < 0) return (total){items, items, items};
    const tsr_exact *exact = (const tsr_exact *)(page + sums_offset(model, sum));
    return (total){items, tsr_exact_round(&exact[0]), tsr_exact_round(&exact[1])};
}

/* One probability. */
typedef struct {
    double value;
    double error;
    double low;
    double high;
    double hits; /* effective */
} estimate;

static double probability_variance(const exceedance_model *model, const total *all, const total *hit, double p) {
    if (model->columns->weight < 0) return p * (1.0 - p) / all->items;
    const double n = all->items;
    if (!model->normalised) return n > 1.0 ? fmax(0.0, hit->second / n - p * p) / (n - 1.0) : NAN;
    const double rest = fmax(0.0, all->second - hit->second);
    return ((1.0 - p) * (1.0 - p) * hit->second + p * p * rest) / (all->first * all->first);
}

static void find_bounds(const total *all, double variance, estimate *out) {
    static const double MISS = 0.025, DEVIATIONS = 1.959963984540054;
    const double p = out->value;
    const bool is_share = p > 0.0 && p < 1.0 && variance > 0.0;
    const double trials = is_share ? p * (1.0 - p) / variance : all->first * all->first / all->second;
    if (p <= 1.0) {
        tsr_binomial_bounds(p * trials, trials, MISS, &out->low, &out->high);
    } else { /* an unbiased estimate may be above 1 */
        out->low = p - DEVIATIONS * out->error;
        out->high = p + DEVIATIONS * out->error;
    }
}

static estimate solve_threshold(const exceedance_model *model, const total *all, const total *hit) {
    estimate out = {NAN, NAN, NAN, NAN, 0.0};
    if (hit->second > 0.0) out.hits = hit->first / hit->second * hit->first;
    const bool finite = isfinite(all->second) && isfinite(all->first);
    if (!finite || !(all->first > 0.0) || !(all->second > 0.0)) return out;
    out.value = hit->first / (model->normalised ? all->first : all->items);
    const double variance = probability_variance(model, all, hit, out.value);
    out.error = sqrt(variance);
    if (!isnan(variance)) find_bounds(all, variance, &out);
    return out;
}

/* Of one side, [columns, thresholds] each, in one piece of memory. */
typedef struct {
    double *value;
    double *error;
    double *low;
    double *high;
    double *hits;
    bool few; /* some threshold has too few items beyond it for its error bar */
} solution;

static void solve_column(const exceedance_model *model, const int64_t *page, int column, int side, solution *out) {
    const total all = read_total(model, page, 0);
    for (int t = 0; t < model->count[side]; t++) {
        const total hit = read_total(model, page, 1 + t + (side == BELOW ? model->count[ABOVE] : 0));
        const estimate found = solve_threshold(model, &all, &hit);
        const int64_t place = (int64_t)column * model->count[side] + t;
        out->value[place] = found.value;
        out->error[place] = found.error;
        out->low[place] = found.low;
        out->high[place] = found.high;
        out->hits[place] = found.hits;
        out->few = out->few || found.hits < HITS_FEW;
    }
}

/* The unit that all columns share, or none. */
static const char *common_unit(const tsr_columns *columns) {
    for (int c = 1; c < columns->count; c++)
        if (strcmp(columns->unit[c], columns->unit[0]) != 0) return "1";
    return columns->unit[0];
}

/* One result of a side, [columns, thresholds]. */
typedef struct {
    const char *suffix;
    const char *before; /* long_name: before "above", and after */
    const char *after;
    const double *value;
    const double *error;
    int end;
} row;

static tsr_status add_row(const exceedance_model *model, int side, const row *one, tsr_results *results) {
    const char *word = side == ABOVE ? "above" : "below";
    char name[32], long_name[200];
    snprintf(name, sizeof(name), "P_%s%s", word, one->suffix);
    snprintf(long_name, sizeof(long_name), "%s %s the threshold%s", one->before, word, one->after);
    const tsr_dimension thresholds = {.name = word,
                                      .length = model->count[side],
                                      .coordinates = model->threshold + (side == BELOW ? model->count[ABOVE] : 0),
                                      .unit = common_unit(model->columns)};
    const tsr_result result = {.name = name,
                               .long_name = long_name,
                               .dimensions = 1,
                               .dimension = {[1] = thresholds},
                               .value = one->value,
                               .error = one->error,
                               .end = one->end,
                               .headline = one->error != NULL};
    return tsr_columns_add(model->columns, 0, result, results);
}

static tsr_status add_side(const exceedance_model *model, int side, const solution *found, tsr_results *results) {
    const char *few =
        found->few ? "; WARNING: fewer than 10 lie beyond a threshold, its error bar is rough, its bounds hold" : "";
    const row rows[] = {
        {"", "probability that a value lies", few, found->value, found->error, 0},
        {"_low", "lower 95 % bound of the probability that a value lies", "", found->low, NULL, -1},
        {"_high", "upper 95 % bound of the probability that a value lies", "", found->high, NULL, 1},
        {"_hits", "effective number of items that lie", "", found->hits, NULL, 0},
    };
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) TSR_TRY(add_row(model, side, &rows[r], results));
    return TSR_OK;
}

static tsr_status add_nans(const exceedance_model *model, const tsr_state *state, double *memory,
                           tsr_results *results) {
    bool any = false;
    for (int c = 0; c < model->columns->count; c++) {
        const int64_t *page = tsr_state_find(state, c);
        memory[c] = page != NULL ? (double)page[NANS] : 0.0;
        any = any || memory[c] > 0.0;
    }
    const tsr_result missing = {.name = "exceedance_nans",
                                .long_name = "items that are not a number, left out",
                                .value = memory,
                                .integer = true,
                                .headline = true};
    return any ? tsr_columns_add(model->columns, 0, missing, results) : TSR_OK;
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const exceedance_model *model = data;
    const int columns = model->columns->count;
    const size_t length = (size_t)columns * (size_t)model->thresholds;
    tsr_status status = TSR_OK;
    int64_t *empty = calloc((size_t)layout(model).page_words, sizeof(*empty));
    double *memory = malloc(5 * length * sizeof(*memory));
    if (memory == NULL || empty == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for probabilities");
        goto out;
    }
    for (int side = 0; side < SIDES; side++) {
        solution found = {memory, memory + length, memory + 2 * length, memory + 3 * length, memory + 4 * length,
                          false};
        for (int c = 0; c < columns; c++) {
            const int64_t *page = tsr_state_find(state, c);
            solve_column(model, page != NULL ? page : empty, c, side, &found);
        }
        if (model->count[side] > 0) TSR_TRY_OUT(add_side(model, side, &found, results));
    }
    status = add_nans(model, state, memory, results);
out:
    free(memory);
    free(empty);
    return status;
}

const tsr_tally tsr_tally_exceedance = {
    .name = "exceedance",
    .summary = "probabilities of lying above or below thresholds, with error bars and bounds that hold for rare events",
    .reference = "Clopper and Pearson, Biometrika 26 (1934) 404; Hesterberg, Technometrics 37 (1995) 185",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .end_tile = end_tile,
    .settle = settle,
    .solve = solve,
};
