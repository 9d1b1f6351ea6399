#include "engine/tallies/unit.h"
#include "engine/tallies/weight.h"
#include "kernels/data/fields.h"
#include "kernels/learn/cross.h"
#include "kernels/learn/least_squares.h"
#include "kernels/learn/named.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    {.name = "of", .type = TSR_TEXT, .unit = "1", .preset = NULL, .help = "column to be explained"},
    {.name = "on",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns that explain it, up to 32 (default: all others)"},
    {.name = "intercept", .type = TSR_BOOLEAN, .unit = "1", .preset = "true", .help = "add a constant term"},
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

enum { TERM_UNIT_BYTES = 2 * TSR_UNIT_BYTES };

/* Columns: the terms, then the one to be explained. Page 0: the number of items of positive weight, then the exact sums
 * in the places of least_squares. */
typedef struct {
    int terms;
    bool intercept;
    int weight;                           /* place in the block, or -1 */
    const char *weight_label;             /* borrowed, or NULL */
    int index[TSR_TERMS_MAX + 1];         /* places in the block; -1: the constant 1 */
    const char *label[TSR_TERMS_MAX + 1]; /* borrowed */
    const char *unit_explained;           /* borrowed */
    char square_unit[TSR_UNIT_BYTES];
    char unit[TSR_TERMS_MAX][TSR_UNIT_BYTES]; /* of the coefficients */
} regression;

static int64_t sums_of(const regression *self) { return (int64_t)(self->terms + 1) * (self->terms + 2) / 2; }

/* ---- which columns ---- */

static void add_term(const tsr_field *fields, int column, regression *self) {
    self->index[self->terms] = column;
    self->label[self->terms++] = column < 0 ? "intercept" : fields[column].name;
}

static tsr_status choose_terms(const tsr_params *given, const tsr_field *fields, int y, regression *self) {
    int *column, count;
    TSR_TRY(tsr_named_columns(given, "on", fields, &column, &count));
    const int all = tsr_fields_count(fields), wanted = count > 0 ? count : all;
    tsr_status status = TSR_OK;
    if (self->intercept) add_term(fields, -1, self);
    for (int c = 0; c < wanted && status == TSR_OK; c++) {
        const int place = count > 0 ? column[c] : c;
        if (count > 0 && place == y)
            status = tsr_params_fail(given, "on", "'%s' cannot explain itself", fields[y].name);
        else if (place != y && (count > 0 || place != self->weight) && self->terms == TSR_TERMS_MAX - !self->intercept)
            status = tsr_params_fail(given, "on", "more than %d columns: name fewer", TSR_TERMS_MAX - 1);
        else if (place != y && (count > 0 || place != self->weight))
            add_term(fields, place, self);
    }
    free(column);
    if (status == TSR_OK && self->terms == 0)
        status = tsr_params_fail(given, "on", "no column is left to explain '%s'", fields[y].name);
    return status;
}

static void choose_units(const tsr_field *fields, int y, regression *self) {
    self->unit_explained = fields[y].unit;
    tsr_unit_product(fields[y].unit, fields[y].unit, self->square_unit);
    for (int t = 0; t < self->terms; t++) {
        const char *own = self->index[t] < 0 ? "1" : fields[self->index[t]].unit;
        char inverse[TSR_UNIT_BYTES];
        tsr_unit_inverse(own, inverse);
        if (own != NULL && fields[y].unit != NULL && strcmp(own, fields[y].unit) == 0)
            snprintf(self->unit[t], sizeof(self->unit[t]), "1");
        else
            tsr_unit_product(fields[y].unit, inverse, self->unit[t]);
    }
}

static tsr_status regression_create(const tsr_params *given, const tsr_field *fields, void **model) {
    regression *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a regression");
    tsr_status status;
    int y;
    self->intercept = tsr_params_boolean(given, "intercept");
    TSR_TRY_OUT(tsr_named_column(given, "of", fields, &y));
    TSR_TRY_OUT(tsr_tally_weight(given, fields, &self->weight));
    TSR_TRY_OUT(choose_terms(given, fields, y, self));
    if (self->weight >= 0) self->weight_label = fields[self->weight].name;
    self->index[self->terms] = y;
    self->label[self->terms] = fields[y].name;
    choose_units(fields, y, self);
    *model = self;
    self = NULL;
out:
    free(self);
    return status;
}

static tsr_layout regression_layout(const void *model) {
    return (tsr_layout){.pages = 1, .page_words = 1 + sums_of(model) * TSR_EXACT_WORDS};
}

/* ---- fold ---- */

static tsr_status find_weights(const regression *self, const tsr_block *block, const double **out, int64_t *positive) {
    const tsr_columns columns = {.weight = self->weight, .weight_label = self->weight_label};
    TSR_TRY(tsr_columns_weights(&columns, block, out));
    *positive = *out == NULL ? block->items : 0;
    for (int64_t i = 0; *out != NULL && i < block->items; i++) *positive += (*out)[i] > 0;
    return TSR_OK;
}

static tsr_status regression_add_block(const tsr_fold *fold, const tsr_block *block) {
    const regression *self = fold->model;
    int64_t *page = tsr_state_page(fold->state, 0), positive;
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for a regression of %d terms", self->terms);
    const double *weight, *column[TSR_TERMS_MAX + 1];
    TSR_TRY(find_weights(self, block, &weight, &positive));
    for (int c = 0; c <= self->terms; c++) column[c] = self->index[c] < 0 ? NULL : tsr_column(block, self->index[c]);
    tsr_exact *sum = (tsr_exact *)(page + 1);
    page[0] += positive;
    for (int a = 0; a <= self->terms; a++)
        for (int b = a; b <= self->terms; b++) tsr_cross_add(weight, column[a], column[b], block->items, sum++);
    return TSR_OK;
}

static void regression_settle(const void *model, tsr_state *state) {
    if (tsr_state_find(state, 0) == NULL) return;
    tsr_exact *sum = (tsr_exact *)(tsr_state_page(state, 0) + 1);
    for (int64_t s = 0; s < sums_of(model); s++) tsr_exact_settle(&sum[s]);
}

/* ---- solve ---- */

static tsr_status fit(const regression *self, const int64_t *page, tsr_least_squares *out) {
    const tsr_least_squares_sums sums = {.terms = self->terms,
                                         .intercept = self->intercept,
                                         .items = page == NULL ? 0 : page[0],
                                         .sum = page == NULL ? NULL : (const tsr_exact *)(page + 1)};
    return tsr_least_squares_solve(&sums, out);
}

static tsr_status add_terms(const regression *self, const tsr_least_squares *fitted, tsr_results *results) {
    const tsr_dimension term = {.name = "term", .length = self->terms, .labels = self->label, .unit = "1"};
    const char *unit[TSR_TERMS_MAX];
    double t[TSR_TERMS_MAX], p[TSR_TERMS_MAX];
    for (int k = 0; k < self->terms; k++) {
        unit[k] = self->unit[k];
        t[k] = fitted->coefficient[k] == 0 ? 0 : fitted->coefficient[k] / fitted->error[k];
        p[k] = isfinite(t[k]) ? 2 * gsl_cdf_tdist_Q(fabs(t[k]), (double)fitted->freedom) : (isnan(t[k]) ? NAN : 0);
    }
    const tsr_result form[] = {
        {.name = "regression_coefficient",
         .long_name = "least-squares coefficient; NaN: a linear function of the terms before it",
         .unit = "",
         .units = unit,
         .value = fitted->coefficient,
         .error = fitted->error,
         .headline = true},
        {.name = "regression_t", .long_name = "coefficient over its standard error", .unit = "1", .value = t},
        {.name = "regression_p",
         .long_name = "probability of so large a t if the coefficient were 0, normal residuals",
         .unit = "1",
         .value = p},
    };
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) {
        tsr_result result = form[f];
        result.dimensions = 1;
        result.dimension[0] = term;
        TSR_TRY(tsr_results_add(results, &result));
    }
    return TSR_OK;
}

