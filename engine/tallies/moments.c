#include "engine/tallies/moments.h"

#include "engine/tallies/columns.h"
#include "engine/tallies/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "order",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "2",
     .minimum = 1,
     .maximum = TSR_ORDER_MAX,
     .help = "highest moment told, with its error: 1 mean, 2 also variance and sd, 3 also skewness, 4 also kurtosis"},
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    bool weighted;
    tsr_pool_plan plan;
} moments;

/* Page 0: the number of items, with weights what stands in weight.h, then the exact power sums of each column:
 * [columns, first + second]. Records: [columns, 2], the least value (as the largest key of its negative) and the
 * greatest; with weights the greatest one of these. */
enum { LEAST = 0, GREATEST = 1, ENDS = 2 };

static int64_t head_words(const moments *self) { return 1 + (self->weighted ? TSR_WEIGHT_WORDS : 0); }

static void moments_destroy(void *model) {
    moments *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status moments_create(const tsr_params *given, const tsr_field *fields, void **model) {
    moments *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for moments");
    const tsr_status status = tsr_columns_create(given, fields, &self->columns);
    if (status != TSR_OK) {
        free(self);
        return status;
    }
    self->weighted = self->columns->weight >= 0;
    self->plan = tsr_pool_plan_make((int)tsr_params_integer(given, "order"), self->weighted);
    *model = self;
    return TSR_OK;
}

static int column_sums(const moments *self) { return self->plan.first + self->plan.second; }

/* Where in the page the exact sums of a column begin. */
static int64_t sums_at(const moments *self, int c) {
    return head_words(self) + (int64_t)c * column_sums(self) * TSR_EXACT_WORDS;
}

static tsr_layout moments_layout(const void *model) {
    const moments *self = model;
    return (tsr_layout){.pages = 1,
                        .page_words = sums_at(self, self->columns->count),
                        .records = (int64_t)self->columns->count * ENDS + self->weighted};
}

/* ---- fold ---- */

/* A tile on its way: items of all columns, their weights, and what each column is known by. */
typedef struct {
    int64_t items;
    tsr_weight_tile weight;
    tsr_pool column[];
} tile;

static size_t moments_scratch_bytes(const void *model) {
    const moments *self = model;
    return sizeof(tile) + (size_t)self->columns->count * sizeof(tsr_pool);
}

static tsr_status moments_begin_tile(const tsr_fold *fold) {
    tile *whole = fold->scratch;
    whole->items = 0;
    whole->weight = (tsr_weight_tile){0};
    return TSR_OK;
}

/* Finds who it is only when a record is at stake. value: [items], in which x occurs; weight: likewise, or NULL */
static void offer(tsr_record *record, uint64_t key, double x, const double *value, const double *weight,
                  const tsr_block *block) {
    const bool at_stake = key > record->key || (key == record->key && block->item < record->item);
    if (!at_stake) return;
    int64_t i = 0;
    while (value[i] != x || (weight != NULL && weight[i] == 0)) i++;
    tsr_record_offer(record, key, tsr_block_item(block, i));
}

static void offer_extremes(const tsr_powers *found, const double *value, const double *weight, const tsr_block *block,
                           tsr_record *ends) {
    if (found->least > found->greatest) return; /* nothing but NaN */
    offer(&ends[LEAST], tsr_key_from_double(-found->least), found->least, value, weight, block);
    offer(&ends[GREATEST], tsr_key_from_double(found->greatest), found->greatest, value, weight, block);
}

/* weights: of the block, or NULL. begin: it is the column's first block of the tile */
static void add_column(const tsr_fold *fold, const tsr_block *block, const tsr_weights *weights, int c, bool begin) {
    const moments *self = fold->model;
    tsr_pool *into = &((tile *)fold->scratch)->column[c];
    const tsr_pool_block part = {.value = tsr_column(block, self->columns->index[c]),
                                 .weight = weights == NULL ? NULL : tsr_column(block, self->columns->weight),
                                 .weights = weights,
                                 .items = block->items};
    tsr_exact *sum = (tsr_exact *)(tsr_state_page(fold->state, 0) + sums_at(self, c));
    tsr_powers found;
    if (begin) tsr_pool_begin(&part, into);
    tsr_pool_add(&self->plan, &part, into, sum, &found);
    offer_extremes(&found, part.value, part.weight, block, &tsr_state_records(fold->state)[ENDS * c]);
}

static tsr_status add_weighted(const tsr_fold *fold, const tsr_block *block) {
    const moments *self = fold->model;
    tile *whole = fold->scratch;
    const bool begin = whole->weight.positive == 0;
    tsr_record *greatest = &tsr_state_records(fold->state)[ENDS * self->columns->count];
    tsr_weights weights;
    TSR_TRY(tsr_weight_add(self->columns, block, &whole->weight, greatest, &weights));
    if (weights.positive == 0) return TSR_OK;
    for (int c = 0; c < self->columns->count; c++) add_column(fold, block, &weights, c, begin);
    return TSR_OK;
}

static tsr_status moments_add_block(const tsr_fold *fold, const tsr_block *block) {
    const moments *self = fold->model;
    tile *whole = fold->scratch;
    TSR_REQUIRE(tsr_state_page(fold->state, 0) != NULL, TSR_ERUNTIME, "no memory for the moments of %d columns",
                self->columns->count);
    if (self->weighted) TSR_TRY(add_weighted(fold, block));
    for (int c = 0; c < self->columns->count && !self->weighted; c++)
        add_column(fold, block, NULL, c, whole->items == 0);
    whole->items += block->items;
    return TSR_OK;
}

static tsr_status moments_end_tile(const tsr_fold *fold) {
    const moments *self = fold->model;
    const tile *whole = fold->scratch;
    if (whole->items == 0) return TSR_OK;
    int64_t *page = tsr_state_page(fold->state, 0);
    page[0] += whole->items;
    if (self->weighted) tsr_weight_end(&whole->weight, page + 1);
    if (self->weighted && whole->weight.positive == 0) return TSR_OK;
    for (int c = 0; c < self->columns->count; c++)
        tsr_pool_end(&self->plan, &whole->column[c], (tsr_exact *)(page + sums_at(self, c)));
    return TSR_OK;
}

static void moments_settle(const void *model, tsr_state *state) {
    const moments *self = model;
    if (tsr_state_find(state, 0) == NULL) return;
    int64_t *page = tsr_state_page(state, 0);
    tsr_exact *sum = (tsr_exact *)(page + sums_at(self, 0));
    for (int i = 0; i < self->columns->count * column_sums(self); i++) tsr_exact_settle(&sum[i]);
    if (self->weighted) tsr_weight_settle(page + 1);
}

/* ---- solve ---- */

/* How a member of tsr_central becomes a result. */
typedef struct {
    const char *name;
    const char *long_name;
    const char *weighted_name; /* the same with weights; NULL: no different */
    size_t value;
    size_t error;
    int order; /* from which on it is told */
    int unit_power;
    bool headline;
} statistic;

static const statistic statistics[] = {
    {"mean", "arithmetic mean", "weighted mean", offsetof(tsr_central, mean), offsetof(tsr_central, mean_error), 1, 1,
     true},
    {"variance", "sample variance, divided by n - 1", "variance of the weighted items, n of n - 1 effective items",
     offsetof(tsr_central, variance), offsetof(tsr_central, variance_error), 2, 2, false},
    {"sd", "standard deviation, root of the sample variance", NULL, offsetof(tsr_central, sd),
     offsetof(tsr_central, sd_error), 2, 1, true},
    {"skewness", "skewness g1 = m3 / m2^(3/2)", NULL, offsetof(tsr_central, skewness),
     offsetof(tsr_central, skewness_error), 3, 0, false},
    {"kurtosis", "excess kurtosis g2 = m4 / m2^2 - 3, 0 for a normal law", NULL, offsetof(tsr_central, kurtosis),
     offsetof(tsr_central, kurtosis_error), 4, 0, false},
};

/* Arrays [columns]; value and error are filled anew for each result. */
typedef struct {
    const moments *self;
    tsr_central *central;
    double *value;
    double *error;
} solution;

static void solution_clear(solution *old) {
    free(old->central);
    free(old->value);
    free(old->error);
}

static tsr_status solution_init(const moments *self, solution *out) {
    const size_t columns = (size_t)self->columns->count + 1;
    *out = (solution){.self = self,
                      .central = calloc(columns, sizeof(*out->central)),
                      .value = calloc(columns, sizeof(*out->value)),
                      .error = calloc(columns, sizeof(*out->error))};
    TSR_REQUIRE(out->central && out->value && out->error, TSR_ERUNTIME, "no memory for the results of %d columns",
                self->columns->count);
    return TSR_OK;
}

static tsr_status add(const solution *solved, int unit_power, tsr_result form, tsr_results *results) {
    form.value = solved->value;
    return tsr_columns_add(solved->self->columns, unit_power, form, results);
}

static double member(const tsr_central *central, size_t offset) {
    double value;
    memcpy(&value, (const char *)central + offset, sizeof(value));
    return value;
}

enum { TEXT_BYTES = 200 };
static const double DOMINANT = 0.3;

/* True if the error of the k-th moment of a column rests on one item for more than three tenths. */
static bool is_dominated(const solution *solved, int k) {
    for (int c = 0; c < solved->self->columns->count; c++)
        if (solved->central[c].dominance[k - 1] > DOMINANT) return true;
    return false;
}

static tsr_status add_statistic(const solution *solved, const statistic *row, tsr_results *results) {
    const moments *self = solved->self;
    if (self->plan.order < row->order) return TSR_OK;
    for (int c = 0; c < self->columns->count; c++) {
        solved->value[c] = member(&solved->central[c], row->value);
        solved->error[c] = member(&solved->central[c], row->error);
    }
    const bool other = self->weighted && row->weighted_name != NULL;
    char text[TEXT_BYTES];
    snprintf(text, sizeof(text), "%s%s", other ? row->weighted_name : row->long_name,
             is_dominated(solved, row->order)
                 ? "; WARNING: three tenths of an error rest on one item, it is rough and mostly too small"
                 : "");
    const tsr_result form = {.name = row->name, .long_name = text, .error = solved->error, .headline = row->headline};
    return add(solved, row->unit_power, form, results);
}

static double extreme_of(const tsr_record *record, int end) {
    if (record->key == 0) return NAN;
    const double value = tsr_key_to_double(record->key);
    return end == LEAST ? 0 - value : value; /* no -0 */
}

static tsr_status add_extremes(const solution *solved, const tsr_record *record, int end, tsr_results *results) {
    static const tsr_result value[ENDS] = {
        {.name = "minimum", .long_name = "least value that is not NaN"},
        {.name = "maximum", .long_name = "greatest value that is not NaN"},
    };
    static const tsr_result item[ENDS] = {
        {.name = "minimum_item", .long_name = "first item with the least value, -1 if none", .integer = true},
        {.name = "maximum_item", .long_name = "first item with the greatest value, -1 if none", .integer = true},
    };
    const int columns = solved->self->columns->count;
    for (int c = 0; c < columns; c++) solved->value[c] = extreme_of(&record[ENDS * c + end], end);
    TSR_TRY(add(solved, 1, value[end], results));
    for (int c = 0; c < columns; c++) {
        const tsr_record *found = &record[ENDS * c + end];
        solved->value[c] = found->key == 0 ? -1 : (double)found->item;
    }
    return add(solved, 0, item[end], results);
}

/* Said only when there are any; so it cannot be a headline, of which every point of a sweep has the same. */
static tsr_status add_nonfinite(const solution *solved, const int64_t *page, tsr_results *results) {
    static const tsr_result form = {
        .name = "nonfinite", .long_name = "items that are NaN or infinite", .integer = true};
    bool any = false;
    for (int c = 0; page != NULL && c < solved->self->columns->count; c++) {
        const tsr_exact *sum = (const tsr_exact *)(page + sums_at(solved->self, c));
        solved->value[c] = (double)(sum->nans + sum->infinities_positive + sum->infinities_negative);
        any = any || solved->value[c] > 0;
    }
    return any ? add(solved, 0, form, results) : TSR_OK;
}

static tsr_status add_items(const solution *solved, int64_t items, tsr_results *results) {
    static const tsr_result form = {.name = "items", .long_name = "number of items", .integer = true};
    for (int c = 0; c < solved->self->columns->count; c++) solved->value[c] = (double)items;
    return add(solved, 0, form, results);
}

static void solve_columns(const solution *solved, const int64_t *page, const tsr_record *record) {
    const moments *self = solved->self;
    tsr_central_sums sums = {.order = self->plan.order};
    if (page != NULL) sums.items = page[self->weighted ? 1 : 0];
    if (page != NULL && self->weighted) sums.weight = tsr_weight_sums(page + 1);
    for (int c = 0; c < self->columns->count; c++) {
        const tsr_record *ends = &record[ENDS * c];
        if (page != NULL) sums.first = (const tsr_exact *)(page + sums_at(self, c));
        sums.second = sums.first + self->plan.first;
        sums.least = extreme_of(&ends[LEAST], LEAST);
        sums.greatest = extreme_of(&ends[GREATEST], GREATEST);
        tsr_central_solve(&sums, &solved->central[c]);
    }
}

static tsr_status add_weights(const moments *self, const int64_t *page, const tsr_record *record,
                              tsr_results *results) {
    if (!self->weighted) return TSR_OK;
    const int64_t *words = page == NULL ? NULL : page + 1;
    const tsr_record *greatest = &record[ENDS * self->columns->count];
    TSR_TRY(tsr_weight_tell_effective("effective_items", words, greatest, results));
    return tsr_weight_tell_sums(words, greatest, results);
}

static tsr_status moments_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const int64_t *page = tsr_state_find(state, 0);
    const tsr_record *record = tsr_state_records_get(state);
    solution solved;
    tsr_status status = solution_init(model, &solved);
    if (status != TSR_OK) goto out;
    solve_columns(&solved, page, record);
    TSR_TRY_OUT(add_items(&solved, page == NULL ? 0 : page[0], results));
    for (size_t s = 0; s < sizeof(statistics) / sizeof(statistics[0]); s++)
        TSR_TRY_OUT(add_statistic(&solved, &statistics[s], results));
    TSR_TRY_OUT(add_extremes(&solved, record, LEAST, results));
    TSR_TRY_OUT(add_extremes(&solved, record, GREATEST, results));
    TSR_TRY_OUT(add_nonfinite(&solved, page, results));
    TSR_TRY_OUT(add_weights(model, page, record, results));
out:
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_moments = {
    .name = "moments",
    .summary = "mean, variance, skewness and kurtosis with their errors, and extremes of each column",
    .reference = "Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998); "
                 "exact sums after Neal, arXiv:1505.05571",
    .of_means = true,
    .params = params,
    .create = moments_create,
    .destroy = moments_destroy,
    .layout = moments_layout,
    .scratch_bytes = moments_scratch_bytes,
    .begin_tile = moments_begin_tile,
    .add_block = moments_add_block,
    .end_tile = moments_end_tile,
    .settle = moments_settle,
    .solve = moments_solve,
};
