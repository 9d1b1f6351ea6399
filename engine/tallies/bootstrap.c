#include "engine/tallies/bootstrap.h"

#include "engine/tallies/bootstrap_model.h"
#include "engine/tallies/central.h"
#include "engine/tallies/resample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLICATES_MAX = 100000, SUMS_MAX = 4000000 };

/* Beyond, squares of differences or products with a centre would be out of the range of exact sums. */
static const double SUM_LIMIT = 0x1p1000, CENTRE_LIMIT = 0x1p500;

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "statistic",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "mean",
     .help = "mean, variance, sd: of each column; functions of means: 'name = expression' as of the tally function"},
    {.name = "replicates",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "1000",
     .minimum = 10,
     .maximum = REPLICATES_MAX,
     .help = "how many resampled samples"},
    {.name = "interval",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "0.95",
     .minimum = 0.5,
     .maximum = 0.9999,
     .help = "probability of the interval"},
    {.name = "kind",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "percentile",
     .choices = "percentile|basic|normal",
     .help = "interval between quantiles of the replicates, of their differences from the estimate, or by their sd"},
    {.name = NULL},
};

/* ---- the model ---- */

static const char *const plain_names[] = {"mean", "variance", "sd"};

static void bootstrap_destroy(void *data) {
    tsr_bootstrap_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    free(model->statistic);
    free(model);
}

/* names: of the columns, ending with NULL */
static tsr_status read_function(const tsr_params *given, const char *text, const char *const *names,
                                tsr_bootstrap_model *model, tsr_bootstrap_statistic *out) {
    tsr_mistake mistake;
    out->kind = TSR_BOOTSTRAP_FUNCTION;
    if (!tsr_definition_read(text, &out->definition, &mistake))
        return tsr_params_fail(given, "statistic",
                               "'%.200s' is not mean, variance, sd or a function of means 'name = expression'", text);
    if (!tsr_expression_compile_means(out->definition.expression, names, &model->terms, &out->function, &mistake))
        return tsr_params_fail(given, "statistic", "in '%.200s', character %d: %s", text,
                               mistake.place + (int)(out->definition.expression - text), mistake.text);
    for (int t = 0; t < model->terms.count; t++)
        if (tsr_expression_uses(&out->function, t)) return TSR_OK;
    return tsr_params_fail(given, "statistic", "'%.200s' is a function of no column", text);
}

static tsr_status read_statistic(const tsr_params *given, const char *text, const char *const *names,
                                 tsr_bootstrap_model *model) {
    tsr_bootstrap_statistic *next = &model->statistic[model->count];
    int kind = 0;
    while (kind < TSR_BOOTSTRAP_FUNCTION && strcmp(text, plain_names[kind]) != 0) kind++;
    if (kind == TSR_BOOTSTRAP_FUNCTION) {
        TSR_TRY(read_function(given, text, names, model, next));
    } else {
        next->kind = (tsr_bootstrap_kind)kind;
        snprintf(next->definition.name, sizeof(next->definition.name), "%s", text);
        model->plain = model->columns->count;
        if (kind != TSR_BOOTSTRAP_MEAN) model->powers = 2;
    }
    for (int s = 0; s < model->count; s++)
        if (strcmp(model->statistic[s].definition.name, next->definition.name) == 0)
            return tsr_params_fail(given, "statistic", "two statistics are called '%s'", next->definition.name);
    model->count++;
    return TSR_OK;
}

