#include "engine/tallies/function.h"

#include "engine/definition.h"
#include "engine/tallies/columns.h"
#include "engine/tallies/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS_MAX = 64 };

static const tsr_param params[] = {
    {.name = "expressions",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .help =
         "functions of means, each as 'name = expression' or 'name [unit] = expression'; a column's name stands for "
         "its mean, mean(...) for that of an expression"},
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

/* Columns of the batches: with weights, those and then each term times them; otherwise the terms alone. */
typedef struct {
    tsr_terms terms;
    tsr_columns weights; /* only who they are; weight -1: none */
    int count;
    tsr_definition *definition; /* [count] */
    tsr_expression *function;   /* [count], of the means of the terms */
} functions;

static int first_term(const functions *self) { return self->weights.weight >= 0 ? 1 : 0; }
static int columns_of(const functions *self) { return first_term(self) + self->terms.count; }

static void function_destroy(void *model) {
    functions *self = model;
    if (self == NULL) return;
    free(self->definition);
    free(self->function);
    free(self);
}

static tsr_status refuse(const tsr_params *given, const char *text, int place, const tsr_mistake *mistake) {
    return tsr_params_fail(given, "expressions", "in '%.200s', character %d: %s", text, place, mistake->text);
}

static tsr_status define(const tsr_params *given, const char *text, const char *const *names, functions *self) {
    tsr_mistake mistake;
    tsr_definition *definition = &self->definition[self->count];
    if (!tsr_definition_read(text, definition, &mistake)) return refuse(given, text, mistake.place, &mistake);
    for (int f = 0; f < self->count; f++)
        if (strcmp(self->definition[f].name, definition->name) == 0)
            return tsr_params_fail(given, "expressions", "two functions are called '%s'", definition->name);
    if (!tsr_expression_compile_means(definition->expression, names, &self->terms, &self->function[self->count],
                                      &mistake))
        return refuse(given, text, mistake.place + (int)(definition->expression - text), &mistake);
    bool is_function = false;
    for (int t = 0; t < self->terms.count; t++)
        is_function = is_function || tsr_expression_uses(&self->function[self->count], t);
    if (!is_function) return tsr_params_fail(given, "expressions", "'%.200s' is a function of no column", text);
    self->count++;
    return TSR_OK;
}

static tsr_status compile(const tsr_params *given, const tsr_field *fields, functions *self) {
    int64_t count;
    const char *const *texts = tsr_params_texts(given, "expressions", &count);
    if (count < 1 || count > FUNCTIONS_MAX)
        return tsr_params_fail(given, "expressions", "%lld functions; give 1 to %d", (long long)count, FUNCTIONS_MAX);
    tsr_status status = TSR_OK;
    size_t columns = 0;
    while (fields[columns].name != NULL) columns++;
    const char **names = calloc(columns + 1, sizeof(*names));
    self->definition = calloc((size_t)count, sizeof(*self->definition));
    self->function = calloc((size_t)count, sizeof(*self->function));
    if (names == NULL || self->definition == NULL || self->function == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld functions", (long long)count);
        goto out;
    }
    for (size_t c = 0; c < columns; c++) names[c] = fields[c].name;
    for (int64_t f = 0; f < count; f++) TSR_TRY_OUT(define(given, texts[f], names, self));
out:
    free(names);
    return status;
}

static tsr_status function_create(const tsr_params *given, const tsr_field *fields, void **model) {
    functions *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for functions of means");
    tsr_status status;
    TSR_TRY_OUT(tsr_tally_weight(given, fields, &self->weights.weight));
    if (self->weights.weight >= 0) self->weights.weight_label = fields[self->weights.weight].name;
    TSR_TRY_OUT(compile(given, fields, self));
    *model = self;
    self = NULL;
out:
    function_destroy(self);
    return status;
}

static tsr_layout function_layout(const void *model) {
    return (tsr_layout){.pages = 1, .page_words = tsr_batches_words(columns_of(model))};
}

/* ---- fold ---- */

/* Scratch: values of the terms [columns, TSR_BLOCK_ITEMS_MAX], then what the batches take. */
static size_t values_bytes(const functions *self) {
    return (size_t)columns_of(self) * TSR_BLOCK_ITEMS_MAX * sizeof(double);
}

static size_t function_scratch_bytes(const void *model) {
    return values_bytes(model) + tsr_batches_scratch_bytes(columns_of(model));
}

static void *batches_of(const tsr_fold *fold) { return (char *)fold->scratch + values_bytes(fold->model); }

static tsr_status function_begin_tile(const tsr_fold *fold) {
    tsr_batches_begin(columns_of(fold->model), batches_of(fold));
    return TSR_OK;
}

static tsr_status function_add_block(const tsr_fold *fold, const tsr_block *block) {
    const functions *self = fold->model;
    const double *column[TSR_BATCH_COLUMNS_MAX], *weight;
    const int first = first_term(self);
    TSR_TRY(tsr_columns_weights(&self->weights, block, &weight));
    column[0] = weight;
    for (int t = 0; t < self->terms.count; t++) {
        double *value = (double *)fold->scratch + (int64_t)t * TSR_BLOCK_ITEMS_MAX;
        tsr_expression_apply(&self->terms.term[t], block, value);
        if (weight != NULL)
            for (int64_t i = 0; i < block->items; i++) value[i] *= weight[i];
        column[first + t] = value;
    }
    tsr_batches_add(columns_of(self), column, block->item, block->items, batches_of(fold));
    return TSR_OK;
}

static tsr_status function_end_tile(const tsr_fold *fold) {
    int64_t *page = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the means of %d columns", columns_of(fold->model));
    tsr_batches_end(columns_of(fold->model), batches_of(fold), page);
    return TSR_OK;
}

static void function_settle(const void *model, tsr_state *state) {
    if (tsr_state_find(state, 0) != NULL) tsr_batches_settle(columns_of(model), tsr_state_page(state, 0));
}

/* ---- solve ---- */

/* Means of the terms over a group. */
static void means_of(const functions *self, const tsr_group *group, double *mean) {
    for (int t = 0; t < self->terms.count; t++)
        mean[t] = first_term(self) > 0 ? tsr_group_ratio(group, 1 + t, 0) : tsr_group_mean(group, t, 0);
}

typedef struct {
    double value;
    double error;
} estimate;

/* The function as if it were linear about the means: its value, and how each column moves it. With weights, the mean
 * sum(w x)/sum(w) moves by (w x - mean w)/mean(w) of an item. */
static estimate delta(const functions *self, const tsr_expression *function, const tsr_group *total, double *slope) {
    double mean[TSR_TERMS_MAX], gradient[TSR_TERMS_MAX] = {0};
    const int first = first_term(self);
    means_of(self, total, mean);
    const double value = tsr_expression_gradient(function, self->terms.count, mean, gradient);
    const double unit = first > 0 ? tsr_group_mean(total, 0, 0) : 1.0;
    slope[0] = 0.0;
    for (int t = 0; t < self->terms.count; t++) {
        if (gradient[t] == 0.0) mean[t] = 0.0; /* a mean that is not needed may be anything */
        slope[first + t] = gradient[t] / unit;
        if (first > 0) slope[0] -= gradient[t] * mean[t] / unit;
    }
    const double variance = isfinite(value) ? tsr_group_variance(total, slope) : NAN;
    return (estimate){value, sqrt(variance / (double)total->items)};
}

/* Delete-a-group jackknife for groups of any sizes: F. M. T. A. Busing, E. Meijer and R. van der Leeden, Statistics and
 * Computing 9 (1999) 3-8, eq. 2 and 3, which are Quenouille's and Tukey's where the groups are equal. */
static estimate jackknife(const functions *self, const tsr_expression *function, const tsr_groups *groups,
                          double value) {
    const double items = (double)groups->total.items, count = groups->batches;
    double moved[TSR_BATCHES], correction = 0.0, square = 0.0;
    if (count < 2.0) return (estimate){NAN, NAN};
    for (int b = 0; b < TSR_BATCHES; b++) {
        double mean[TSR_TERMS_MAX];
        if (groups->batch[b].items == 0) continue;
        means_of(self, &groups->rest[b], mean);
        moved[b] = value - tsr_expression_value(function, mean);
        correction += (1.0 - (double)groups->batch[b].items / items) * moved[b];
    }
    for (int b = 0; b < TSR_BATCHES; b++) {
        if (groups->batch[b].items == 0) continue;
        const double others = items / (double)groups->batch[b].items - 1.0;
        const double apart = others * moved[b] - correction;
        square += apart * apart / others;
    }
    return (estimate){value + correction, sqrt(square / count)};
}

/* value and error: [2, functions], by the delta method and by the jackknife. */
static void solve_function(const functions *self, const tsr_groups *groups, int f, double *value, double *error) {
    double slope[TSR_BATCH_COLUMNS_MAX];
    const estimate linear = delta(self, &self->function[f], &groups->total, slope);
    estimate resampled = jackknife(self, &self->function[f], groups, linear.value);
    /* What is constant but for the rounding of its slopes is constant. */
    const bool is_constant = linear.error == 0.0 && tsr_group_scale(&groups->total, slope) > 0.0;
    if (is_constant) resampled = linear;
    value[f] = linear.value;
    error[f] = linear.error;
    value[self->count + f] = resampled.value;
    error[self->count + f] = resampled.error;
}

static tsr_status add_results(const functions *self, const double *value, const double *error, tsr_results *results) {
    const char *label[FUNCTIONS_MAX], *unit[FUNCTIONS_MAX];
    for (int f = 0; f < self->count; f++) {
        label[f] = self->definition[f].name;
        unit[f] = self->definition[f].unit;
    }
    tsr_result form = {.name = "function",
                       .long_name = "function of means, with its error by the delta method",
                       .unit = "",
                       .units = unit,
                       .dimensions = 1,
                       .dimension = {{.name = "function", .length = self->count, .labels = label, .unit = "1"}},
                       .value = value,
                       .error = error,
                       .headline = true};
    TSR_TRY(tsr_results_add(results, &form));
    form.name = "jackknife";
    form.long_name = "function of means without its bias of order 1/n, with its error by the jackknife over 32 batches";
    form.value = value + self->count;
    form.error = error + self->count;
    form.headline = false;
    return tsr_results_add(results, &form);
}

static tsr_status function_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const functions *self = model;
    double value[2 * FUNCTIONS_MAX], error[2 * FUNCTIONS_MAX];
    tsr_groups *groups = NULL;
    TSR_TRY(tsr_groups_create(columns_of(self), tsr_state_find(state, 0), &groups));
    for (int f = 0; f < self->count; f++) solve_function(self, groups, f, value, error);
    tsr_groups_destroy(&groups);
    return add_results(self, value, error, results);
}

const tsr_tally tsr_tally_function = {
    .name = "function",
    .summary = "functions of means (ratios, logarithms, any formula), with delta-method and jackknife errors",
    .reference =
        "W. G. Cochran, Sampling Techniques, 3rd ed. (1977), ch. 6; M. H. Quenouille, Biometrika 43 (1956) 353; "
        "J. W. Tukey, Ann. Math. Statist. 29 (1958) 614; B. Efron, The Jackknife, the Bootstrap and Other "
        "Resampling Plans (1982)",
    .params = params,
    .create = function_create,
    .destroy = function_destroy,
    .layout = function_layout,
    .scratch_bytes = function_scratch_bytes,
    .begin_tile = function_begin_tile,
    .add_block = function_add_block,
    .end_tile = function_end_tile,
    .settle = function_settle,
    .solve = function_solve,
};
