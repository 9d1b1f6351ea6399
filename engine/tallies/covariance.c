#include "engine/tallies/covariance.h"

#include "engine/rational.h"
#include "engine/tallies/central.h"
#include "engine/tallies/columns.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS_MAX = 256, /* 19 MB of exact sums a thread */
    BATCH = 4          /* columns that one reading of another is multiplied with */
};

static const tsr_param params[] = {TSR_PARAM_OF, {.name = NULL}};

/* The model of the tally is its columns. Page 0: the number of items, then exact sums: of each column, then of the
 * products of columns a <= b, row by row. */
enum { HEAD_WORDS = 1 };

static int64_t pairs_of(int64_t columns) { return columns * (columns + 1) / 2; }

/* Place of a <= b among the products. */
static int64_t pair_index(int64_t columns, int64_t a, int64_t b) { return a * columns - a * (a - 1) / 2 + b - a; }

static void covariance_destroy(void *model) {
    tsr_columns *columns = model;
    tsr_columns_destroy(&columns);
}

static tsr_status covariance_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_columns *columns = NULL;
    TSR_TRY(tsr_columns_create(given, fields, &columns));
    if (columns->count > COLUMNS_MAX) {
        const int count = columns->count;
        tsr_columns_destroy(&columns);
        return tsr_params_fail(given, "of",
                               "%d columns are too many for one covariance matrix (at most %d): name fewer", count,
                               COLUMNS_MAX);
    }
    *model = columns;
    return TSR_OK;
}

static tsr_layout covariance_layout(const void *model) {
    const int64_t columns = ((const tsr_columns *)model)->count;
    return (tsr_layout){.pages = 1, .page_words = HEAD_WORDS + (columns + pairs_of(columns)) * TSR_EXACT_WORDS};
}

/* ---- fold ---- */

/* A tile on its way, at the places of one piece of scratch; columns and pairs as in the page. */
typedef struct {
    double *centred;  /* [columns, TSR_BLOCK_ITEMS_MAX]: of the block at hand, 64-byte aligned */
    double *centre;   /* [columns] */
    tsr_pair *single; /* [columns]: sums of differences */
    tsr_pair *cross;  /* [pairs]: sums of their products */
    int64_t *items;
} tile;

static size_t covariance_scratch_bytes(const void *model) {
    const size_t columns = (size_t)((const tsr_columns *)model)->count;
    const size_t sums = columns + (size_t)pairs_of((int64_t)columns);
    return columns * (TSR_BLOCK_ITEMS_MAX + 1) * sizeof(double) + sums * sizeof(tsr_pair) + sizeof(int64_t);
}

static tile tile_of(const tsr_columns *columns, void *scratch) {
    tile at = {.centred = scratch};
    at.centre = at.centred + (int64_t)columns->count * TSR_BLOCK_ITEMS_MAX;
    at.single = (tsr_pair *)(at.centre + columns->count);
    at.cross = at.single + columns->count;
    at.items = (int64_t *)(at.cross + pairs_of(columns->count));
    return at;
}

static tsr_status covariance_begin_tile(const tsr_fold *fold) {
    const tsr_columns *columns = fold->model;
    const tile whole = tile_of(columns, fold->scratch);
    const size_t sums = (size_t)(columns->count + pairs_of(columns->count));
    memset(whole.single, 0, sums * sizeof(tsr_pair));
    *whole.items = 0;
    return TSR_OK;
}

/* Differences from the centre, and their sum. */
static double centre_column(const double *restrict value, int64_t items, double centre, double *restrict out) {
    double lane[TSR_LANES] = {0};
    for (int64_t i = 0; i < items; i++) out[i] = value[i] - centre;
    for (int64_t i = 0; i < items; i += TSR_LANES) {
        const int64_t width = items - i < TSR_LANES ? items - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) lane[l] += out[i + l];
    }
    return tsr_lanes_fold(lane);
}

typedef struct {
    double sum[BATCH][TSR_LANES];
} lanes;

/* rows x width elements from item on of one column times those of four others; rows and width are constants wherever
 * it matters. */
TSR_UNROLLED void cross_rows(int rows, int width, int64_t item, const double *a, const double *const b[BATCH],
                             lanes *restrict out) {
    const double *b0 = b[0], *b1 = b[1], *b2 = b[2], *b3 = b[3];
    for (int l = 0; l < width; l++) {
        double s0 = out->sum[0][l], s1 = out->sum[1][l], s2 = out->sum[2][l], s3 = out->sum[3][l];
        for (int r = 0; r < rows; r++) {
            const int64_t i = item + r * TSR_LANES + l;
            s0 = fma(a[i], b0[i], s0);
            s1 = fma(a[i], b1[i], s1);
            s2 = fma(a[i], b2[i], s2);
            s3 = fma(a[i], b3[i], s3);
        }
        out->sum[0][l] = s0;
        out->sum[1][l] = s1;
        out->sum[2][l] = s2;
        out->sum[3][l] = s3;
    }
}

