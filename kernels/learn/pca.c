#include "engine/rational.h"
#include "engine/tallies/crosses.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 1000 };

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "components",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "10",
     .minimum = 1,
     .maximum = COLUMNS_MAX,
     .help = "how many components to tell, the largest first; at most as many as columns"},
    {.name = "scale",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "bring all columns to variance 1: components of the correlation matrix"},
    {.name = NULL},
};

/* Page 0: the number of items, of tiles; of each column, how many are not finite. Then the bank of the exact sums in
 * the places of gram. */
typedef struct {
    tsr_columns *columns;
    tsr_gram gram;
    int components;
    bool scale;
} pca;

enum { ITEMS, TILES, NONFINITE };

static tsr_bank bank_of(const pca *self) { return (tsr_bank){.first = 1, .count = tsr_gram_sums(&self->gram)}; }

static void pca_destroy(void *model) {
    pca *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status pca_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_status status;
    pca *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a tally");
    TSR_TRY_OUT(tsr_columns_create(given, fields, &self->columns));
    const int columns = self->columns->count;
    const int64_t components = tsr_params_integer(given, "components");
    if (columns > COLUMNS_MAX) {
        status = tsr_params_fail(given, "of",
                                 "%d columns are too many for one covariance matrix (at most %d): name "
                                 "fewer",
                                 columns, COLUMNS_MAX);
        goto out;
    }
    if (components > columns && !tsr_params_is_default(given, "components")) {
        status = tsr_params_fail(given, "components", "%lld components of %d columns: there are no more than columns",
                                 (long long)components, columns);
        goto out;
    }
    self->components = components < columns ? (int)components : columns;
    self->scale = tsr_params_boolean(given, "scale");
    self->gram = tsr_gram_make(self->columns, false);
    gsl_set_error_handler_off();
    *model = self;
    self = NULL;
out:
    pca_destroy(self);
    return status;
}

static tsr_layout pca_layout(const void *model) {
    const pca *self = model;
    const int64_t sums = tsr_gram_sums(&self->gram), head = NONFINITE + self->columns->count;
    return (tsr_layout){.pages = 1 + TSR_GRAM_PAGES, .page_words = sums > head ? sums : head};
}

/* ---- fold ---- */

static size_t pca_scratch_bytes(const void *model) { return tsr_gram_bytes(&((const pca *)model)->gram); }

static tsr_status pca_begin_tile(const tsr_fold *fold) {
    const pca *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    tsr_gram_begin(&self->gram, &tile);
    return TSR_OK;
}

static tsr_status pca_add_block(const tsr_fold *fold, const tsr_block *block) {
    const pca *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    const tsr_gram_block part = {.block = block};
    int64_t *page = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the covariance of %d columns", self->columns->count);
    tsr_gram_add(&self->gram, &tile, &part, *tile.items == 0, page + NONFINITE);
    *tile.items += block->items;
    return TSR_OK;
}

static tsr_status pca_end_tile(const tsr_fold *fold) {
    const pca *self = fold->model;
    const tsr_gram_tile tile = tsr_gram_tile_of(&self->gram, fold->scratch);
    if (*tile.items == 0) return TSR_OK;
    TSR_TRY(tsr_gram_end_in_bank(&self->gram, &tile, fold->state, bank_of(self)));
    int64_t *page = tsr_state_page(fold->state, 0);
    page[ITEMS] += *tile.items;
    if (++page[TILES] % (TSR_BANK_PENDING_MAX / 2) == 0) tsr_bank_settle(fold->state, bank_of(self));
    return TSR_OK;
}

static void pca_settle(const void *model, tsr_state *state) { tsr_bank_settle(state, bank_of(model)); }

/* ---- solve ---- */

/* components: eigenvalue, share, cumulative, error, number; columns: mean, variance; loading [columns, components]. */
typedef struct {
    const pca *self;
    const tsr_state *state;
    int64_t items;
    gsl_matrix *matrix; /* [columns, columns] */
    gsl_matrix *vector; /* likewise: columns are eigenvectors */
    gsl_vector *value;
    gsl_eigen_symmv_workspace *workspace;
    double *memory;
    double *eigenvalue, *error, *share, *cumulative, *number, *mean, *variance, *loading;
    double total;
} solution;