static tsr_status add_fit(const regression *self, const tsr_least_squares *fitted, double items, tsr_results *results) {
    const double freedom = (double)fitted->freedom;
    const int explaining = fitted->used - self->intercept;
    const double p = explaining > 0 && fitted->freedom > 0 && isfinite(fitted->ratio)
                         ? gsl_cdf_fdist_Q(fitted->ratio, explaining, freedom)
                         : (isinf(fitted->ratio) ? 0 : (double)NAN);
    const tsr_result form[] = {
        {.name = "regression_residual_sd",
         .long_name = "standard deviation of the residuals",
         .unit = self->unit_explained,
         .value = &fitted->residual_sd,
         .headline = true},
        {.name = "regression_r_squared",
         .long_name = self->intercept ? "share of the squares about the mean that is explained"
                                      : "share of the squares about 0 that is explained",
         .value = &fitted->determination,
         .headline = true},
        {.name = "regression_F",
         .long_name = "mean square explained over that of the residuals",
         .value = &fitted->ratio},
        {.name = "regression_F_p", .long_name = "probability of so large an F if nothing were explained", .value = &p},
        {.name = "regression_residual_squares",
         .long_name = "sum of squared residuals",
         .unit = self->square_unit,
         .value = &fitted->square},
        {.name = "regression_freedom",
         .long_name = "degrees of freedom of the residuals",
         .value = &freedom,
         .integer = true},
        {.name = "regression_items", .long_name = "items of positive weight", .value = &items, .integer = true},
    };
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) TSR_TRY(tsr_results_add(results, &form[f]));
    return TSR_OK;
}

static tsr_status regression_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const regression *self = model;
    const int64_t *page = tsr_state_find(state, 0);
    tsr_least_squares fitted;
    TSR_TRY(fit(self, page, &fitted));
    TSR_TRY(add_terms(self, &fitted, results));
    return add_fit(self, &fitted, page == NULL ? 0 : (double)page[0], results);
}

const tsr_tally tsr_tally_regression = {
    .name = "regression",
    .summary = "linear regression by least squares, solved exactly for the numbers given",
    .reference = "Legendre, Nouvelles methodes pour la determination des orbites des cometes (1805); fraction-free "
                 "elimination after Bareiss, Mathematics of Computation 22 (1968) 565",
    .params = params,
    .create = regression_create,
    .destroy = free,
    .layout = regression_layout,
    .add_block = regression_add_block,
    .settle = regression_settle,
    .solve = regression_solve,
};
