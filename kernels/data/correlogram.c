/* The tally autocorrelation: how much items say about those that follow, from exact sums of products. */
#include "engine/tallies/columns.h"
#include "kernels/data/lagged.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* About 30 MB of exact sums a thread. */
enum { LAGS_MAX = 4096, SUMS_MAX = 16384 };

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "lags",
     .type = TSR_INTEGER,
     .unit = "items",
     .preset = "40",
     .minimum = 1,
     .maximum = LAGS_MAX,
     .help = "how many items later at most"},
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    int64_t lags;
} correlogram;

typedef struct {
    int64_t *items;    /* of the tile so far */
    double *centre;    /* [columns] */
    tsr_lag_tile *lag; /* [columns, lags + 1] */
    double *deviation; /* [TSR_BLOCK_ITEMS_MAX + lags] from the centre, of one column in one block */
    tsr_pair *before;  /* [TSR_BLOCK_ITEMS_MAX + lags + 1] sums of the deviations before each */
} tile;

static void destroy(void *model) {
    correlogram *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_status status = TSR_OK;
    correlogram *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for autocorrelations");
    self->lags = tsr_params_integer(given, "lags");
    TSR_TRY_OUT(tsr_columns_create(given, fields, &self->columns));
    if (self->columns->count * (self->lags + 1) > SUMS_MAX) {
        status = tsr_params_fail(given, "lags", "%lld lags of %d columns are more than %d together; name fewer",
                                 (long long)self->lags, self->columns->count, SUMS_MAX);
        goto out;
    }
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static tsr_layout layout(const void *model) {
    const correlogram *self = model;
    return (tsr_layout){.pages = self->columns->count,
                        .page_words = (self->lags + 1) * (int64_t)(sizeof(tsr_lag_state) / sizeof(int64_t))};
}

static int64_t after(const void *model) { return ((const correlogram *)model)->lags; }

/* ---- fold ---- */

static size_t scratch_bytes(const void *model) {
    const correlogram *self = model;
    const size_t columns = (size_t)self->columns->count, lags = (size_t)self->lags + 1;
    const size_t around = TSR_BLOCK_ITEMS_MAX + lags;
    return sizeof(int64_t) + columns * sizeof(double) + columns * lags * sizeof(tsr_lag_tile) +
           around * sizeof(double) + around * sizeof(tsr_pair);
}

static tile tile_of(const correlogram *self, void *scratch) {
    const size_t columns = (size_t)self->columns->count, lags = (size_t)self->lags + 1;
    tile made = {.items = scratch};
    made.centre = (double *)(void *)(made.items + 1);
    made.lag = (tsr_lag_tile *)(made.centre + columns);
    made.before = (tsr_pair *)(made.lag + columns * lags);
    made.deviation = (double *)(made.before + TSR_BLOCK_ITEMS_MAX + lags);
    return made;
}

static tsr_status begin_tile(const tsr_fold *fold) {
    const correlogram *self = fold->model;
    const tile made = tile_of(self, fold->scratch);
    *made.items = 0;
    memset(made.lag, 0, (size_t)(self->columns->count * (self->lags + 1)) * sizeof(*made.lag));
    return TSR_OK;
}

/* Deviations from the centre, and their sums before each, to twice the digits. */
static void centre_block(const tile *made, double centre, const double *value, int64_t items) {
    tsr_pair sum = {0.0, 0.0};
    made->before[0] = sum;
    for (int64_t i = 0; i < items; i++) {
        made->deviation[i] = value[i] - centre;
        tsr_pair_add(&sum, made->deviation[i]);
        made->before[i + 1] = sum;
    }
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const correlogram *self = fold->model;
    const tile made = tile_of(self, fold->scratch);
    const int64_t behind = block->after < self->lags ? block->after : self->lags;
    const int64_t there = block->items + behind;
    TSR_REQUIRE(block->number == NULL, TSR_ENUMERIC,
                "tally autocorrelation needs every item next to its neighbours, but after item %lld some are left out; "
                "fill what is missing (map fill)",
                (long long)block->item);
    for (int c = 0; c < self->columns->count; c++) {
        const double *value = tsr_column(block, self->columns->index[c]);
        tsr_lag_tile *lag = made.lag + c * (self->lags + 1);
        if (*made.items == 0) made.centre[c] = tsr_lagged_centre(value, block->items);
        centre_block(&made, made.centre[c], value, there);
        tsr_lagged_add(&(tsr_stretch){block->items, there, made.deviation, made.before}, self->lags, lag);
    }
    *made.items += block->items;
    return TSR_OK;
}

static tsr_status end_tile(const tsr_fold *fold) {
    const correlogram *self = fold->model;
    const tile made = tile_of(self, fold->scratch);
    if (*made.items == 0) return TSR_OK;
    for (int c = 0; c < self->columns->count; c++) {
        tsr_lag_state *state = (tsr_lag_state *)tsr_state_page(fold->state, c);
        TSR_REQUIRE(state != NULL, TSR_ERUNTIME, "no memory for the autocorrelation of %d columns",
                    self->columns->count);
        const tsr_lag_tile *lag = made.lag + c * (self->lags + 1);
        tsr_lagged_end(lag, self->lags, made.centre[c], state);
    }
    return TSR_OK;
}

static void settle(const void *model, tsr_state *state) {
    const correlogram *self = model;
    for (int c = 0; c < self->columns->count; c++) {
        if (tsr_state_find(state, c) == NULL) continue;
        tsr_lag_state *lag = (tsr_lag_state *)tsr_state_page(state, c);
        for (int64_t k = 0; k <= self->lags; k++) {
            tsr_exact_settle(&lag[k].product);
            tsr_exact_settle(&lag[k].first);
            tsr_exact_settle(&lag[k].second);
        }
    }
}

/* ---- solve ---- */

/* Of one column: [lags + 1], lag 0 first. */
typedef struct {
    double *correlation;
    double *correlation_error;
    double *partial;
    double *partial_error;
    double box;         /* Ljung and Box */
    double box_p_value; /* probability of a larger one, if there is no correlation */
} solution;

/* M. S. Bartlett, J. R. Statist. Soc. Suppl. 8 (1946) 27: of lag k if there is no correlation from k on. G. M. Ljung
 * and G. E. P. Box, Biometrika 65 (1978) 297. */
static void solve_errors(int64_t items, int64_t lags, solution *out) {
    const double n = (double)items;
    double squares = 0.0, box = 0.0;
    out->correlation_error[0] = 0.0;
    for (int64_t k = 1; k <= lags; k++) {
        const double square = out->correlation[k] * out->correlation[k];
        out->correlation_error[k] = sqrt((1.0 + 2.0 * squares) / n);
        out->partial_error[k] = 1.0 / sqrt(n);
        squares += square;
        box += square / (n - (double)k);
    }
    out->box = n * (n + 2.0) * box;
    out->box_p_value = isfinite(out->box) ? gsl_cdf_chisq_Q(out->box, (double)lags) : NAN;
}

/* J. Durbin, Rev. Int. Statist. Inst. 28 (1960) 233. phi [2, lags + 1] */
static void solve_partial(int64_t lags, double *phi, solution *out) {
    double *now = phi, *last = phi + lags + 1;
    for (int64_t k = 1; k <= lags; k++) {
        double top = out->correlation[k], bottom = 1.0;
        for (int64_t j = 1; j < k; j++) {
            top -= last[j] * out->correlation[k - j];
            bottom -= last[j] * out->correlation[j];
        }
        now[k] = out->partial[k] = bottom > 0.0 ? top / bottom : NAN;
        for (int64_t j = 1; j < k; j++) now[j] = last[j] - now[k] * last[k - j];
        double *const swap = now;
        now = last;
        last = swap;
    }
}

static void solve_column(const tsr_lag_state *lag, int64_t lags, double *phi, solution *out) {
    if (lag == NULL) return;
    tsr_lagged_solve(lag, lags, out->correlation);
    solve_partial(lags, phi, out);
    solve_errors(lag[0].pairs, lags, out);
    out->partial[0] = out->correlation[0];
    out->partial_error[0] = 0.0;
}

/* The arrays of all columns, one behind the other: four of [columns, lags + 1], two of [columns]. */
static tsr_status tell(const correlogram *self, const double *all, tsr_results *results) {
    const int64_t columns = self->columns->count, size = columns * (self->lags + 1);
    double *lag = calloc((size_t)self->lags + 1, sizeof(*lag));
    TSR_REQUIRE(lag != NULL, TSR_ERUNTIME, "no memory for %lld lags", (long long)self->lags);
    for (int64_t k = 0; k <= self->lags; k++) lag[k] = (double)k;
    const tsr_dimension axis = {.name = "lag", .length = self->lags + 1, .coordinates = lag, .unit = "items"};
    const tsr_result rows[] = {
        {.name = "autocorrelation",
         .long_name = "autocorrelation of the items that lie so many apart",
         .dimensions = 1,
         .dimension = {{0}, axis},
         .value = all,
         .error = all + size},
        {.name = "partial_autocorrelation",
         .long_name = "autocorrelation beyond that of smaller lags",
         .dimensions = 1,
         .dimension = {{0}, axis},
         .value = all + 2 * size,
         .error = all + 3 * size},
        {.name = "ljung_box",
         .long_name = "Ljung and Box's Q over all lags",
         .value = all + 4 * size,
         .headline = true},
        {.name = "ljung_box_p_value",
         .long_name = "probability of a larger Q without any correlation",
         .value = all + 4 * size + columns,
         .headline = true},
    };
    tsr_status status = TSR_OK;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
        TSR_TRY_OUT(tsr_columns_add(self->columns, 0, rows[r], results));
out:
    free(lag);
    return status;
}

static tsr_status solve(const void *model, const tsr_state *state, tsr_results *results) {
    const correlogram *self = model;
    const int64_t columns = self->columns->count, length = self->lags + 1, size = columns * length;
    double *all = calloc((size_t)(4 * size + 2 * columns), sizeof(*all));
    double *phi = calloc((size_t)(2 * length), sizeof(*phi));
    tsr_status status = TSR_OK;
    if (all == NULL || phi == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the autocorrelation of %lld columns", (long long)columns);
        goto out;
    }
    for (int64_t i = 0; i < 4 * size + 2 * columns; i++) all[i] = NAN;
    for (int64_t c = 0; c < columns; c++) {
        double *at = all + c * length;
        solution one = {at, at + size, at + 2 * size, at + 3 * size, NAN, NAN};
        solve_column((const tsr_lag_state *)tsr_state_find(state, c), self->lags, phi, &one);
        all[4 * size + c] = one.box;
        all[4 * size + columns + c] = one.box_p_value;
    }
    status = tell(self, all, results);
out:
    free(phi);
    free(all);
    return status;
}

const tsr_tally tsr_tally_autocorrelation = {
    .name = "autocorrelation",
    .summary = "autocorrelation and partial autocorrelation of series, with errors, and Ljung and Box's test",
    .reference = "Box, Jenkins, Time Series Analysis, chapter 2; exact sums after Neal, arXiv:1505.05571",
    .params = params,
    .in_order = true,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .after = after,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .end_tile = end_tile,
    .settle = settle,
    .solve = solve,
};
