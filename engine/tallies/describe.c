#include "engine/tallies/describe.h"

#include "engine/tallies/central_tell.h"
#include "engine/tallies/ends.h"
#include "engine/tallies/pool.h"
#include "engine/tallies/quantile.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "probabilities",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "[0.01, 0.25, 0.5, 0.75, 0.99]",
     .minimum = 0,
     .maximum = 1,
     .help = "which quantiles"},
    {.name = "exact",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "read the items once to three times more for the exact quantiles"},
    {.name = NULL},
};

/* A quantile's model, to be passed on to it, and moments beside it. Pages: those of the quantiles, then one of each
 * column with its exact sums of powers [plan.second]. Records: [columns, TSR_ENDS]. Counts are those of the sketch. */
typedef struct {
    tsr_ordered ordered;
    tsr_pool_plan plan;
} describe;

_Static_assert(TSR_POWERS_MAX *TSR_EXACT_WORDS <= TSR_SKETCH_PAGE_WORDS, "the sums of a column are one page");

static int64_t sums_page(const describe *self, int c) { return tsr_ordered_layout(&self->ordered).pages + c; }

static void describe_destroy(void *model) {
    describe *self = model;
    if (self == NULL) return;
    tsr_ordered_clear(&self->ordered);
    free(self);
}

static tsr_status describe_create(const tsr_params *given, const tsr_field *fields, void **model) {
    describe *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a tally");
    tsr_status status;
    TSR_TRY_OUT(tsr_ordered_init(given, fields, "probabilities", &self->ordered));
    self->ordered.linear = true;
    self->plan = tsr_pool_plan_make(TSR_ORDER_MAX, false);
    *model = self;
    self = NULL;
out:
    describe_destroy(self);
    return status;
}

static tsr_layout describe_layout(const void *model) {
    const describe *self = model;
    tsr_layout layout = tsr_ordered_layout(&self->ordered);
    layout.pages += self->ordered.columns->count;
    layout.records = (int64_t)self->ordered.columns->count * TSR_ENDS;
    return layout;
}

/* ---- fold ---- */

/* Scratch: room for a column without what it misses, and what each column is known by; then that of the quantiles. */
typedef struct {
    _Alignas(64) double present[TSR_BLOCK_ITEMS_MAX];
    _Alignas(64) tsr_pool column[];
} tile;

static size_t tile_bytes(const describe *self) {
    const size_t bytes = sizeof(tile) + (size_t)self->ordered.columns->count * sizeof(tsr_pool);
    return (bytes + 63) / 64 * 64;
}

static size_t describe_scratch_bytes(const void *model) { return tile_bytes(model) + tsr_ordered_scratch_bytes(model); }

static tsr_fold fold_of_quantiles(const tsr_fold *fold) {
    tsr_fold inner = *fold;
    inner.scratch = (char *)fold->scratch + tile_bytes(fold->model);
    return inner;
}

static tsr_status describe_begin_tile(const tsr_fold *fold) {
    const describe *self = fold->model;
    const tsr_fold inner = fold_of_quantiles(fold);
    tile *whole = fold->scratch;
    for (int c = 0; c < self->ordered.columns->count; c++) whole->column[c] = (tsr_pool){0};
    return tsr_ordered_begin_tile(&inner);
}

/* The values that are there: of a block without NaN it is the block's own column. */
static tsr_pool_block present_of(const double *value, int64_t items, double *room) {
    int64_t missing = 0, count = 0;
    for (int64_t i = 0; i < items; i++) missing += value[i] != value[i];
    if (missing == 0) return (tsr_pool_block){.value = value, .items = items};
    for (int64_t i = 0; i < items; i++) {
        room[count] = value[i];
        count += value[i] == value[i];
    }
    return (tsr_pool_block){.value = room, .items = count};
}

static tsr_status add_column(const tsr_fold *fold, const tsr_block *block, int c) {
    const describe *self = fold->model;
    tile *whole = fold->scratch;
    const double *value = tsr_column(block, self->ordered.columns->index[c]);
    const tsr_pool_block part = present_of(value, block->items, whole->present);
    int64_t *page = tsr_state_page(fold->state, sums_page(self, c));
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the moments of a column");
    if (part.items == 0) return TSR_OK;
    tsr_powers found;
    if (whole->column[c].second.items.high == 0) tsr_pool_begin(&part, &whole->column[c]);
    tsr_pool_add(&self->plan, &part, &whole->column[c], (tsr_exact *)page, &found);
    tsr_ends_offer(&found, value, NULL, block, &tsr_state_records(fold->state)[TSR_ENDS * c]);
    return TSR_OK;
}

static tsr_status describe_add_block(const tsr_fold *fold, const tsr_block *block) {
    const describe *self = fold->model;
    const tsr_fold inner = fold_of_quantiles(fold);
    for (int c = 0; fold->pass == 0 && c < self->ordered.columns->count; c++) TSR_TRY(add_column(fold, block, c));
    return tsr_ordered_add_block(&inner, block);
}