static void solution_clear(solution *old) {
    gsl_matrix_free(old->matrix);
    gsl_matrix_free(old->vector);
    gsl_vector_free(old->value);
    gsl_eigen_symmv_free(old->workspace);
    free(old->memory);
}

static tsr_status solution_init(const pca *self, const tsr_state *state, solution *out) {
    const size_t columns = (size_t)self->columns->count, components = (size_t)self->components;
    const size_t numbers = 5 * components + 2 * columns + columns * components;
    *out = (solution){.self = self, .state = state, .total = NAN};
    out->matrix = gsl_matrix_alloc(columns, columns);
    out->vector = gsl_matrix_alloc(columns, columns);
    out->value = gsl_vector_alloc(columns);
    out->workspace = gsl_eigen_symmv_alloc(columns);
    out->memory = malloc(numbers * sizeof(*out->memory));
    TSR_REQUIRE(out->matrix && out->vector && out->value && out->workspace && out->memory, TSR_ERUNTIME,
                "no memory for the components of %zu columns", columns);
    for (size_t i = 0; i < numbers; i++) out->memory[i] = NAN;
    out->eigenvalue = out->memory;
    out->error = out->eigenvalue + components;
    out->share = out->error + components;
    out->cumulative = out->share + components;
    out->number = out->cumulative + components;
    out->mean = out->number + components;
    out->variance = out->mean + columns;
    out->loading = out->variance + columns;
    for (size_t k = 0; k < components; k++) out->number[k] = (double)(k + 1);
    const int64_t *page = tsr_state_find(state, 0);
    out->items = page == NULL ? 0 : page[ITEMS];
    for (size_t c = 0; page != NULL && c < columns; c++)
        if (page[NONFINITE + c] > 0) out->items = 0;
    return TSR_OK;
}

static void find_mean(solution *of, int c, const tsr_exact *sum) {
    mpz_t total, items;
    mpz_inits(total, items, NULL);
    mpz_set_si(items, of->items);
    tsr_exact_to_integer(sum, total);
    of->mean[c] = tsr_ratio_round(total, items, -TSR_EXACT_BIAS);
    mpz_clears(total, items, NULL);
}

static tsr_status find_matrix(solution *of) {
    const pca *self = of->self;
    tsr_crosses *crosses = NULL;
    TSR_TRY(tsr_crosses_create(&self->gram, of->state, bank_of(self), of->items, &crosses));
    for (int a = 0; a < self->columns->count; a++) {
        tsr_exact sum;
        tsr_gram_get(&self->gram, of->state, bank_of(self), a, a, 0, &sum);
        find_mean(of, a, &sum);
        for (int b = 0; b <= a; b++) {
            double covariance;
            tsr_crosses_solve(crosses, b, a, &covariance, NULL);
            gsl_matrix_set(of->matrix, (size_t)a, (size_t)b, covariance);
            gsl_matrix_set(of->matrix, (size_t)b, (size_t)a, covariance);
        }
        of->variance[a] = gsl_matrix_get(of->matrix, (size_t)a, (size_t)a);
    }
    tsr_crosses_destroy(&crosses);
    return TSR_OK;
}

/* A column that does not vary has no correlations, and no part in any component. */
static void scale_matrix(const solution *of) {
    const int columns = of->self->columns->count;
    for (int a = 0; a < columns; a++)
        for (int b = 0; b < columns; b++) {
            const double product = sqrt(of->variance[a]) * sqrt(of->variance[b]);
            double *entry = gsl_matrix_ptr(of->matrix, (size_t)a, (size_t)b);
            const double diagonal = of->variance[a] > 0 ? 1.0 : 0.0;
            *entry = a == b ? diagonal : (product > 0 ? *entry / product : 0.0);
        }
}

/* The sign of an eigenvector is free: its largest element, of equal ones the first, is positive. */
static double sign_of(const gsl_matrix *vector, size_t k) {
    double largest = 0;
    for (size_t c = 0; c < vector->size1; c++) {
        const double element = gsl_matrix_get(vector, c, k);
        if (fabs(element) > fabs(largest)) largest = element;
    }
    return largest < 0 ? -1.0 : 1.0;
}

