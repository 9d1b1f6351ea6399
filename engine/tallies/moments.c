#include "engine/tallies/moments.h"

#include "engine/tallies/central.h"
#include "engine/tallies/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    TSR_PARAM_OF,
    {.name = "order",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "4",
     .minimum = 2,
     .maximum = TSR_POWERS_MAX,
     .help = "powers to sum: 2 mean and sd, 3 also skewness, 4 also kurtosis and the error of the sd"},
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    int order;
} moments;

/* Page 0: the number of items, then the exact power sums of each column: [columns, order].
 * Records: [columns, 2], the least value (as the largest key of its negative) and the greatest. */
enum { HEAD_WORDS = 1, LEAST = 0, GREATEST = 1, ENDS = 2 };

static void moments_destroy(void *model) {
    moments *self = model;
    if (self != NULL) tsr_columns_destroy(&self->columns);
    free(self);
}

static tsr_status moments_create(const tsr_params *given, const tsr_field *fields, void **model) {
    moments *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for moments");
    self->order = (int)tsr_params_integer(given, "order");
    const tsr_status status = tsr_columns_create(given, fields, &self->columns);
    if (status != TSR_OK) {
        free(self);
        return status;
    }
    *model = self;
    return TSR_OK;
}

static tsr_layout moments_layout(const void *model) {
    const moments *self = model;
    return (tsr_layout){.pages = 1,
                        .page_words = HEAD_WORDS + (int64_t)self->columns->count * self->order * TSR_EXACT_WORDS,
                        .records = (int64_t)self->columns->count * ENDS};
}

/* ---- fold ---- */

/* A tile on its way: items of all columns, and what each column is known by. */
typedef struct {
    int64_t items;
    tsr_central_tile column[];
} tile;

/* Sums of (x - centre)^k and the extremes of one block, lane by lane. */
typedef struct {
    double sum[TSR_POWERS_MAX][TSR_LANES];
    double least[TSR_LANES];
    double greatest[TSR_LANES];
} lanes;

static size_t moments_scratch_bytes(const void *model) {
    const moments *self = model;
    return sizeof(tile) + (size_t)self->columns->count * sizeof(tsr_central_tile);
}

static tsr_status moments_begin_tile(const tsr_fold *fold) {
    ((tile *)fold->scratch)->items = 0;
    return TSR_OK;
}

/* rows x width elements; order and rows are constants wherever it matters, so that this becomes straight vector code
 * with all sums of a lane in registers. */
TSR_UNROLLED void fold_rows(int order, int rows, int width, const double *value, double centre, lanes *restrict out) {
    for (int l = 0; l < width; l++) {
        double s1 = out->sum[0][l], s2 = out->sum[1][l], s3 = out->sum[2][l], s4 = out->sum[3][l];
        double least = out->least[l], greatest = out->greatest[l];
        for (int r = 0; r < rows; r++) {
            const double x = value[r * TSR_LANES + l];
            const double d = x - centre;
            s1 += d;
            s2 = fma(d, d, s2);
            if (order >= 3) s3 = fma(d * d, d, s3);
            if (order >= 4) s4 = fma(d * d, d * d, s4);
            least = x < least ? x : least; /* a NaN is never less nor greater */
            greatest = x > greatest ? x : greatest;
        }
        out->sum[0][l] = s1;
        out->sum[1][l] = s2;
        if (order >= 3) out->sum[2][l] = s3;
        if (order >= 4) out->sum[3][l] = s4;
        out->least[l] = least;
        out->greatest[l] = greatest;
    }
}

/* The lanes are a local variable, which nothing else can point to, and are copied in the end. */
TSR_UNROLLED void fold_lanes(int order, const double *value, int64_t items, double centre, lanes *out) {
    lanes lane = {0};
    for (int l = 0; l < TSR_LANES; l++) {
        lane.least[l] = INFINITY;
        lane.greatest[l] = -INFINITY;
    }
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        fold_rows(order, TSR_LANE_ROWS, TSR_LANES, value + i, centre, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES) fold_rows(order, 1, TSR_LANES, value + i, centre, &lane);
    fold_rows(order, 1, (int)(items - i), value + i, centre, &lane);
    *out = lane;
}

