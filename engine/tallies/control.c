#include "engine/tallies/control.h"

#include "engine/tallies/regression.h"
#include "engine/tallies/unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "controls",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns whose expectation is known (default: all that the source declares)"},
    {.name = "expectations",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "expectation of each of `controls` (default: as the source declares)"},
    {.name = NULL},
};

/* Columns of the batches: those of interest, then their controls. Arrays: [wanted + controls]. */
typedef struct {
    int wanted;
    int controls;
    int index[TSR_BATCH_COLUMNS_MAX]; /* places in the stage's block */
    const char *label[TSR_BATCH_COLUMNS_MAX];
    const char *unit[TSR_BATCH_COLUMNS_MAX];
    double expectation[TSR_BATCH_COLUMNS_MAX];
} control;

static int columns_of(const control *self) { return self->wanted + self->controls; }

/* ---- which columns ---- */

static int count_fields(const tsr_field *fields) {
    int count = 0;
    while (fields[count].name != NULL) count++;
    return count;
}

static tsr_status add_column(const tsr_params *given, const char *row, const tsr_field *fields, int column,
                             control *self) {
    const int place = columns_of(self);
    for (int c = 0; c < place; c++)
        if (self->index[c] == column)
            return tsr_params_fail(given, row, "column '%s' is given twice", fields[column].name);
    if (place == TSR_BATCH_COLUMNS_MAX)
        return tsr_params_fail(given, row, "more than %d columns and controls: name fewer", TSR_BATCH_COLUMNS_MAX);
    self->index[place] = column;
    self->label[place] = fields[column].name;
    self->unit[place] = fields[column].unit == NULL ? "1" : fields[column].unit;
    self->expectation[place] = fields[column].expectation;
    return TSR_OK;
}

static tsr_status find_column(const tsr_params *given, const char *row, const tsr_field *fields, const char *name,
                              int *out) {
    const int columns = count_fields(fields);
    for (*out = 0; *out < columns; ++*out)
        if (strcmp(fields[*out].name, name) == 0) return TSR_OK;
    const char **names = calloc((size_t)columns + 1, sizeof(*names));
    TSR_REQUIRE(names != NULL, TSR_ERUNTIME, "no memory for the names of %d columns", columns);
    for (int c = 0; c < columns; c++) names[c] = fields[c].name;
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, names, hint);
    free(names);
    return tsr_params_fail(given, row, "there is no column '%s'%s", name, hint);
}