static void tell_component(solution *of, int k, double before) {
    const size_t columns = of->matrix->size1, components = (size_t)of->self->components;
    const double value = gsl_vector_get(of->value, (size_t)k), sign = sign_of(of->vector, (size_t)k);
    of->eigenvalue[k] = value > 0 ? value : 0.0; /* rounding: the matrix is positive semi-definite */
    of->error[k] = of->self->scale ? NAN : of->eigenvalue[k] * sqrt(2.0 / (double)(of->items - 1));
    of->share[k] = of->eigenvalue[k] / of->total;
    of->cumulative[k] = before + of->share[k];
    for (size_t c = 0; c < columns; c++)
        of->loading[c * components + (size_t)k] = sign * gsl_matrix_get(of->vector, c, (size_t)k);
}

static tsr_status find_components(solution *of) {
    if (of->items < 2) return TSR_OK;
    TSR_TRY(find_matrix(of));
    if (of->self->scale) scale_matrix(of);
    of->total = 0;
    for (size_t c = 0; c < of->matrix->size1; c++) of->total += gsl_matrix_get(of->matrix, c, c);
    if (!isfinite(of->total)) return TSR_OK;
    TSR_REQUIRE(gsl_eigen_symmv(of->matrix, of->value, of->vector, of->workspace) == 0, TSR_ENUMERIC,
                "pca: the eigenvalues of the covariance matrix were not found");
    gsl_eigen_symmv_sort(of->value, of->vector, GSL_EIGEN_SORT_VAL_DESC);
    for (int k = 0; k < of->self->components; k++) tell_component(of, k, k == 0 ? 0.0 : of->cumulative[k - 1]);
    return TSR_OK;
}

static bool has_one_unit(const tsr_columns *columns) {
    for (int c = 1; c < columns->count; c++)
        if (strcmp(columns->square[c], columns->square[0]) != 0) return false;
    return true;
}

static tsr_status add_results(const solution *solved, tsr_results *results) {
    const pca *self = solved->self;
    const char *square = self->scale || !has_one_unit(self->columns) ? "1" : self->columns->square[0];
    const tsr_dimension component = {
        .name = "component", .length = self->components, .coordinates = solved->number, .unit = "1"};
    const tsr_result form[] = {
        {.name = "pca_eigenvalue",
         .long_name = self->scale ? "variance along a component, columns scaled to 1"
                                  : "variance along a component; its error bar is that of normal items",
         .unit = square,
         .dimensions = 1,
         .dimension = {component},
         .value = solved->eigenvalue,
         .error = self->scale ? NULL : solved->error,
         .headline = true},
        {.name = "pca_share",
         .long_name = "share of the variance of all columns",
         .dimensions = 1,
         .dimension = {component},
         .value = solved->share,
         .headline = true},
        {.name = "pca_cumulative",
         .long_name = "share of this component and those before it",
         .dimensions = 1,
         .dimension = {component},
         .value = solved->cumulative},
        {.name = "pca_variance",
         .long_name = "sum of the variances of all columns",
         .unit = square,
         .value = &solved->total},
    };
    const tsr_result loading = {.name = "pca_loading",
                                .long_name = "direction of a component: of length 1, its largest element positive",
                                .dimensions = 1,
                                .dimension = {[1] = component},
                                .value = solved->loading};
    const tsr_result mean = {.name = "pca_mean", .long_name = "mean of a column", .value = solved->mean};
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) TSR_TRY(tsr_results_add(results, &form[f]));
    TSR_TRY(tsr_columns_add(self->columns, 0, loading, results));
    return tsr_columns_add(self->columns, 1, mean, results);
}

static tsr_status pca_solve(const void *model, const tsr_state *state, tsr_results *results) {
    solution solved;
    tsr_status status = solution_init(model, state, &solved);
    if (status == TSR_OK) status = find_components(&solved);
    if (status == TSR_OK) status = add_results(&solved, results);
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_pca = {
    .name = "pca",
    .summary = "principal components: directions in which the columns vary most",
    .reference = "Hotelling, Analysis of a complex of statistical variables into principal components, J. Educational "
                 "Psychology 24 (1933) 417; errors after Anderson, Ann. Math. Statist. 34 (1963) 122",
    .params = params,
    .create = pca_create,
    .destroy = pca_destroy,
    .layout = pca_layout,
    .scratch_bytes = pca_scratch_bytes,
    .begin_tile = pca_begin_tile,
    .add_block = pca_add_block,
    .end_tile = pca_end_tile,
    .settle = pca_settle,
    .solve = pca_solve,
};
