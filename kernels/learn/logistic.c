#include "engine/tallies/lanes.h"
#include "engine/tallies/products.h"
#include "engine/tallies/unit.h"
#include "engine/tally.h"
#include "engine/vmath.h"
#include "kernels/data/fields.h"
#include "kernels/learn/named.h"
#include "kernels/learn/newton.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS_MAX = 100 };

static const tsr_param params[] = {
    {.name = "of",
     .type = TSR_TEXT,
     .unit = "1",
     .preset = NULL,
     .help = "column to be explained: 0 or 1, or two words"},
    {.name = "on",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns that explain it, up to 32 (default: all others)"},
    {.name = "intercept", .type = TSR_BOOLEAN, .unit = "1", .preset = "true", .help = "add a constant term"},
    {.name = "iterations",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "50",
     .minimum = 1,
     .maximum = ITERATIONS_MAX,
     .help = "passes over all items at most"},
    {.name = "tolerance",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "1e-8",
     .minimum = 0,
     .minimum_open = true,
     .maximum = 1,
     .help = "how near to the maximum the last look must be, in standard errors"},
    {.name = NULL},
};

/* A page for each pass: items, items with y = 1, items on the wrong side; then exact sums: the likelihood, the gradient
 * [terms], the curvature of pairs a <= b row by row. */
enum { ITEMS, ONES, WRONG, SUMS };

typedef struct {
    int y;
    int terms;
    int64_t iterations;
    double tolerance;
    bool intercept;
    int index[TSR_TERMS_MAX];         /* -1: the constant 1 */
    const char *label[TSR_TERMS_MAX]; /* kept */
    char unit[TSR_TERMS_MAX][TSR_UNIT_BYTES];
} logistic;

static int sums_of(const logistic *self) { return 1 + self->terms + self->terms * (self->terms + 1) / 2; }

/* ---- which columns ---- */

static tsr_status add_term(const tsr_params *given, const tsr_field *fields, int column, logistic *self) {
    if (column == self->y) return tsr_params_fail(given, "on", "'%s' cannot explain itself", fields[column].name);
    if (self->terms == TSR_TERMS_MAX - !self->intercept)
        return tsr_params_fail(given, "on", "more than %d columns: name fewer", TSR_TERMS_MAX - 1);
    self->label[self->terms] = column < 0 ? "intercept" : fields[column].name;
    tsr_unit_inverse(column < 0 ? "1" : fields[column].unit, self->unit[self->terms]);
    self->index[self->terms++] = column;
    return TSR_OK;
}

static tsr_status choose_terms(const tsr_params *given, const tsr_field *fields, logistic *self) {
    int *column, count;
    TSR_TRY(tsr_named_columns(given, "on", fields, &column, &count));
    tsr_status status = self->intercept ? add_term(given, fields, -1, self) : TSR_OK;
    for (int c = 0; c < count && status == TSR_OK; c++) status = add_term(given, fields, column[c], self);
    for (int c = 0; count == 0 && c < tsr_fields_count(fields) && status == TSR_OK; c++)
        if (c != self->y) status = add_term(given, fields, c, self);
    free(column);
    if (status == TSR_OK && self->terms == 0)
        status = tsr_params_fail(given, "on", "no column is left to explain '%s'", fields[self->y].name);
    return status;
}

static tsr_status logistic_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_status status;
    logistic *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a tally");
    self->intercept = tsr_params_boolean(given, "intercept");
    self->iterations = tsr_params_integer(given, "iterations");
    self->tolerance = tsr_params_real(given, "tolerance");
    TSR_TRY_OUT(tsr_named_column(given, "of", fields, &self->y));
    TSR_TRY_OUT(choose_terms(given, fields, self));
    *model = self;
    self = NULL;
out:
    free(self);
    return status;
}

static tsr_layout logistic_layout(const void *model) {
    const logistic *self = model;
    return (tsr_layout){.pages = self->iterations, .page_words = SUMS + (int64_t)sums_of(self) * TSR_EXACT_WORDS};
}

/* ---- what the passes have found ---- */

static void read_look(const logistic *self, const int64_t *page, tsr_newton_look *out) {
    const tsr_exact *sum = (const tsr_exact *)(page + SUMS);
    out->items = page[ITEMS];
    out->wrong = page[WRONG];
    out->likelihood = tsr_exact_round(sum++);
    for (int a = 0; a < self->terms; a++) out->gradient[a] = tsr_exact_round(sum++);
    for (int a = 0; a < self->terms; a++)
        for (int b = a; b < self->terms; b++) out->curvature[a][b] = tsr_exact_round(sum++);
}