static bool is_among(const char *name, const char *const *names, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* The columns of `of`, or all that are no controls. */
static tsr_status choose_wanted(const tsr_params *given, const tsr_field *fields, control *self) {
    int64_t named, controls;
    const char *const *of = tsr_params_texts(given, "of", &named);
    const char *const *control_names = tsr_params_texts(given, "controls", &controls);
    for (int64_t i = 0; i < named; i++) {
        int column;
        TSR_TRY(find_column(given, "of", fields, of[i], &column));
        TSR_TRY(add_column(given, "of", fields, column, self));
        self->wanted++;
    }
    for (int c = 0; named == 0 && fields[c].name != NULL; c++) {
        const bool is_control = controls > 0 ? is_among(fields[c].name, control_names, controls) : fields[c].is_control;
        if (is_control) continue;
        TSR_TRY(add_column(given, "of", fields, c, self));
        self->wanted++;
    }
    if (self->wanted > 0) return TSR_OK;
    return tsr_params_fail(given, "of", "every column is a control: name the one whose mean is wanted");
}

static tsr_status choose_named(const tsr_params *given, const tsr_field *fields, control *self) {
    int64_t count, known;
    const char *const *names = tsr_params_texts(given, "controls", &count);
    const double *expectations = tsr_params_reals(given, "expectations", &known);
    if (known > 0 && known != count)
        return tsr_params_fail(given, "expectations", "%lld expectations for %lld controls: give one for each",
                               (long long)known, (long long)count);
    for (int64_t i = 0; i < count; i++) {
        int column;
        TSR_TRY(find_column(given, "controls", fields, names[i], &column));
        if (known == 0 && !fields[column].is_control)
            return tsr_params_fail(given, "controls",
                                   "the source does not tell the expectation of '%s': give `expectations`", names[i]);
        TSR_TRY(add_column(given, "controls", fields, column, self));
        if (known > 0) self->expectation[columns_of(self)] = expectations[i];
        self->controls++;
    }
    return TSR_OK;
}

static tsr_status choose_declared(const tsr_params *given, const tsr_field *fields, control *self) {
    for (int c = 0; fields[c].name != NULL; c++) {
        bool is_wanted = false;
        for (int w = 0; w < self->wanted; w++) is_wanted = is_wanted || self->index[w] == c;
        if (is_wanted || !fields[c].is_control) continue;
        TSR_TRY(add_column(given, "controls", fields, c, self));
        self->controls++;
    }
    if (self->controls > 0) return TSR_OK;
    return tsr_params_fail(given, "controls",
                           "the source declares no column with a known expectation: give `controls` and "
                           "`expectations`");
}

static tsr_status control_create(const tsr_params *given, const tsr_field *fields, void **model) {
    int64_t named, known;
    tsr_params_texts(given, "controls", &named);
    tsr_params_reals(given, "expectations", &known);
    if (named == 0 && known > 0)
        return tsr_params_fail(given, "expectations", "expectations of what? name the columns in `controls`");
    tsr_status status;
    control *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for control variates");
    TSR_TRY_OUT(choose_wanted(given, fields, self));
    TSR_TRY_OUT(named > 0 ? choose_named(given, fields, self) : choose_declared(given, fields, self));
    *model = self;
    self = NULL;
out:
    free(self);
    return status;
}

/* ---- fold ---- */

static tsr_layout control_layout(const void *model) {
    return (tsr_layout){.pages = 1, .page_words = tsr_batches_words(columns_of(model))};
}

static size_t control_scratch_bytes(const void *model) { return tsr_batches_scratch_bytes(columns_of(model)); }

static tsr_status control_begin_tile(const tsr_fold *fold) {
    tsr_batches_begin(columns_of(fold->model), fold->scratch);
    return TSR_OK;
}

static tsr_status control_add_block(const tsr_fold *fold, const tsr_block *block) {
    const control *self = fold->model;
    const double *column[TSR_BATCH_COLUMNS_MAX];
    for (int c = 0; c < columns_of(self); c++) column[c] = tsr_column(block, self->index[c]);
    tsr_batches_add(columns_of(self), column, block->item, block->items, fold->scratch);
    return TSR_OK;
}

static tsr_status control_end_tile(const tsr_fold *fold) {
    int64_t *page = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the sums of %d columns", columns_of(fold->model));
    tsr_batches_end(columns_of(fold->model), fold->scratch, page);
    return TSR_OK;
}

static void control_settle(const void *model, tsr_state *state) {
    if (tsr_state_find(state, 0) != NULL) tsr_batches_settle(columns_of(model), tsr_state_page(state, 0));
}

/* ---- solve ---- */

/* value, error, gain: [wanted]; coefficient and its error: [wanted, controls]. Of each batch b: its mean [wanted] and
 * sum of squares about it, corrected by the coefficients of all other batches. */
typedef struct {
    const control *self;
    tsr_groups *groups;
    tsr_regression whole;
    double mean[TSR_BATCHES][TSR_BATCH_COLUMNS_MAX];
    double square[TSR_BATCHES][TSR_BATCH_COLUMNS_MAX];
    double value[TSR_BATCH_COLUMNS_MAX];
    double error[TSR_BATCH_COLUMNS_MAX];
    double gain[TSR_BATCH_COLUMNS_MAX];
    double coefficient[TSR_BATCH_COLUMNS_MAX * TSR_BATCH_COLUMNS_MAX];
    double coefficient_error[TSR_BATCH_COLUMNS_MAX * TSR_BATCH_COLUMNS_MAX];
    double distance[TSR_BATCH_COLUMNS_MAX]; /* [controls]: from the expectation, in standard errors */
} solution;

/* No sample lies so many standard errors off: the expectation is another one. */
static const double DISTANCE_MAX = 12.0;

/* True if every control that is used may have the expectation that it is said to have. */
static bool check_expectations(solution *solved) {
    const control *self = solved->self;
    const tsr_group *total = &solved->groups->total;
    bool is_credible = true;
    for (int k = 0; k < self->controls; k++) {
        const int column = self->wanted + k;
        const double off = tsr_group_mean(total, column, self->expectation[column]);
        solved->distance[k] = off / (solved->whole.deviation[k] / sqrt((double)total->items));
        if (off == 0.0) solved->distance[k] = 0.0;
        if (solved->whole.is_used[k]) is_credible = is_credible && fabs(solved->distance[k]) <= DISTANCE_MAX;
    }
    return is_credible;
}

/* Weights of the columns in y_w - sum of coefficient x_k; out: [columns]. */
static void combine(const control *self, int w, const double *coefficient, double *out) {
    for (int c = 0; c < self->wanted; c++) out[c] = c == w ? 1.0 : 0.0;
    for (int k = 0; k < self->controls; k++) out[self->wanted + k] = -coefficient[k];
}

/* The coefficients come from items that share nothing with the batch: on average the correction is 0, whatever the
 * law. */
static void solve_batch(solution *solved, int b) {
    const control *self = solved->self;
    const tsr_group *batch = &solved->groups->batch[b], *rest = &solved->groups->rest[b];
    tsr_regression others;
    tsr_regression_make(rest, self->wanted, self->controls, solved->whole.is_used, &others);
    for (int w = 0; w < self->wanted; w++) {
        double coefficient[TSR_BATCH_COLUMNS_MAX], apart[TSR_BATCH_COLUMNS_MAX];
        tsr_regression_fit(&others, rest, w, coefficient);
        combine(self, w, coefficient, apart);
        solved->mean[b][w] = tsr_group_mean(batch, w, 0);
        for (int k = 0; k < self->controls; k++) {
            const int column = self->wanted + k;
            if (others.is_used[k])
                solved->mean[b][w] -= coefficient[k] * tsr_group_mean(batch, column, self->expectation[column]);
        }
        solved->square[b][w] = batch->items > 1 ? tsr_group_variance(batch, apart) * (double)(batch->items - 1) : 0.0;
    }
}

/* The mean of all corrected items, and the error that these have as a sample. */
static void solve_value(solution *solved, int w) {
    const tsr_groups *groups = solved->groups;
    const double items = (double)groups->total.items;
    double value = 0.0, square = 0.0;
    for (int b = 0; b < TSR_BATCHES; b++)
        if (groups->batch[b].items > 0) value += (double)groups->batch[b].items / items * solved->mean[b][w];
    for (int b = 0; b < TSR_BATCHES; b++) {
        const double apart = solved->mean[b][w] - value;
        if (groups->batch[b].items > 0) square += solved->square[b][w] + (double)groups->batch[b].items * apart * apart;
    }
    solved->value[w] = groups->batches > 0 ? value : NAN;
    solved->error[w] = sqrt(square / (items - 1.0) / items);
}

/* The fit to all items, which tells the coefficients, and whether anything is left to err. */
static void solve_fit(solution *solved, int w) {
    const control *self = solved->self;
    const tsr_group *total = &solved->groups->total;
    const double items = (double)total->items, freedom = items - 1.0 - solved->whole.used;
    double *coefficient = &solved->coefficient[w * self->controls], apart[TSR_BATCH_COLUMNS_MAX];
    tsr_regression_fit(&solved->whole, total, w, coefficient);
    combine(self, w, coefficient, apart);
    const double residual = tsr_group_variance(total, apart), plain = tsr_group_covariance(total, w, w);
    if (!(freedom > 0.0)) solved->error[w] = NAN;
    if (residual == 0.0 && freedom > 0.0) solved->error[w] = 0.0;
    const double variance = solved->error[w] * solved->error[w] * items;
    solved->gain[w] = plain == variance ? 1.0 : plain / variance;
    for (int k = 0; k < self->controls; k++) {
        double unit[TSR_BATCH_COLUMNS_MAX] = {0};
        unit[k] = 1.0;
        const double inverse = tsr_regression_distance(&solved->whole, unit) / freedom;
        const bool is_used = solved->whole.is_used[k];
        solved->coefficient_error[w * self->controls + k] = is_used && freedom > 0.0 ? sqrt(residual * inverse) : NAN;
        if (!is_used) coefficient[k] = NAN;
    }
}

/* Results know units along their first dimension only. */
static const char *slope_unit(const control *self, int w, char text[2 * TSR_UNIT_BYTES]) {
    bool is_one = true;
    for (int k = 0; k < self->controls; k++)
        is_one = is_one && strcmp(self->unit[self->wanted + k], self->unit[w]) == 0;
    snprintf(text, 2 * TSR_UNIT_BYTES, "%s per unit of control", self->unit[w]);
    return is_one ? "1" : text;
}

static tsr_status add_results(const solution *solved, tsr_results *results) {
    const control *self = solved->self;
    char text[TSR_BATCH_COLUMNS_MAX][2 * TSR_UNIT_BYTES];
    const char *unit[TSR_BATCH_COLUMNS_MAX];
    for (int w = 0; w < self->wanted; w++) unit[w] = slope_unit(self, w, text[w]);
    const tsr_dimension wanted = {.name = "column", .length = self->wanted, .labels = self->label, .unit = "1"};
    const tsr_dimension controls = {
        .name = "control", .length = self->controls, .labels = &self->label[self->wanted], .unit = "1"};
    const tsr_result value = {.name = "controlled_mean",
                              .long_name =
                                  "mean with control variates; NaN: an expectation is wrong, see expectation_z",
                              .unit = "",
                              .units = self->unit,
                              .dimensions = 1,
                              .dimension = {wanted},
                              .value = solved->value,
                              .error = solved->error,
                              .headline = true};
    const tsr_result gain = {.name = "variance_ratio",
                             .long_name = "variance of the plain mean over that of the controlled one",
                             .unit = "1",
                             .dimensions = 1,
                             .dimension = {wanted},
                             .value = solved->gain,
                             .headline = true};
    const tsr_result coefficient = {
        .name = "coefficient",
        .long_name =
            "regression coefficient of a control, NaN: left out, as constant, not finite or a function of those before",
        .unit = "",
        .units = unit,
        .dimensions = 2,
        .dimension = {wanted, controls},
        .value = solved->coefficient,
        .error = solved->coefficient_error};
    const tsr_result distance = {
        .name = "expectation_z",
        .long_name = "distance of a control's mean from its expectation in standard errors; beyond 12 nothing is told",
        .unit = "1",
        .dimensions = 1,
        .dimension = {controls},
        .value = solved->distance};
    TSR_TRY(tsr_results_add(results, &value));
    TSR_TRY(tsr_results_add(results, &gain));
    TSR_TRY(tsr_results_add(results, &coefficient));
    return tsr_results_add(results, &distance);
}

static tsr_status control_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const control *self = model;
    solution solved = {.self = self};
    TSR_TRY(tsr_groups_create(columns_of(self), tsr_state_find(state, 0), &solved.groups));
    tsr_regression_make(&solved.groups->total, self->wanted, self->controls, NULL, &solved.whole);
    const bool is_credible = check_expectations(&solved);
    for (int b = 0; b < TSR_BATCHES; b++)
        if (solved.groups->batch[b].items > 0) solve_batch(&solved, b);
    for (int w = 0; w < self->wanted; w++) {
        solve_value(&solved, w);
        solve_fit(&solved, w);
        if (!is_credible) solved.value[w] = solved.error[w] = solved.gain[w] = NAN;
    }
    tsr_groups_destroy(&solved.groups);
    return add_results(&solved, results);
}

const tsr_tally tsr_tally_control = {
    .name = "control",
    .summary = "means with control variates: columns whose expectation is known take noise away",
    .reference =
        "S. S. Lavenberg and P. D. Welch, Management Science 27 (1981) 322; B. L. Nelson, Operations Research 38 "
        "(1990) 974; A. N. Avramidis and J. R. Wilson, Operations Research Letters 14 (1993) 187; P. "
        "Glasserman, Monte Carlo Methods in Financial Engineering (2004), section 4.1",
    .by_point = true,
    .of_means = true,
    .params = params,
    .create = control_create,
    .destroy = free,
    .layout = control_layout,
    .scratch_bytes = control_scratch_bytes,
    .begin_tile = control_begin_tile,
    .add_block = control_add_block,
    .end_tile = control_end_tile,
    .settle = control_settle,
    .solve = control_solve,
};