/* The lanes are a local variable, which nothing else can point to, and are copied in the end. */
static void cross_batch(int64_t items, const double *a, const double *const b[BATCH], lanes *out) {
    lanes lane = {0};
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        cross_rows(TSR_LANE_ROWS, TSR_LANES, i, a, b, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES) cross_rows(1, TSR_LANES, i, a, b, &lane);
    cross_rows(1, (int)(items - i), i, a, b, &lane);
    *out = lane;
}

/* All products of column a with columns b >= a; the last batch repeats a column rather than end early. */
static void cross_column(const tile *whole, int columns, int a, int64_t items) {
    tsr_pair *cross = whole->cross + pair_index(columns, a, a);
    for (int b = a; b < columns; b += BATCH) {
        const double *factor[BATCH];
        lanes lane;
        const int last = columns - b < BATCH ? columns - b : BATCH;
        for (int k = 0; k < BATCH; k++)
            factor[k] = whole->centred + (int64_t)(k < last ? b + k : b) * TSR_BLOCK_ITEMS_MAX;
        cross_batch(items, whole->centred + (int64_t)a * TSR_BLOCK_ITEMS_MAX, factor, &lane);
        for (int k = 0; k < last; k++) tsr_pair_add(&cross[b - a + k], tsr_lanes_fold(lane.sum[k]));
    }
}

static tsr_status covariance_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_columns *columns = fold->model;
    const tile whole = tile_of(columns, fold->scratch);
    for (int c = 0; c < columns->count; c++) {
        const double *value = tsr_column(block, columns->index[c]);
        double *centred = whole.centred + (int64_t)c * TSR_BLOCK_ITEMS_MAX;
        if (*whole.items == 0) whole.centre[c] = tsr_lanes_centre(value, block->items);
        tsr_pair_add(&whole.single[c], centre_column(value, block->items, whole.centre[c], centred));
    }
    for (int a = 0; a < columns->count; a++) cross_column(&whole, columns->count, a, block->items);
    *whole.items += block->items;
    return TSR_OK;
}

/* sum += first * second * (high + low) */
static void add_scaled(tsr_exact *sum, double first, double second, tsr_pair term) {
    const double high[] = {first, second, term.high}, low[] = {first, second, term.low};
    if (term.high != 0) tsr_exact_add_product(sum, high, 3);
    if (term.low != 0) tsr_exact_add_product(sum, low, 3);
}

static tsr_exact *exact_sums(int64_t *page) { return (tsr_exact *)(page + HEAD_WORDS); }

/* With x = m + d: sum x y = n m_x m_y + m_x sum d_y + m_y sum d_x + sum d_x d_y, each term added exactly. */
static void add_tile(const tile *whole, int columns, tsr_exact *single, tsr_exact *cross) {
    const tsr_pair items = {.high = (double)*whole->items};
    for (int a = 0; a < columns; a++) {
        add_scaled(&single[a], whole->centre[a], 1, items);
        add_scaled(&single[a], 1, 1, whole->single[a]);
        for (int b = a; b < columns; b++) {
            const int64_t pair = pair_index(columns, a, b);
            add_scaled(&cross[pair], whole->centre[a], whole->centre[b], items);
            add_scaled(&cross[pair], whole->centre[a], 1, whole->single[b]);
            add_scaled(&cross[pair], whole->centre[b], 1, whole->single[a]);
            add_scaled(&cross[pair], 1, 1, whole->cross[pair]);
        }
    }
}

static tsr_status covariance_end_tile(const tsr_fold *fold) {
    const tsr_columns *columns = fold->model;
    const tile whole = tile_of(columns, fold->scratch);
    int64_t *page = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the covariance of %d columns", columns->count);
    page[0] += *whole.items;
    add_tile(&whole, columns->count, exact_sums(page), exact_sums(page) + columns->count);
    return TSR_OK;
}

static void covariance_settle(const void *model, tsr_state *state) {
    const int64_t columns = ((const tsr_columns *)model)->count;
    if (tsr_state_find(state, 0) == NULL) return;
    tsr_exact *sum = exact_sums(tsr_state_page(state, 0));
    for (int64_t i = 0; i < columns + pairs_of(columns); i++) tsr_exact_settle(&sum[i]);
}

/* ---- solve ---- */

/* Matrices are [columns, columns]; single, cross: exact sums, NULL without items. */
typedef struct {
    const tsr_columns *columns;
    int64_t items;
    const tsr_exact *single;
    const tsr_exact *cross;
    mpz_t *moment; /* [columns]: items^2 times the variances */
    double *covariance;
    double *correlation;
} solution;

static void solution_clear(solution *old) {
    for (int a = 0; old->moment != NULL && a < old->columns->count; a++) mpz_clear(old->moment[a]);
    free(old->moment);
    free(old->covariance);
    free(old->correlation);
}