/* Goes the way again from its beginning: the state holds what each pass found, and nothing else. */
static void retrace(const logistic *self, const tsr_state *state, tsr_newton *out) {
    tsr_newton_look look;
    tsr_newton_begin(self->terms, self->tolerance, out);
    for (int64_t pass = 0; state != NULL && pass < self->iterations; pass++) {
        const int64_t *page = tsr_state_find(state, pass);
        if (page == NULL || page[ITEMS] == 0) break;
        read_look(self, page, &look);
        tsr_newton_advance(&look, out);
    }
}

/* ---- fold ---- */

/* Columns are [TSR_BLOCK_ITEMS_MAX]. */
typedef struct {
    double coefficient[TSR_TERMS_MAX]; /* of the pass */
    int64_t count[SUMS];               /* of the tile */
    double one[TSR_BLOCK_ITEMS_MAX];
    double rest[TSR_BLOCK_ITEMS_MAX];   /* y - p */
    double spread[TSR_BLOCK_ITEMS_MAX]; /* p (1 - p) */
    double product[TSR_BLOCK_ITEMS_MAX];
    tsr_pair sum[]; /* [sums_of] of the tile */
} scratch;

static size_t logistic_scratch_bytes(const void *model) {
    return sizeof(scratch) + (size_t)sums_of(model) * sizeof(tsr_pair);
}

static tsr_status logistic_begin_pass(const tsr_fold *fold) {
    scratch *at = fold->scratch;
    tsr_newton way;
    retrace(fold->model, fold->settled, &way);
    memcpy(at->coefficient, way.next, sizeof(at->coefficient));
    for (int i = 0; i < TSR_BLOCK_ITEMS_MAX; i++) at->one[i] = 1;
    return TSR_OK;
}

static tsr_status logistic_begin_tile(const tsr_fold *fold) {
    scratch *at = fold->scratch;
    memset(at->count, 0, sizeof(at->count));
    memset(at->sum, 0, (size_t)sums_of(fold->model) * sizeof(*at->sum));
    return TSR_OK;
}

static const double *column_of(const logistic *self, const scratch *at, const tsr_block *block, int term) {
    return self->index[term] < 0 ? at->one : tsr_column(block, self->index[term]);
}

/* The logarithm of the odds of every item. */
static void find_odds(const logistic *self, const scratch *at, const tsr_block *block, double *odds) {
    for (int64_t i = 0; i < block->items; i++) odds[i] = 0;
    for (int t = 0; t < self->terms; t++) {
        const double *restrict value = column_of(self, at, block, t), factor = at->coefficient[t];
        for (int64_t i = 0; i < block->items; i++) odds[i] = fma(factor, value[i], odds[i]);
    }
}

static tsr_status check_block(const logistic *self, const tsr_block *block, const double *odds) {
    const double *y = tsr_column(block, self->y);
    for (int64_t i = 0; i < block->items; i++) {
        TSR_REQUIRE(y[i] == 0 || y[i] == 1, TSR_ENUMERIC,
                    "logistic: item %lld is to be explained and is %g: 0 or 1 can be",
                    (long long)tsr_block_item(block, i), isnan(y[i]) ? NAN : y[i]);
        TSR_REQUIRE(isfinite(odds[i]), TSR_ENUMERIC,
                    "logistic: item %lld has a value that is not finite; `nonfinite: skip` leaves such items out",
                    (long long)tsr_block_item(block, i));
    }
    return TSR_OK;
}

/* With m = odds for y = 1 and -odds for y = 0, an item's likelihood is 1 / (1 + e^-m). */
static void weigh_items(scratch *at, const double *restrict y, int64_t items, const double *restrict odds) {
    double likelihood = 0;
    for (int64_t i = 0; i < items; i++) {
        const double small = tsr_exp(-fabs(odds[i])), share = 1 / (1 + small);
        const double margin = y[i] > 0 ? odds[i] : -odds[i];
        const double against = margin > 0 ? small * share : share; /* 1 - the item's likelihood */
        at->rest[i] = y[i] > 0 ? against : -against;
        at->spread[i] = small * share * share;
        at->product[i] = (margin < 0 ? margin : 0.0) - tsr_log1p(small);
    }
    for (int64_t i = 0; i < items; i++) {
        likelihood += at->product[i];
        at->count[ONES] += y[i] > 0;
        at->count[WRONG] += y[i] > 0 ? odds[i] <= 0 : odds[i] >= 0;
    }
    at->count[ITEMS] += items;
    tsr_pair_add(&at->sum[0], likelihood);
}