static tsr_status read_statistics(const tsr_params *given, const tsr_field *fields, tsr_bootstrap_model *model) {
    int64_t count;
    const char *const *text = tsr_params_texts(given, "statistic", &count);
    if (count < 1 || count > TSR_BOOTSTRAP_STATISTICS_MAX)
        return tsr_params_fail(given, "statistic", "%lld statistics; give 1 to %d", (long long)count,
                               TSR_BOOTSTRAP_STATISTICS_MAX);
    size_t columns = 0;
    while (fields[columns].name != NULL) columns++;
    const char **names = calloc(columns + 1, sizeof(*names));
    model->statistic = calloc((size_t)count, sizeof(*model->statistic));
    tsr_status status = TSR_OK;
    model->powers = 1;
    if (names == NULL || model->statistic == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld statistics", (long long)count);
        goto out;
    }
    for (size_t c = 0; c < columns; c++) names[c] = fields[c].name;
    for (int64_t s = 0; s < count; s++) TSR_TRY_OUT(read_statistic(given, text[s], names, model));
    model->values = model->plain + model->terms.count;
out:
    free(names);
    return status;
}

static tsr_status bootstrap_create(const tsr_params *given, const tsr_field *fields, void **out) {
    tsr_bootstrap_model *model = calloc(1, sizeof(*model));
    TSR_REQUIRE(model != NULL, TSR_ERUNTIME, "no memory for a bootstrap");
    tsr_status status;
    TSR_TRY_OUT(tsr_columns_create(given, fields, &model->columns));
    TSR_TRY_OUT(read_statistics(given, fields, model));
    model->replicates = tsr_params_integer(given, "replicates");
    model->interval = tsr_params_real(given, "interval");
    model->interval_kind = (tsr_interval_kind)tsr_params_choice(given, "kind");
    const int64_t sums = tsr_bootstrap_sums(model, model->values);
    if (model->replicates * sums > SUMS_MAX) {
        status =
            tsr_params_fail(given, "replicates", "%lld replicates of %lld sums take too much memory; up to %lld go",
                            (long long)model->replicates, (long long)sums, (long long)(SUMS_MAX / sums));
        goto out;
    }
    *out = model;
    model = NULL;
out:
    bootstrap_destroy(model);
    return status;
}

static tsr_layout bootstrap_layout(const void *data) {
    const tsr_bootstrap_model *model = data;
    return (tsr_layout){.pages = 1 + tsr_bootstrap_sums(model, model->values) * TSR_BANK_PAGES,
                        .page_words = tsr_bootstrap_spoilt_at(model) + model->values};
}

/* ---- fold ---- */

/* Of a replicate: sums of w d and of w d^2, d = x - centre. */
typedef struct {
    tsr_pair sum[2];
} differences;

/* A tile, at the places of one piece of scratch. */
typedef struct {
    tsr_resample *made;
    double *weight;   /* [TSR_BLOCK_ITEMS_MAX] */
    double *value;    /* [values, TSR_BLOCK_ITEMS_MAX]: differences from the centres */
    double *centre;   /* [values] */
    differences *sum; /* [values, replicates + 1] */
    int64_t *weights; /* [replicates + 1] */
    int64_t *begun;   /* [values]: has a centre */
} tile;

static size_t bootstrap_scratch_bytes(const void *data) {
    const tsr_bootstrap_model *model = data;
    const size_t values = (size_t)model->values, replicates = (size_t)model->replicates + 1;
    return sizeof(tsr_resample) + (1 + values) * TSR_BLOCK_ITEMS_MAX * sizeof(double) + values * sizeof(double) +
           values * replicates * sizeof(differences) + (replicates + values) * sizeof(int64_t);
}

static tile tile_of(const tsr_fold *fold) {
    const tsr_bootstrap_model *model = fold->model;
    tile at = {.made = fold->scratch};
    at.weight = (double *)(at.made + 1);
    at.value = at.weight + TSR_BLOCK_ITEMS_MAX;
    at.centre = at.value + (int64_t)model->values * TSR_BLOCK_ITEMS_MAX;
    at.sum = (differences *)(at.centre + model->values);
    at.weights = (int64_t *)(at.sum + model->values * (model->replicates + 1));
    at.begun = at.weights + model->replicates + 1;
    return at;
}

