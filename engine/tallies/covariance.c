#include "engine/tallies/covariance.h"

#include "engine/tallies/couple.h"
#include "engine/tallies/crosses.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* About 20 MB of exact sums a thread with errors; without, for values of ordinary size, at most 35. */
enum { COLUMNS_MAX = 1024, COLUMNS_ERRORS_MAX = 100 };

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "errors",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "true",
     .help = "standard errors, for up to 100 columns; false: a fiftieth of the memory, a fifth of the time"},
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

/* Page 0: the number of items, of tiles; of each column, how many items are not finite; with weights what stands in
 * weight.h. Then the exact sums in the places of gram: with errors also in page 0, otherwise in a bank. Record: the
 * greatest weight, if there are weights. */
typedef struct {
    tsr_columns *columns;
    tsr_gram gram;
} covariance;

enum { ITEMS, TILES, NONFINITE };

static int64_t weight_at(const covariance *self) { return NONFINITE + self->columns->count; }

static int64_t sums_at(const covariance *self) {
    return weight_at(self) + (self->gram.weighted ? TSR_WEIGHT_WORDS : 0);
}

static tsr_bank bank_of(const covariance *self) { return (tsr_bank){.first = 1, .count = tsr_gram_sums(&self->gram)}; }

static void covariance_destroy(void *model) {
    covariance *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status check_count(const tsr_params *given, const covariance *self) {
    const int count = self->columns->count;
    if (count > COLUMNS_MAX)
        return tsr_params_fail(given, "of",
                               "%d columns are too many for one covariance matrix (at most %d): name fewer", count,
                               COLUMNS_MAX);
    if (self->gram.errors && count > COLUMNS_ERRORS_MAX)
        return tsr_params_fail(given, "errors",
                               "%d columns are too many for a covariance matrix with standard errors (at most %d): "
                               "name fewer, or give errors: false",
                               count, COLUMNS_ERRORS_MAX);
    return TSR_OK;
}

static tsr_status covariance_create(const tsr_params *given, const tsr_field *fields, void **model) {
    covariance *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for covariances");
    tsr_status status;
    TSR_TRY_OUT(tsr_columns_create(given, fields, &self->columns));
    self->gram = tsr_gram_make(self->columns, tsr_params_boolean(given, "errors"));
    TSR_TRY_OUT(check_count(given, self));
    *model = self;
    self = NULL;
out:
    covariance_destroy(self);
    return status;
}

static tsr_layout covariance_layout(const void *model) {
    const covariance *self = model;
    const int64_t sums = tsr_gram_sums(&self->gram), head = sums_at(self);
    tsr_layout layout = {.pages = 1, .page_words = head + sums * TSR_EXACT_WORDS, .records = self->gram.weighted};
    if (!self->gram.errors) {
        layout.pages = 1 + TSR_GRAM_PAGES;
        layout.page_words = sums > head ? sums : head;
    }
    return layout;
}

/* ---- fold ---- */

static size_t covariance_scratch_bytes(const void *model) { return tsr_gram_bytes(&((const covariance *)model)->gram); }

static tsr_status covariance_begin_tile(const tsr_fold *fold) {
    const covariance *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    tsr_gram_begin(&self->gram, &tile);
    return TSR_OK;
}

static tsr_status covariance_add_block(const tsr_fold *fold, const tsr_block *block) {
    const covariance *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    int64_t *page = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the covariance of %d columns", self->columns->count);
    const bool begin = self->gram.weighted ? tile.weight->positive == 0 : *tile.items == 0;
    tsr_weights weights = {.positive = block->items};
    tsr_gram_block part = {.block = block};
    if (self->gram.weighted) {
        TSR_TRY(tsr_weight_add(self->columns, block, tile.weight, tsr_state_records(fold->state), &weights));
        part.weight = tsr_column(block, self->columns->weight);
    }
    if (weights.positive > 0) tsr_gram_add(&self->gram, &tile, &part, begin, page + NONFINITE);
    *tile.items += block->items;
    return TSR_OK;
}

static void settle_sums(const covariance *self, tsr_state *state) {
    tsr_exact *sum = (tsr_exact *)(tsr_state_page(state, 0) + sums_at(self));
    if (!self->gram.errors) tsr_bank_settle(state, bank_of(self));
    for (int64_t i = 0; self->gram.errors && i < tsr_gram_sums(&self->gram); i++) tsr_exact_settle(&sum[i]);
}

static tsr_status covariance_end_tile(const tsr_fold *fold) {
    const covariance *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    if (*tile.items == 0) return TSR_OK;
    int64_t *page = tsr_state_page(fold->state, 0);
    page[ITEMS] += *tile.items;
    if (self->gram.weighted) tsr_weight_end(tile.weight, page + weight_at(self));
    if (self->gram.weighted && tile.weight->positive == 0) return TSR_OK;
    if (++page[TILES] % (TSR_BANK_PENDING_MAX / 2) == 0) settle_sums(self, fold->state);
    if (!self->gram.errors) return tsr_gram_end_in_bank(&self->gram, &tile, fold->state, bank_of(self));
    tsr_gram_end(&self->gram, &tile, (tsr_exact *)(page + sums_at(self)));
    return TSR_OK;
}

static void covariance_settle(const void *model, tsr_state *state) {
    const covariance *self = model;
    if (tsr_state_find(state, 0) == NULL) return;
    settle_sums(self, state);
    if (self->gram.weighted) tsr_weight_settle(tsr_state_page(state, 0) + weight_at(self));
}

/* ---- solve ---- */

/* Matrices are [columns, columns]. */
typedef struct {
    const covariance *self;
    const tsr_gram *gram;
    const tsr_state *state;
    int64_t items;           /* of positive weight */
    const tsr_exact *sum;    /* with errors: all of them; NULL: no items */
    tsr_exact *single;       /* without, weighted: [columns, 2], of each column and of its square; NULL: no items */
    tsr_crosses *crosses;    /* without, not weighted; NULL: no items */
    const tsr_exact *weight; /* NULL: no weights */
    double *value[2];        /* covariance, correlation */
    double *error[2];
} solution;

static void solution_clear(solution *old) {
    tsr_crosses_destroy(&old->crosses);
    free(old->single);
    for (int k = 0; k < 2; k++) {
        free(old->value[k]);
        free(old->error[k]);
    }
}

/* Sums of a bank are read once, but for those of pairs. */
static tsr_status read_singles(solution *out) {
    const int columns = out->gram->columns->count;
    out->single = calloc(2 * (size_t)columns, sizeof(*out->single));
    TSR_REQUIRE(out->single != NULL, TSR_ERUNTIME, "no memory for the covariance matrix of %d columns", columns);
    for (int c = 0; c < columns; c++)
        for (int j = 0; j < 2; j++)
            tsr_gram_get(out->gram, out->state, bank_of(out->self), c, c, j, &out->single[2 * c + j]);
    return TSR_OK;
}

static tsr_status solution_init(const covariance *self, const tsr_state *state, solution *out) {
    const size_t count = (size_t)self->columns->count, size = count * count + 1;
    const int64_t *page = tsr_state_find(state, 0);
    *out = (solution){.self = self, .gram = &self->gram, .state = state};
    for (int k = 0; k < 2; k++) {
        out->value[k] = calloc(size, sizeof(double));
        out->error[k] = calloc(size, sizeof(double));
        TSR_REQUIRE(out->value[k] && out->error[k], TSR_ERUNTIME, "no memory for the covariance matrix of %zu columns",
                    count);
    }
    if (page == NULL) return TSR_OK;
    out->items = page[self->gram.weighted ? weight_at(self) : ITEMS];
    out->weight = self->gram.weighted ? tsr_weight_sums(page + weight_at(self)) : NULL;
    if (!self->gram.errors && self->gram.weighted) return read_singles(out);
    if (!self->gram.errors) return tsr_crosses_create(&self->gram, state, bank_of(self), out->items, &out->crosses);
    out->sum = (const tsr_exact *)(page + sums_at(self));
    return TSR_OK;
}

static void solve_with_errors(const solution *solved, int a, int b, tsr_couple_sums *sums, tsr_couple *out) {
    for (int i = 0; i <= 2; i++)
        for (int j = i == 0; i + j <= 2; j++)
            sums->first[i][j] = &solved->sum[tsr_gram_place(solved->gram, 1, a, b, i, j)];
    for (int i = 0; i <= 4; i++)
        for (int j = i == 0; i + j <= 4; j++)
            sums->second[i][j] = &solved->sum[tsr_gram_place(solved->gram, 2, a, b, i, j)];
    tsr_couple_solve(sums, out);
}

static void solve_pair(const solution *solved, int a, int b, tsr_couple *out) {
    tsr_couple_sums sums = {.items = solved->items, .errors = solved->gram->errors};
    tsr_exact product;
    if (solved->crosses != NULL) {
        tsr_crosses_solve(solved->crosses, a, b, &out->covariance, &out->correlation);
        return;
    }
    if (solved->weight != NULL) sums.first[0][0] = &solved->weight[0];
    if (solved->weight != NULL) sums.second[0][0] = &solved->weight[1];
    if (sums.errors) {
        solve_with_errors(solved, a, b, &sums, out);
        return;
    }
    tsr_gram_get(solved->gram, solved->state, bank_of(solved->self), a, b, 1, &product);
    sums.first[1][0] = &solved->single[2 * a];
    sums.first[0][1] = &solved->single[2 * b];
    sums.first[2][0] = &solved->single[2 * a + 1];
    sums.first[0][2] = &solved->single[2 * b + 1];
    sums.first[1][1] = &product;
    tsr_couple_solve(&sums, out);
}

static void solve_matrix(const solution *solved) {
    const int64_t columns = solved->gram->columns->count;
    for (int a = 0; a < columns; a++)
        for (int b = a; b < columns; b++) {
            tsr_couple found = {NAN, NAN, NAN, NAN};
            if (solved->sum != NULL || solved->single != NULL || solved->crosses != NULL)
                solve_pair(solved, a, b, &found);
            const int64_t place[2] = {a * columns + b, b * columns + a};
            for (int k = 0; k < 2; k++) {
                solved->value[0][place[k]] = found.covariance;
                solved->error[0][place[k]] = found.covariance_error;
                solved->value[1][place[k]] = found.correlation;
                solved->error[1][place[k]] = found.correlation_error;
            }
        }
}

static tsr_dimension dimension_of(const tsr_columns *columns, const char *name) {
    return (tsr_dimension){.name = name, .length = columns->count, .labels = columns->label, .unit = "1"};
}

static bool has_one_unit(const tsr_columns *columns) {
    for (int c = 1; c < columns->count; c++)
        if (strcmp(columns->square[c], columns->square[0]) != 0) return false;
    return true;
}

/* A covariance has the product of two units; results know units along their first dimension only. */
static tsr_status add_covariance(const solution *solved, tsr_result form, tsr_results *results) {
    const tsr_columns *columns = solved->gram->columns;
    char(*text)[2 * TSR_UNIT_BYTES] = calloc((size_t)columns->count + 1, sizeof(*text));
    const char **unit = calloc((size_t)columns->count + 1, sizeof(*unit));
    tsr_status status = TSR_OK;
    if (text == NULL || unit == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the units of %d columns", columns->count);
        goto out;
    }
    for (int c = 0; c < columns->count; c++) {
        snprintf(text[c], sizeof(text[c]), "%s x unit of other", columns->unit[c]);
        unit[c] = has_one_unit(columns) ? columns->square[c] : text[c];
    }
    form.unit = "";
    form.units = unit;
    form.value = solved->value[0];
    status = tsr_results_add(results, &form);
out:
    free(unit);
    free(text);
    return status;
}

/* Said only when there are any. */
static tsr_status add_nonfinite(const covariance *self, const int64_t *page, tsr_results *results) {
    const int columns = self->columns->count;
    bool any = false;
    for (int c = 0; page != NULL && c < columns; c++) any = any || page[NONFINITE + c] > 0;
    if (!any) return TSR_OK;
    double *count = calloc((size_t)columns, sizeof(*count));
    TSR_REQUIRE(count != NULL, TSR_ERUNTIME, "no memory for the results of %d columns", columns);
    for (int c = 0; c < columns; c++) count[c] = (double)page[NONFINITE + c];
    const tsr_result form = {
        .name = "covariance_nonfinite", .long_name = "items that are NaN or infinite", .value = count, .integer = true};
    const tsr_status status = tsr_columns_add(self->columns, 0, form, results);
    free(count);
    return status;
}

static tsr_status covariance_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const covariance *self = model;
    const int64_t *page = tsr_state_find(state, 0);
    const bool weighted = self->gram.weighted;
    solution solved;
    tsr_status status = solution_init(self, state, &solved);
    if (status != TSR_OK) goto out;
    solve_matrix(&solved);
    const tsr_dimension first = dimension_of(self->columns, "column"), second = dimension_of(self->columns, "other");
    const tsr_result matrix[] = {
        {.name = "covariance",
         .long_name = weighted ? "covariance of the weighted items, n of n - 1 effective items"
                               : "sample covariance, divided by n - 1",
         .dimensions = 2,
         .dimension = {first, second},
         .error = self->gram.errors ? solved.error[0] : NULL},
        {.name = "correlation",
         .long_name = "correlation after Pearson",
         .unit = "1",
         .dimensions = 2,
         .dimension = {first, second},
         .value = solved.value[1],
         .error = self->gram.errors ? solved.error[1] : NULL},
    };
    TSR_TRY_OUT(add_covariance(&solved, matrix[0], results));
    TSR_TRY_OUT(tsr_results_add(results, &matrix[1]));
    TSR_TRY_OUT(add_nonfinite(self, page, results));
    if (weighted)
        TSR_TRY_OUT(tsr_weight_tell_effective("covariance_effective_items",
                                              page == NULL ? NULL : page + weight_at(self),
                                              tsr_state_records_get(state), results));
out:
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_covariance = {
    .name = "covariance",
    .summary = "covariance and correlation of every two columns, with their errors",
    .reference = "Pearson, Notes on regression and inheritance in the case of two parents, Proc. R. Soc. 58 (1895); "
                 "exact sums after Neal, arXiv:1505.05571",
    .params = params,
    .create = covariance_create,
    .destroy = covariance_destroy,
    .layout = covariance_layout,
    .scratch_bytes = covariance_scratch_bytes,
    .begin_tile = covariance_begin_tile,
    .add_block = covariance_add_block,
    .end_tile = covariance_end_tile,
    .settle = covariance_settle,
    .solve = covariance_solve,
};