/* Sums of `first` times the terms from `from` on; the last batch repeats a column rather than end early. */
static void add_products(const logistic *self, const scratch *at, const tsr_block *block, const double *first, int from,
                         tsr_pair *into) {
    for (int b = from; b < self->terms; b += TSR_PRODUCTS_BATCH) {
        const double *factor[TSR_PRODUCTS_BATCH];
        double sum[TSR_PRODUCTS_BATCH];
        const int last = self->terms - b < TSR_PRODUCTS_BATCH ? self->terms - b : TSR_PRODUCTS_BATCH;
        for (int k = 0; k < TSR_PRODUCTS_BATCH; k++) factor[k] = column_of(self, at, block, k < last ? b + k : b);
        tsr_products_batch(block->items, first, factor, sum);
        for (int k = 0; k < last; k++) tsr_pair_add(into++, sum[k]);
    }
}

static tsr_status logistic_add_block(const tsr_fold *fold, const tsr_block *block) {
    const logistic *self = fold->model;
    scratch *at = fold->scratch;
    double odds[TSR_BLOCK_ITEMS_MAX];
    find_odds(self, at, block, odds);
    TSR_TRY(check_block(self, block, odds));
    weigh_items(at, tsr_column(block, self->y), block->items, odds);
    tsr_pair *into = at->sum + 1;
    add_products(self, at, block, at->rest, 0, into);
    into += self->terms;
    for (int a = 0; a < self->terms; a++) {
        const double *value = column_of(self, at, block, a);
        for (int64_t i = 0; i < block->items; i++) at->product[i] = at->spread[i] * value[i];
        add_products(self, at, block, at->product, a, into);
        into += self->terms - a;
    }
    return TSR_OK;
}

static tsr_status logistic_end_tile(const tsr_fold *fold) {
    const scratch *at = fold->scratch;
    if (at->count[ITEMS] == 0) return TSR_OK;
    int64_t *page = tsr_state_page(fold->state, fold->pass);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the sums of a pass");
    for (int c = 0; c < SUMS; c++) page[c] += at->count[c];
    tsr_exact *sum = (tsr_exact *)(page + SUMS);
    for (int s = 0; s < sums_of(fold->model); s++) {
        tsr_exact_add(&sum[s], at->sum[s].high);
        tsr_exact_add(&sum[s], at->sum[s].low);
    }
    return TSR_OK;
}

static void logistic_settle(const void *model, tsr_state *state) {
    const logistic *self = model;
    for (int64_t pass = 0; pass < self->iterations; pass++) {
        if (tsr_state_find(state, pass) == NULL) continue;
        tsr_exact *sum = (tsr_exact *)(tsr_state_page(state, pass) + SUMS);
        for (int s = 0; s < sums_of(self); s++) tsr_exact_settle(&sum[s]);
    }
}

static void logistic_rewind(const void *model, tsr_state *state) {
    const logistic *self = model;
    const size_t bytes = (size_t)tsr_state_layout(state).page_words * sizeof(int64_t);
    for (int64_t pass = 1; pass < self->iterations; pass++)
        if (tsr_state_find(state, pass) != NULL) memset(tsr_state_page(state, pass), 0, bytes);
}

static bool logistic_unfinished(const void *model, const tsr_state *state, int passes) {
    const logistic *self = model;
    const int64_t *page = tsr_state_find(state, 0);
    if (passes >= self->iterations || page == NULL || page[ITEMS] == 0) return false;
    tsr_newton way;
    retrace(self, state, &way);
    return way.state == TSR_NEWTON_GOES_ON;
}

/* ---- solve ---- */

/* Minus twice the likelihood's logarithm if only the share of ones is known. */
static double null_deviance(const logistic *self, const int64_t *page) {
    if (page == NULL || page[ITEMS] == 0) return NAN;
    const double items = (double)page[ITEMS], ones = (double)page[ONES], zeros = items - ones;
    if (!self->intercept) return 2 * items * log(2);
    return -2 * ((ones > 0 ? ones * log(ones / items) : 0) + (zeros > 0 ? zeros * log(zeros / items) : 0));
}