static void fold_block(int order, const double *value, int64_t items, double centre, lanes *out) {
    if (order == 2)
        fold_lanes(2, value, items, centre, out);
    else if (order == 3)
        fold_lanes(3, value, items, centre, out);
    else
        fold_lanes(4, value, items, centre, out);
}

/* Finds who it is only when a record is at stake. value: [items], in which x occurs. */
static void offer(tsr_record *record, uint64_t key, double x, const double *value, const tsr_block *block) {
    const bool at_stake = key > record->key || (key == record->key && block->item < record->item);
    if (!at_stake) return;
    int64_t i = 0;
    while (value[i] != x) i++;
    tsr_record_offer(record, key, block->item + i);
}

static void offer_extremes(const lanes *found, const double *value, const tsr_block *block, tsr_record *ends) {
    double least = INFINITY, greatest = -INFINITY;
    for (int l = 0; l < TSR_LANES; l++) {
        least = found->least[l] < least ? found->least[l] : least;
        greatest = found->greatest[l] > greatest ? found->greatest[l] : greatest;
    }
    if (least > greatest) return; /* nothing but NaN */
    offer(&ends[LEAST], tsr_key_from_double(-least), least, value, block);
    offer(&ends[GREATEST], tsr_key_from_double(greatest), greatest, value, block);
}

static tsr_exact *power_sums(const moments *self, int64_t *page, int c) {
    return (tsr_exact *)(page + HEAD_WORDS) + (int64_t)c * self->order;
}

/* A block whose differences have no finite sum holds a NaN, an infinity, or values near the largest double: its own sum
 * stays exact, higher powers are out of range. */
static void add_each(int order, const double *value, int64_t items, tsr_exact *power) {
    for (int64_t i = 0; i < items; i++) tsr_exact_add(&power[0], value[i]);
    for (int k = 2; k <= order; k++) tsr_exact_add(&power[k - 1], NAN);
}

static void add_column(const moments *self, const double *value, int64_t items, const lanes *found,
                       tsr_central_tile *into, tsr_exact *power) {
    tsr_pair first = into->sum[0];
    tsr_pair_add(&first, tsr_lanes_fold(found->sum[0]));
    if (!isfinite(first.high) || !isfinite(first.low)) {
        add_each(self->order, value, items, power);
        return;
    }
    into->items += items;
    into->sum[0] = first;
    for (int k = 2; k <= self->order; k++) tsr_pair_add(&into->sum[k - 1], tsr_lanes_fold(found->sum[k - 1]));
}

static int64_t *page_of(const tsr_fold *fold) { return tsr_state_page(fold->state, 0); }

static tsr_status moments_add_block(const tsr_fold *fold, const tsr_block *block) {
    const moments *self = fold->model;
    tile *whole = fold->scratch;
    int64_t *page = page_of(fold);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the moments of %d columns", self->columns->count);
    tsr_record *record = tsr_state_records(fold->state);
    for (int c = 0; c < self->columns->count; c++) {
        const double *value = tsr_column(block, self->columns->index[c]);
        tsr_central_tile *into = &whole->column[c];
        if (whole->items == 0) *into = (tsr_central_tile){.centre = tsr_lanes_centre(value, block->items)};
        lanes found;
        fold_block(self->order, value, block->items, into->centre, &found);
        add_column(self, value, block->items, &found, into, power_sums(self, page, c));
        offer_extremes(&found, value, block, &record[ENDS * c]);
    }
    whole->items += block->items;
    return TSR_OK;
}

static tsr_status moments_end_tile(const tsr_fold *fold) {
    const moments *self = fold->model;
    const tile *whole = fold->scratch;
    if (whole->items == 0) return TSR_OK;
    int64_t *page = page_of(fold);
    page[0] += whole->items;
    for (int c = 0; c < self->columns->count; c++)
        tsr_central_add(&whole->column[c], self->order, power_sums(self, page, c));
    return TSR_OK;
}