static tsr_status bootstrap_begin_tile(const tsr_fold *fold) {
    const tsr_bootstrap_model *model = fold->model;
    const tile at = tile_of(fold);
    memset(at.sum, 0, (size_t)(model->values * (model->replicates + 1)) * sizeof(*at.sum));
    memset(at.weights, 0, (size_t)(model->replicates + 1) * sizeof(*at.weights));
    memset(at.begun, 0, (size_t)model->values * sizeof(*at.begun));
    TSR_REQUIRE(tsr_state_page(fold->state, 0) != NULL, TSR_ERUNTIME, "no memory for %lld replicates",
                (long long)model->replicates);
    return TSR_OK;
}

/* Sums of w d and, if powers is 2, of w d^2, over rows x width items. */
TSR_UNROLLED void weigh_rows(int powers, int rows, int width, const double *weight, const double *value,
                             double first[TSR_LANES], double second[TSR_LANES]) {
    for (int l = 0; l < width; l++) {
        double s1 = first[l], s2 = second[l];
        for (int r = 0; r < rows; r++) {
            const double w = weight[r * TSR_LANES + l], d = value[r * TSR_LANES + l];
            s1 = fma(w, d, s1);
            if (powers == 2) s2 = fma(w * d, d, s2);
        }
        first[l] = s1;
        second[l] = s2;
    }
}

TSR_UNROLLED void weigh_lanes(int powers, int64_t items, const double *weight, const double *value, double out[2]) {
    double first[TSR_LANES] = {0}, second[TSR_LANES] = {0};
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        weigh_rows(powers, TSR_LANE_ROWS, TSR_LANES, weight + i, value + i, first, second);
    for (; i + TSR_LANES <= items; i += TSR_LANES)
        weigh_rows(powers, 1, TSR_LANES, weight + i, value + i, first, second);
    weigh_rows(powers, 1, (int)(items - i), weight + i, value + i, first, second);
    out[0] = tsr_lanes_fold(first);
    if (powers == 2) out[1] = tsr_lanes_fold(second);
}

static void add_replicate(const tsr_bootstrap_model *model, const tile *at, int64_t items, int v, int64_t replicate) {
    differences *into = &at->sum[v * (model->replicates + 1) + replicate];
    const int powers = tsr_bootstrap_powers(model, v);
    double sum[2];
    if (powers == 1) {
        weigh_lanes(1, items, at->weight, at->value + (int64_t)v * TSR_BLOCK_ITEMS_MAX, sum);
    } else {
        weigh_lanes(2, items, at->weight, at->value + (int64_t)v * TSR_BLOCK_ITEMS_MAX, sum);
    }
    for (int p = 0; p < powers; p++) tsr_pair_add(&into->sum[p], sum[p]);
}

/* The values of a block as differences from their tile's centre; those of which sums are not finite become zeros, and
 * the block's items are counted as spoilt. */
static void take_values(const tsr_fold *fold, const tsr_block *block, int v, const tile *at) {
    const tsr_bootstrap_model *model = fold->model;
    double *value = at->value + (int64_t)v * TSR_BLOCK_ITEMS_MAX, sum = 0;
    if (v >= model->plain) {
        tsr_expression_apply(&model->terms.term[v - model->plain], block, value);
    } else {
        memcpy(value, tsr_column(block, model->columns->index[v]), (size_t)block->items * sizeof(*value));
    }
    if (!at->begun[v]) at->centre[v] = tsr_lanes_centre(value, block->items);
    at->begun[v] = 1;
    for (int64_t i = 0; i < block->items; i++) {
        value[i] -= at->centre[v];
        sum += tsr_bootstrap_powers(model, v) == 2 ? value[i] * value[i] : fabs(value[i]);
    }
    if (sum < SUM_LIMIT && fabs(at->centre[v]) < CENTRE_LIMIT) return;
    tsr_state_page(fold->state, 0)[tsr_bootstrap_spoilt_at(model) + v] += block->items;
    memset(value, 0, (size_t)block->items * sizeof(*value));
}

