#include "engine/tallies/series.h"

#include "engine/tallies/series_report.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "lags",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "256",
     .minimum = 1,
     .maximum = TSR_CHAIN_LAGS_MAX,
     .help = "largest distance of rows whose correlation is measured; a row costs time in proportion"},
    {.name = "levels",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "20",
     .minimum = 1,
     .maximum = TSR_CHAIN_LEVELS_MAX,
     .help = "bins of 1, 2, 4, ... 2^(levels - 1) rows"},
    {.name = NULL},
};

/* Page 0: HEAD words, then for each column how many chains were not finite; then the bank of all columns' sums.
 * Records: [columns, 2], the least value (as the largest key of its negative) and the greatest, then the same of the
 * chains' lengths. */
enum { CHAINS, ROWS, HALF_ROWS, PENDING, HEAD_WORDS, LEAST = 0, GREATEST = 1, ENDS = 2 };

typedef struct {
    tsr_columns *columns;
    tsr_chain_sums sums;
} series;

static void series_destroy(void *model) {
    series *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status series_create(const tsr_params *given, const tsr_field *fields, void **model) {
    series *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a series");
    const tsr_status status = tsr_columns_create(given, fields, &self->columns);
    if (status != TSR_OK) {
        free(self);
        return status;
    }
    const tsr_chain_plan plan = {.lags = tsr_params_integer(given, "lags"),
                                 .levels = (int)tsr_params_integer(given, "levels")};
    const tsr_bank bank = {.first = 1, .count = self->columns->count * tsr_chain_sums_count(plan)};
    self->sums = (tsr_chain_sums){.plan = plan, .bank = bank};
    *model = self;
    return TSR_OK;
}

static tsr_layout series_layout(const void *model) {
    const series *self = model;
    const int64_t head = HEAD_WORDS + self->columns->count, bank = self->sums.bank.count;
    return (tsr_layout){.pages = 1 + TSR_BANK_PAGES,
                        .page_words = head > bank ? head : bank,
                        .records = (int64_t)ENDS * (self->columns->count + 1)};
}

/* ---- fold ---- */

static size_t series_scratch_bytes(const void *model) {
    const series *self = model;
    return (size_t)self->columns->count * tsr_chain_bytes(self->sums.plan);
}

static tsr_chain *chain_at(const tsr_fold *fold, int column) {
    const series *self = fold->model;
    return (tsr_chain *)((char *)fold->scratch + (size_t)column * tsr_chain_bytes(self->sums.plan));
}

static tsr_status series_begin_tile(const tsr_fold *fold) {
    const series *self = fold->model;
    for (int c = 0; c < self->columns->count; c++) tsr_chain_begin(self->sums.plan, chain_at(fold, c));
    return TSR_OK;
}

static void offer_extremes(const double *value, int64_t rows, tsr_record *ends) {
    double least = INFINITY, greatest = -INFINITY;
    for (int64_t i = 0; i < rows; i++) {
        least = value[i] < least ? value[i] : least;
        greatest = value[i] > greatest ? value[i] : greatest;
    }
    if (least > greatest) return; /* nothing but NaN */
    tsr_record_offer(&ends[LEAST], tsr_key_from_double(-least), 0);
    tsr_record_offer(&ends[GREATEST], tsr_key_from_double(greatest), 0);
}

static tsr_status series_add_block(const tsr_fold *fold, const tsr_block *block) {
    const series *self = fold->model;
    tsr_record *record = tsr_state_records(fold->state);
    for (int c = 0; c < self->columns->count; c++) {
        const double *value = tsr_column(block, self->columns->index[c]);
        tsr_chain_add(chain_at(fold, c), value, block->items);
        offer_extremes(value, block->items, &record[ENDS * c]);
    }
    return TSR_OK;
}

static void series_settle(const void *model, tsr_state *state) {
    const series *self = model;
    if (tsr_state_find(state, 0) == NULL) return;
    tsr_bank_settle(state, self->sums.bank);
    tsr_state_page(state, 0)[PENDING] = 0;
}

static void count_chain(const tsr_chain *chain, int64_t *head, tsr_record *lengths) {
    const int64_t rows = tsr_chain_rows(chain);
    head[CHAINS]++;
    head[ROWS] += rows;
    head[HALF_ROWS] += tsr_chain_half_rows(chain);
    tsr_record_offer(&lengths[LEAST], UINT64_MAX - (uint64_t)rows, 0);
    tsr_record_offer(&lengths[GREATEST], (uint64_t)rows, 0);
}

static tsr_status series_end_tile(const tsr_fold *fold) {
    const series *self = fold->model;
    int64_t *head = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(head != NULL, TSR_ERUNTIME, "no memory for the series of %d columns", self->columns->count);
    if (head[PENDING] >= TSR_BANK_PENDING_MAX) series_settle(self, fold->state);
    for (int c = 0; c < self->columns->count; c++) {
        tsr_chain *chain = chain_at(fold, c);
        bool finite = true;
        tsr_chain_end(chain);
        if (tsr_chain_rows(chain) == 0) return TSR_OK;
        TSR_TRY(tsr_chain_sums_add(&self->sums, c, chain, fold->state, &finite));
        head[HEAD_WORDS + c] += !finite;
    }
    head[PENDING]++;
    count_chain(chain_at(fold, 0), head, &tsr_state_records(fold->state)[ENDS * self->columns->count]);
    return TSR_OK;
}

/* ---- solve ---- */

static tsr_series_kind kind_of(const tsr_state *state, int column) {
    const tsr_record *ends = &tsr_state_records_get(state)[ENDS * column];
    if (tsr_state_find(state, 0)[HEAD_WORDS + column] > 0) return TSR_SERIES_SPOILT;
    const double least = 0 - tsr_key_to_double(ends[LEAST].key), greatest = tsr_key_to_double(ends[GREATEST].key);
    return least == greatest ? TSR_SERIES_CONSTANT : TSR_SERIES_VARIES;
}

static tsr_status shape_of(const series *self, const tsr_state *state, tsr_chain_shape *out) {
    const int64_t *head = tsr_state_find(state, 0);
    const tsr_record *lengths = &tsr_state_records_get(state)[ENDS * self->columns->count];
    *out = (tsr_chain_shape){0};
    if (head == NULL || head[CHAINS] == 0) return TSR_OK;
    const uint64_t least = UINT64_MAX - lengths[LEAST].key, greatest = lengths[GREATEST].key;
    TSR_REQUIRE(least == greatest, TSR_ENUMERIC,
                "tally series: chains have from %llu to %llu rows; it needs all of one length, so that none may be "
                "left out",
                (unsigned long long)least, (unsigned long long)greatest);
    *out = (tsr_chain_shape){
        .chains = head[CHAINS], .rows = head[ROWS] / head[CHAINS], .half_rows = head[HALF_ROWS] / head[CHAINS]};
    return TSR_OK;
}

static tsr_status series_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const series *self = model;
    tsr_chain_shape shape;
    TSR_TRY(shape_of(self, state, &shape));
    tsr_series_report report;
    tsr_status status = tsr_series_report_init(self->columns, self->sums.plan, shape, &report);
    if (status != TSR_OK) goto out;
    for (int c = 0; c < self->columns->count; c++) {
        const tsr_series_kind kind = shape.chains == 0 ? TSR_SERIES_SPOILT : kind_of(state, c);
        TSR_TRY_OUT(tsr_series_report_solve(&report, c, kind, &self->sums, state));
    }
    TSR_TRY_OUT(tsr_series_report_add(&report, results));
out:
    tsr_series_report_clear(&report);
    return status;
}

const tsr_tally tsr_tally_series = {
    .name = "series",
    .summary = "chains: autocorrelation time, errors that know it, binning, effective rows, split R-hat",
    .reference = "U. Wolff, Comput. Phys. Commun. 156 (2004) 143; H. Flyvbjerg and H. G. Petersen, J. Chem. Phys. 91 "
                 "(1989) 461; A. Vehtari et al., Bayesian Analysis 16 (2021) 667",
    .params = params,
    .of_chains = true,
    .create = series_create,
    .destroy = series_destroy,
    .layout = series_layout,
    .scratch_bytes = series_scratch_bytes,
    .begin_tile = series_begin_tile,
    .add_block = series_add_block,
    .end_tile = series_end_tile,
    .settle = series_settle,
    .solve = series_solve,
};
