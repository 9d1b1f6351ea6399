#include "engine/tallies/moments.h"

#include "engine/tallies/central_tell.h"
#include "engine/tallies/ends.h"
#include "engine/tallies/pool.h"

#include <stdlib.h>

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
 * [columns, first + second]. Records: [columns, TSR_ENDS]; with weights the greatest one of these. */
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
                        .records = (int64_t)self->columns->count * TSR_ENDS + self->weighted};
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
    tsr_ends_offer(&found, part.value, part.weight, block, &tsr_state_records(fold->state)[TSR_ENDS * c]);
}

static tsr_status add_weighted(const tsr_fold *fold, const tsr_block *block) {
    const moments *self = fold->model;
    tile *whole = fold->scratch;
    const bool begin = whole->weight.positive == 0;
    tsr_record *greatest = &tsr_state_records(fold->state)[TSR_ENDS * self->columns->count];
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

/* Arrays [columns]; value is filled anew for each result. */
typedef struct {
    const moments *self;
    tsr_central *central;
    double *value;
} solution;

static void solution_clear(solution *old) {
    free(old->central);
    free(old->value);
}

static tsr_status solution_init(const moments *self, solution *out) {
    const size_t columns = (size_t)self->columns->count + 1;
    *out = (solution){
        .self = self, .central = calloc(columns, sizeof(*out->central)), .value = calloc(columns, sizeof(*out->value))};
    TSR_REQUIRE(out->central && out->value, TSR_ERUNTIME, "no memory for the results of %d columns",
                self->columns->count);
    return TSR_OK;
}

static tsr_status add(const solution *solved, tsr_result form, tsr_results *results) {
    form.value = solved->value;
    return tsr_columns_add(solved->self->columns, 0, form, results);
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
    return any ? add(solved, form, results) : TSR_OK;
}

static tsr_status add_items(const solution *solved, int64_t items, tsr_results *results) {
    static const tsr_result form = {.name = "items", .long_name = "number of items", .integer = true};
    for (int c = 0; c < solved->self->columns->count; c++) solved->value[c] = (double)items;
    return add(solved, form, results);
}

static void solve_columns(const solution *solved, const int64_t *page, const tsr_record *record) {
    const moments *self = solved->self;
    tsr_central_sums sums = {.order = self->plan.order};
    if (page != NULL) sums.items = page[self->weighted ? 1 : 0];
    if (page != NULL && self->weighted) sums.weight = tsr_weight_sums(page + 1);
    for (int c = 0; c < self->columns->count; c++) {
        const tsr_record *ends = &record[TSR_ENDS * c];
        if (page != NULL) sums.first = (const tsr_exact *)(page + sums_at(self, c));
        sums.second = sums.first + self->plan.first;
        sums.least = tsr_ends_value(ends, TSR_LEAST);
        sums.greatest = tsr_ends_value(ends, TSR_GREATEST);
        tsr_central_solve(&sums, &solved->central[c]);
    }
}

static tsr_status add_weights(const moments *self, const int64_t *page, const tsr_record *record,
                              tsr_results *results) {
    if (!self->weighted) return TSR_OK;
    const int64_t *words = page == NULL ? NULL : page + 1;
    const tsr_record *greatest = &record[TSR_ENDS * self->columns->count];
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
    TSR_TRY_OUT(tsr_central_tell(solved.self->columns, solved.central, solved.self->plan.order, solved.self->weighted,
                                 results));
    TSR_TRY_OUT(tsr_ends_tell(solved.self->columns, record, results));
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