static void moments_settle(const void *model, tsr_state *state) {
    const moments *self = model;
    if (tsr_state_find(state, 0) == NULL) return;
    tsr_exact *power = power_sums(self, tsr_state_page(state, 0), 0);
    for (int i = 0; i < self->columns->count * self->order; i++) tsr_exact_settle(&power[i]);
}

/* ---- solve ---- */

/* How a member of tsr_central becomes a result. */
typedef struct {
    const char *name;
    const char *long_name;
    size_t value;
    size_t error;
    int order;       /* of the highest power it needs */
    int error_order; /* 0: has no error */
    int unit_power;
    bool headline;
} statistic;

static const statistic statistics[] = {
    {"mean", "arithmetic mean", offsetof(tsr_central, mean), offsetof(tsr_central, mean_error), 2, 2, 1, true},
    {"variance", "sample variance, divided by n - 1", offsetof(tsr_central, variance),
     offsetof(tsr_central, variance_error), 2, 4, 2, false},
    {"sd", "standard deviation, root of the sample variance", offsetof(tsr_central, sd),
     offsetof(tsr_central, sd_error), 2, 4, 1, true},
    {"skewness", "skewness g1 = m3 / m2^(3/2)", offsetof(tsr_central, skewness), 0, 3, 0, 0, false},
    {"kurtosis", "excess kurtosis g2 = m4 / m2^2 - 3, 0 for a normal law", offsetof(tsr_central, kurtosis), 0, 4, 0, 0,
     false},
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

static tsr_status add_statistic(const solution *solved, const statistic *row, tsr_results *results) {
    const moments *self = solved->self;
    if (self->order < row->order) return TSR_OK;
    const bool has_error = row->error_order > 0 && self->order >= row->error_order;
    for (int c = 0; c < self->columns->count; c++) {
        solved->value[c] = member(&solved->central[c], row->value);
        if (has_error) solved->error[c] = member(&solved->central[c], row->error);
    }
    const tsr_result form = {.name = row->name,
                             .long_name = row->long_name,
                             .error = has_error ? solved->error : NULL,
                             .headline = row->headline};
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

/* Said only when there are any. power: [columns, order], or NULL: no items */
static tsr_status add_nonfinite(const solution *solved, const tsr_exact *power, tsr_results *results) {
    static const tsr_result form = {
        .name = "nonfinite", .long_name = "items that are NaN or infinite", .integer = true, .headline = true};
    bool any = false;
    for (int c = 0; power != NULL && c < solved->self->columns->count; c++) {
        const tsr_exact *sum = &power[c * solved->self->order];
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

static void solve_columns(const solution *solved, int64_t items, const tsr_exact *power, const tsr_record *record) {
    const int order = solved->self->order;
    for (int c = 0; c < solved->self->columns->count; c++) {
        const bool constant =
            extreme_of(&record[ENDS * c], LEAST) == extreme_of(&record[ENDS * c + GREATEST], GREATEST);
        tsr_central_solve(items, power == NULL ? NULL : &power[c * order], order, constant, &solved->central[c]);
    }
}

static tsr_status moments_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const int64_t *page = tsr_state_find(state, 0);
    const int64_t items = page == NULL ? 0 : page[0];
    const tsr_exact *power = page == NULL ? NULL : (const tsr_exact *)(page + HEAD_WORDS);
    const tsr_record *record = tsr_state_records_get(state);
    solution solved;
    tsr_status status = solution_init(model, &solved);
    if (status != TSR_OK) goto out;
    solve_columns(&solved, items, power, record);
    TSR_TRY_OUT(add_items(&solved, items, results));
    for (size_t s = 0; s < sizeof(statistics) / sizeof(statistics[0]); s++)
        TSR_TRY_OUT(add_statistic(&solved, &statistics[s], results));
    TSR_TRY_OUT(add_extremes(&solved, record, LEAST, results));
    TSR_TRY_OUT(add_extremes(&solved, record, GREATEST, results));
    TSR_TRY_OUT(add_nonfinite(&solved, power, results));
out:
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_moments = {
    .name = "moments",
    .summary = "mean, variance, skewness, kurtosis and extremes of each column",
    .reference = "Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998); "
                 "exact sums after Neal, arXiv:1505.05571",
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