static tsr_status add_terms(const logistic *self, const tsr_newton *way, bool is_known, tsr_results *results) {
    const tsr_dimension term = {.name = "term", .length = self->terms, .labels = self->label, .unit = "1"};
    double value[TSR_TERMS_MAX], error[TSR_TERMS_MAX], z[TSR_TERMS_MAX], p[TSR_TERMS_MAX];
    const char *unit[TSR_TERMS_MAX];
    for (int t = 0; t < self->terms; t++) {
        unit[t] = self->unit[t];
        value[t] = is_known && way->is_used[t] ? way->next[t] : (double)NAN;
        error[t] = is_known ? way->error[t] : (double)NAN;
        z[t] = value[t] / error[t];
        p[t] = isnan(z[t]) ? NAN : 2 * gsl_cdf_ugaussian_Q(fabs(z[t]));
    }
    const tsr_result form[] = {
        {.name = "logistic_coefficient",
         .long_name = "change of the logarithm of the odds; NaN: see separation, or a function of the terms before it",
         .unit = "",
         .units = unit,
         .value = value,
         .error = error,
         .headline = true},
        {.name = "logistic_z", .long_name = "coefficient over its standard error", .value = z},
        {.name = "logistic_p", .long_name = "probability of so large a z if the coefficient were 0", .value = p},
    };
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) {
        tsr_result result = form[f];
        result.dimensions = 1;
        result.dimension[0] = term;
        TSR_TRY(tsr_results_add(results, &result));
    }
    return TSR_OK;
}

static tsr_status add_fit(const tsr_newton *way, double null, double items, tsr_results *results) {
    const double deviance = way->state == TSR_NEWTON_SEPARATED ? 0 : -2 * way->likelihood;
    const double converged = way->state == TSR_NEWTON_CONVERGED, looks = way->looks;
    const double separation = way->state == TSR_NEWTON_SEPARATED ? 2 : (way->state == TSR_NEWTON_STUCK ? 1 : 0);
    const tsr_result form[] = {
        {.name = "logistic_deviance",
         .long_name = "minus twice the logarithm of the likelihood",
         .value = &deviance,
         .total = true,
         .headline = true},
        {.name = "logistic_null_deviance", .long_name = "the same without the columns", .value = &null, .total = true},
        {.name = "logistic_iterations", .long_name = "passes over all items", .value = &looks, .integer = true},
        {.name = "logistic_converged", .long_name = "1: the maximum is found", .value = &converged, .integer = true},
        {.name = "logistic_separation",
         .long_name =
             "2: the columns tell 0 from 1 without fail, so that no coefficients are best; 1: they seem to for "
             "a part of the items, coefficients grow without end; 0: neither",
         .value = &separation,
         .integer = true,
         .headline = true},
        {.name = "logistic_items", .long_name = "items", .value = &items, .integer = true},
    };
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) TSR_TRY(tsr_results_add(results, &form[f]));
    return TSR_OK;
}

static tsr_status logistic_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const logistic *self = model;
    const int64_t *page = tsr_state_find(state, 0);
    tsr_newton way;
    retrace(self, state, &way);
    const bool is_known = way.state == TSR_NEWTON_CONVERGED || (way.state == TSR_NEWTON_GOES_ON && way.looks > 0);
    TSR_TRY(add_terms(self, &way, is_known, results));
    return add_fit(&way, null_deviance(self, page), page == NULL ? 0 : (double)page[ITEMS], results);
}

const tsr_tally tsr_tally_logistic = {
    .name = "logistic",
    .summary = "logistic regression: how columns change the odds of an event",
    .reference = "Cox, The regression analysis of binary sequences, J. Royal Statistical Society B 20 (1958) 215; "
                 "Newton's method, Albert and Anderson, Biometrika 71 (1984) 1, on separation",
    .params = params,
    .create = logistic_create,
    .destroy = free,
    .layout = logistic_layout,
    .scratch_bytes = logistic_scratch_bytes,
    .begin_pass = logistic_begin_pass,
    .begin_tile = logistic_begin_tile,
    .add_block = logistic_add_block,
    .end_tile = logistic_end_tile,
    .settle = logistic_settle,
    .rewind = logistic_rewind,
    .unfinished = logistic_unfinished,
    .solve = logistic_solve,
};