static tsr_status solution_init(const tsr_columns *columns, const int64_t *page, solution *out) {
    const size_t count = (size_t)columns->count;
    *out = (solution){.columns = columns, .items = page == NULL ? 0 : page[0]};
    if (page != NULL) out->single = (const tsr_exact *)(page + HEAD_WORDS);
    if (page != NULL) out->cross = out->single + count;
    out->moment = calloc(count + 1, sizeof(*out->moment));
    out->covariance = calloc(count * count + 1, sizeof(*out->covariance));
    out->correlation = calloc(count * count + 1, sizeof(*out->correlation));
    for (size_t a = 0; out->moment != NULL && a < count; a++) mpz_init(out->moment[a]);
    TSR_REQUIRE(out->moment && out->covariance && out->correlation, TSR_ERUNTIME,
                "no memory for the covariance matrix of %zu columns", count);
    return TSR_OK;
}

/* False where a sum is not finite or there are not two items. */
static bool cross_moment(const solution *solved, int a, int b, mpz_t out) {
    if (solved->items < 2) return false;
    const tsr_exact *product = &solved->cross[pair_index(solved->columns->count, a, b)];
    const tsr_exact *first = &solved->single[a], *second = &solved->single[b];
    if (!tsr_exact_is_finite(product) || !tsr_exact_is_finite(first) || !tsr_exact_is_finite(second)) return false;
    tsr_central_cross(solved->items, product, first, second, out);
    return true;
}

static void put(const solution *solved, int a, int b, double covariance, double correlation) {
    const int64_t columns = solved->columns->count;
    solved->covariance[a * columns + b] = solved->covariance[b * columns + a] = covariance;
    solved->correlation[a * columns + b] = solved->correlation[b * columns + a] = correlation;
}

static void solve_variance(const solution *solved, int a) {
    double variance = NAN;
    if (cross_moment(solved, a, a, solved->moment[a]))
        variance = tsr_central_covariance(solved->items, solved->moment[a]);
    const bool is_constant = mpz_sgn(solved->moment[a]) == 0;
    const bool is_told = is_constant || (variance >= TSR_VARIANCE_MIN && variance <= DBL_MAX);
    put(solved, a, a, is_told ? variance : NAN, is_told && !is_constant ? 1 : NAN);
}

/* r = A_ab / sqrt(A_aa A_bb): items and units cancel. The root is taken of one correctly rounded ratio. */
static double correlation_of(const mpz_t cross, const mpz_t a, const mpz_t b) {
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_mul(numerator, cross, cross);
    mpz_mul(denominator, a, b);
    const double magnitude = fmin(sqrt(tsr_ratio_round(numerator, denominator, 0)), 1);
    mpz_clears(numerator, denominator, NULL);
    return mpz_sgn(cross) < 0 ? -magnitude : magnitude;
}

/* After both variances; cross: a work variable. */
static void solve_pair(const solution *solved, int a, int b, mpz_t cross) {
    const int64_t columns = solved->columns->count;
    const double first = solved->covariance[a * columns + a], second = solved->covariance[b * columns + b];
    double covariance = NAN, correlation = NAN;
    if (!isnan(first) && !isnan(second) && cross_moment(solved, a, b, cross)) {
        covariance = tsr_central_covariance(solved->items, cross);
        if (first > 0 && second > 0) correlation = correlation_of(cross, solved->moment[a], solved->moment[b]);
    }
    put(solved, a, b, covariance, correlation);
}

static void solve_matrix(const solution *solved) {
    mpz_t cross;
    mpz_init(cross);
    for (int a = 0; a < solved->columns->count; a++) solve_variance(solved, a);
    for (int a = 0; a < solved->columns->count; a++)
        for (int b = a + 1; b < solved->columns->count; b++) solve_pair(solved, a, b, cross);
    mpz_clear(cross);
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
    const tsr_columns *columns = solved->columns;
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
    form.value = solved->covariance;
    status = tsr_results_add(results, &form);
out:
    free(unit);
    free(text);
    return status;
}

static tsr_status covariance_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const tsr_columns *columns = model;
    solution solved;
    tsr_status status = solution_init(columns, tsr_state_find(state, 0), &solved);
    if (status != TSR_OK) goto out;
    solve_matrix(&solved);
    const tsr_dimension first = dimension_of(columns, "column"), second = dimension_of(columns, "other");
    const tsr_result covariance = {.name = "covariance",
                                   .long_name = "sample covariance, divided by n - 1",
                                   .dimensions = 2,
                                   .dimension = {first, second}};
    const tsr_result correlation = {.name = "correlation",
                                    .long_name = "correlation after Pearson",
                                    .unit = "1",
                                    .dimensions = 2,
                                    .dimension = {first, second},
                                    .value = solved.correlation};
    TSR_TRY_OUT(add_covariance(&solved, covariance, results));
    TSR_TRY_OUT(tsr_results_add(results, &correlation));
out:
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_covariance = {
    .name = "covariance",
    .summary = "covariance and correlation of every two columns",
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