static tsr_status bootstrap_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_bootstrap_model *model = fold->model;
    const tile at = tile_of(fold);
    const tsr_stream stream = tsr_resample_stream(fold->seed);
    for (int v = 0; v < model->values; v++) take_values(fold, block, v, &at);
    for (int64_t i = 0; i < block->items; i++) at.weight[i] = 1;
    at.weights[0] += block->items;
    for (int v = 0; v < model->values; v++) add_replicate(model, &at, block->items, v, 0);
    for (int64_t b = 0; b < model->replicates; b++) {
        const int place = (int)(b % TSR_RESAMPLE_GROUP);
        if (place == 0) tsr_resample_make(&stream, block, b / TSR_RESAMPLE_GROUP, at.made);
        at.weights[b + 1] += tsr_resample_weights(at.made, place, block->items, at.weight);
        for (int v = 0; v < model->values; v++) add_replicate(model, &at, block->items, v, b + 1);
    }
    return TSR_OK;
}

static void settle_banks(const tsr_bootstrap_model *model, tsr_state *state) {
    for (int v = 0; v < model->values; v++)
        for (int p = 1; p <= tsr_bootstrap_powers(model, v); p++)
            tsr_bank_settle(state, tsr_bootstrap_bank(model, v, p));
    tsr_state_page(state, 0)[tsr_bootstrap_pending_at(model)] = 0;
}

/* The exact sums of w x and w x^2 of a replicate of the tile. */
static tsr_status end_replicate(const tsr_fold *fold, const tile *at, int v, int64_t replicate) {
    const tsr_bootstrap_model *model = fold->model;
    const differences *found = &at->sum[v * (model->replicates + 1) + replicate];
    const tsr_central_tile whole = {.centre = at->centre[v],
                                    .items = {.high = (double)at->weights[replicate]},
                                    .sum = {found->sum[0], found->sum[1]}};
    const int powers = tsr_bootstrap_powers(model, v);
    tsr_exact sum[2];
    memset(sum, 0, (size_t)powers * sizeof(*sum));
    tsr_central_add(&whole, powers, sum);
    for (int p = 1; p <= powers; p++)
        TSR_TRY(tsr_bank_add(fold->state, tsr_bootstrap_bank(model, v, p), replicate, &sum[p - 1]));
    return TSR_OK;
}

static tsr_status bootstrap_end_tile(const tsr_fold *fold) {
    const tsr_bootstrap_model *model = fold->model;
    const tile at = tile_of(fold);
    int64_t *page = tsr_state_page(fold->state, 0);
    if (at.weights[0] == 0) return TSR_OK;
    for (int64_t b = 0; b <= model->replicates; b++) {
        page[b] += at.weights[b];
        for (int v = 0; v < model->values; v++) TSR_TRY(end_replicate(fold, &at, v, b));
    }
    if (++page[tsr_bootstrap_pending_at(model)] >= TSR_BANK_PENDING_MAX) settle_banks(model, fold->state);
    return TSR_OK;
}

static void bootstrap_settle(const void *model, tsr_state *state) {
    if (tsr_state_find(state, 0) != NULL) settle_banks(model, state);
}

const tsr_tally tsr_tally_bootstrap = {
    .name = "bootstrap",
    .summary = "standard error, bias and interval of a mean, variance, sd or function of means, from resampled items",
    .reference =
        "Efron, Ann. Statist. 7 (1979) 1; Davison and Hinkley, Bootstrap Methods and their Application (1997), "
        "2 and 5; Poisson weights: Hanley and MacGibbon, Comput. Methods Programs Biomed. 83 (2006) 57",
    .params = params,
    .create = bootstrap_create,
    .destroy = bootstrap_destroy,
    .layout = bootstrap_layout,
    .scratch_bytes = bootstrap_scratch_bytes,
    .begin_tile = bootstrap_begin_tile,
    .add_block = bootstrap_add_block,
    .end_tile = bootstrap_end_tile,
    .settle = bootstrap_settle,
    .solve = tsr_bootstrap_solve,
};