static tsr_status describe_end_tile(const tsr_fold *fold) {
    const describe *self = fold->model;
    const tile *whole = fold->scratch;
    for (int c = 0; c < self->ordered.columns->count; c++)
        if (whole->column[c].second.items.high > 0)
            tsr_pool_end(&self->plan, &whole->column[c], (tsr_exact *)tsr_state_page(fold->state, sums_page(self, c)));
    return TSR_OK;
}

static void describe_settle(const void *model, tsr_state *state) {
    const describe *self = model;
    tsr_ordered_settle(model, state);
    for (int c = 0; c < self->ordered.columns->count; c++) {
        if (tsr_state_find(state, sums_page(self, c)) == NULL) continue;
        tsr_exact *sum = (tsr_exact *)tsr_state_page(state, sums_page(self, c));
        for (int k = 0; k < self->plan.second; k++) tsr_exact_settle(&sum[k]);
    }
}

/* ---- solve ---- */

/* Arrays [columns]. */
typedef struct {
    const describe *self;
    const tsr_state *state;
    tsr_central *central;
    double *items;
    double *missing;
    double *sum;
} solution;

static void solution_clear(solution *old) {
    free(old->central);
    free(old->items);
    free(old->missing);
    free(old->sum);
}

static tsr_status solution_init(const describe *self, const tsr_state *state, solution *out) {
    const size_t columns = (size_t)self->ordered.columns->count + 1;
    *out = (solution){.self = self,
                      .state = state,
                      .central = calloc(columns, sizeof(*out->central)),
                      .items = calloc(columns, sizeof(*out->items)),
                      .missing = calloc(columns, sizeof(*out->missing)),
                      .sum = calloc(columns, sizeof(*out->sum))};
    TSR_REQUIRE(out->central && out->items && out->missing && out->sum, TSR_ERUNTIME,
                "no memory for the results of %d columns", self->ordered.columns->count);
    return TSR_OK;
}

static void solve_column(const solution *solved, int c) {
    static const tsr_exact nothing[TSR_POWERS_MAX];
    const tsr_record *ends = &tsr_state_records_get(solved->state)[TSR_ENDS * c];
    const int64_t *page = tsr_state_find(solved->state, sums_page(solved->self, c));
    tsr_sketch sketch;
    tsr_ordered_sketch(&solved->self->ordered, solved->state, c, &sketch);
    const tsr_exact *sum = page == NULL ? nothing : (const tsr_exact *)page;
    const tsr_central_sums sums = {.order = TSR_ORDER_MAX,
                                   .items = sketch.numbers,
                                   .first = sum,
                                   .second = sum,
                                   .least = tsr_ends_value(ends, TSR_LEAST),
                                   .greatest = tsr_ends_value(ends, TSR_GREATEST)};
    tsr_central_solve(&sums, &solved->central[c]);
    solved->items[c] = (double)sketch.numbers;
    solved->missing[c] = (double)sketch.nans;
    solved->sum[c] = tsr_exact_round(sum);
}

static tsr_status add_counts(const solution *solved, tsr_results *results) {
    const tsr_columns *columns = solved->self->ordered.columns;
    const tsr_result items = {.name = "items",
                              .long_name = "values that are there",
                              .value = solved->items,
                              .integer = true,
                              .total = true,
                              .headline = true};
    const tsr_result missing = {.name = "missing",
                                .long_name = "items without a value (NaN)",
                                .value = solved->missing,
                                .integer = true,
                                .total = true,
                                .headline = true};
    TSR_TRY(tsr_columns_add(columns, 0, items, results));
    return tsr_columns_add(columns, 0, missing, results);
}

static tsr_status describe_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const describe *self = model;
    const tsr_columns *columns = self->ordered.columns;
    solution solved;
    tsr_status status = solution_init(self, state, &solved);
    if (status != TSR_OK) goto out;
    for (int c = 0; c < columns->count; c++) solve_column(&solved, c);
    const tsr_result sum = {.name = "sum", .long_name = "sum, rounded once", .value = solved.sum, .total = true};
    TSR_TRY_OUT(add_counts(&solved, results));
    TSR_TRY_OUT(tsr_central_tell(columns, solved.central, TSR_ORDER_MAX, false, results));
    TSR_TRY_OUT(tsr_columns_add(columns, 1, sum, results));
    TSR_TRY_OUT(tsr_ends_tell(columns, tsr_state_records_get(state), results));
    TSR_TRY_OUT(tsr_quantile_tell(&self->ordered, state, results));
out:
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_describe = {
    .name = "describe",
    .summary = "counts, missing values, moments, sum, extremes and quantiles of columns, each over its own values",
    .reference = "as moments and quantile",
    .params = params,
    .takes_missing = true,
    .create = describe_create,
    .destroy = describe_destroy,
    .layout = describe_layout,
    .scratch_bytes = describe_scratch_bytes,
    .begin_tile = describe_begin_tile,
    .add_block = describe_add_block,
    .end_tile = describe_end_tile,
    .settle = describe_settle,
    .rewind = tsr_ordered_rewind,
    .unfinished = tsr_ordered_unfinished,
    .solve = describe_solve,
};
