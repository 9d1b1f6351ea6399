#include "engine/tallies/histogram.h"

#include "engine/tallies/columns.h"
#include "engine/tallies/survey.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BINS_MAX = 1000000,
    PAGE_BITS = 11,
    PAGE_WORDS = 1 << PAGE_BITS,
    PAGES_MAX = BINS_MAX / PAGE_WORDS + 1,
    LANES = 16
};

_Static_assert((int)PAGE_WORDS == (int)TSR_SKETCH_PAGE_WORDS, "counts and sketch lie in pages of one state");

static const tsr_param table[] = {
    {.name = "bins",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "100",
     .minimum = 1,
     .maximum = BINS_MAX,
     .help = "how many bins of equal width"},
    {.name = "range",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "first and last edge, in units of the columns (default: the middle 99.8 % of each column, in two passes)"},
    {.name = "density",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "also give counts per number of items and width of a bin"},
    TSR_PARAM_OF,
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    int32_t count; /* bins */
    bool automatic;
    bool density;
    tsr_bins shared; /* unless automatic */
} histogram_model;

/* Pages of a column: counts, and for an automatic range the sketch of its survey and a plan. */
static int64_t count_pages(const histogram_model *model) {
    return (model->count + TSR_BINS_OUTSIDE + PAGE_WORDS - 1) / PAGE_WORDS;
}

static int64_t column_page(const histogram_model *model, int column) {
    return column * (count_pages(model) + (model->automatic ? TSR_SKETCH_PAGES + 1 : 0));
}

static int64_t sketch_page(const histogram_model *model, int column) {
    return column_page(model, column) + count_pages(model);
}

static int64_t plan_page(const histogram_model *model, int column) {
    return sketch_page(model, column) + TSR_SKETCH_PAGES;
}

static tsr_layout layout(const void *data) {
    const histogram_model *model = data;
    int64_t words = model->count + TSR_BINS_OUTSIDE;
    return (tsr_layout){.pages = column_page(model, model->columns->count),
                        .page_words = model->automatic || words > PAGE_WORDS ? PAGE_WORDS : words,
                        .records = model->automatic ? TSR_SURVEY_RECORDS * model->columns->count : 0};
}

static void destroy(void *data) {
    histogram_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    free(model);
}

static tsr_status read_range(const tsr_params *params, histogram_model *model) {
    int64_t length;
    const double *range = tsr_params_reals(params, "range", &length);
    model->automatic = length == 0;
    if (model->automatic) return TSR_OK;
    if (length != 2 || !(range[0] < range[1]))
        return tsr_params_fail(params, "range", "two numbers must stand here, the smaller one first");
    if (!tsr_bins_fit(range[0], range[1], model->count))
        return tsr_params_fail(params, "range",
                               "doubles between %.17g and %.17g cannot be told apart by %d bins; use fewer bins or "
                               "subtract an offset from the column",
                               range[0], range[1], (int)model->count);
    model->shared = tsr_bins_make(range[0], range[1], model->count);
    return TSR_OK;
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_status status = TSR_OK;
    histogram_model *model = calloc(1, sizeof(*model));
    if (model == NULL) return TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
    model->count = (int32_t)tsr_params_integer(params, "bins");
    model->density = tsr_params_boolean(params, "density");
    TSR_TRY_OUT(read_range(params, model));
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->columns));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

/* What a thread needs of a column during a tile that counts. */
typedef struct {
    tsr_bins bins;
    int64_t *page[PAGES_MAX];
} counting;

static size_t scratch_bytes(const void *data) {
    const histogram_model *model = data;
    size_t each = sizeof(counting) > sizeof(tsr_sketch_fill) ? sizeof(counting) : sizeof(tsr_sketch_fill);
    return (size_t)model->columns->count * each;
}

static tsr_bins column_bins(const histogram_model *model, const tsr_state *settled, int column) {
    if (!model->automatic) return model->shared;
    const tsr_record *records = tsr_state_records_get(settled) + TSR_SURVEY_RECORDS * column;
    return tsr_survey_bins(settled, sketch_page(model, column), records, model->count);
}

/* A thread keeps its bins for a pass in a page of its own state that settle clears: [pass] [bins]. */
static tsr_status recall_bins(const tsr_fold *fold, int column, tsr_bins *out) {
    const histogram_model *model = fold->model;
    *out = model->shared;
    if (!model->automatic) return TSR_OK;
    int64_t *plan = tsr_state_page(fold->state, plan_page(model, column));
    TSR_REQUIRE(plan != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    if (plan[0] != fold->pass) {
        *out = column_bins(model, fold->settled, column);
        memcpy(plan + 1, out, sizeof(*out));
        plan[0] = fold->pass;
    }
    memcpy(out, plan + 1, sizeof(*out));
    return TSR_OK;
}

static bool is_surveying(const tsr_fold *fold) {
    return ((const histogram_model *)fold->model)->automatic && fold->pass == 0;
}

static tsr_status begin_tile(const tsr_fold *fold) {
    const histogram_model *model = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    counting *counts = fold->scratch;
    for (int c = 0; c < model->columns->count; c++) {
        if (is_surveying(fold)) {
            tsr_sketch_begin(&fills[c], fold->state, sketch_page(model, c));
            continue;
        }
        counts[c] = (counting){0};
        TSR_TRY(recall_bins(fold, c, &counts[c].bins));
    }
    return TSR_OK;
}

static tsr_status count(const tsr_fold *fold, int column, const double *values, int64_t items) {
    counting *counts = (counting *)fold->scratch + column;
    int32_t slots[TSR_BLOCK_ITEMS_MAX];
    tsr_bins_find(&counts->bins, values, items, slots);
    for (int64_t i = 0; i < items; i++) {
        int32_t page = slots[i] >> PAGE_BITS;
        if (counts->page[page] == NULL) {
            counts->page[page] = tsr_state_page(fold->state, column_page(fold->model, column) + page);
            TSR_REQUIRE(counts->page[page] != NULL, TSR_ERUNTIME, "no memory for a page of counts");
        }
        counts->page[page][slots[i] & (PAGE_WORDS - 1)]++;
    }
    return TSR_OK;
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const histogram_model *model = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    tsr_record *records = tsr_state_records(fold->state);
    for (int c = 0; c < model->columns->count; c++) {
        const double *values = tsr_column(block, model->columns->index[c]);
        if (is_surveying(fold))
            TSR_TRY(tsr_survey_add(&fills[c], records + TSR_SURVEY_RECORDS * c, values, block->items));
        else
            TSR_TRY(count(fold, c, values, block->items));
    }
    return TSR_OK;
}

static void settle(const void *data, tsr_state *state) {
    const histogram_model *model = data;
    for (int c = 0; model->automatic && c < model->columns->count; c++)
        if (tsr_state_find(state, plan_page(model, c)) != NULL)
            memset(tsr_state_page(state, plan_page(model, c)), 0, PAGE_WORDS * sizeof(int64_t));
}

static bool unfinished(const void *data, const tsr_state *state, int passes) {
    (void)state;
    return ((const histogram_model *)data)->automatic && passes < 2;
}

/* Shapes: bins [columns, bins], edges [columns, bins + 1], outside [columns, 3]; one piece of memory. */
typedef struct {
    double *count;
    double *count_error;
    double *density;
    double *density_error;
    double *edge;
    double *outside;
    double *axis; /* [bins + 1]: centres of shared bins, or numbers from 0 */
} solution;

static size_t solution_length(const histogram_model *model) {
    const size_t columns = (size_t)model->columns->count, bins = (size_t)model->count;
    return columns * (5 * bins + 1 + TSR_BINS_OUTSIDE) + bins + 1;
}

static solution divide(const histogram_model *model, double *memory) {
    const size_t columns = (size_t)model->columns->count, bins = (size_t)model->count;
    solution out = {.count = memory};
    out.count_error = out.count + columns * bins;
    out.density = out.count_error + columns * bins;
    out.density_error = out.density + columns * bins;
    out.edge = out.density_error + columns * bins;
    out.outside = out.edge + columns * (bins + 1);
    out.axis = out.outside + columns * TSR_BINS_OUTSIDE;
    return out;
}

static double slot_count(const histogram_model *model, const tsr_state *state, int column, int64_t slot) {
    const int64_t *words = tsr_state_find(state, column_page(model, column) + (slot >> PAGE_BITS));
    return words != NULL ? (double)words[slot & (PAGE_WORDS - 1)] : 0.0;
}

static void solve_column(const histogram_model *model, const tsr_state *state, int column, const solution *out) {
    const int64_t bins = model->count, place = column * bins;
    const tsr_bins range = column_bins(model, state, column);
    double *outside = out->outside + (int64_t)column * TSR_BINS_OUTSIDE;
    for (int64_t i = 0; i < TSR_BINS_OUTSIDE; i++) outside[i] = slot_count(model, state, column, bins + i);
    double numbers = outside[TSR_BINS_BELOW] + outside[TSR_BINS_ABOVE];
    for (int64_t i = 0; i < bins; i++) {
        out->count[place + i] = slot_count(model, state, column, i);
        numbers += out->count[place + i];
    }
    for (int64_t i = 0; i < bins; i++) {
        double found = out->count[place + i], share = numbers > 0.0 ? found / numbers : 0.0;
        out->count_error[place + i] = sqrt(found * (1.0 - share));
        out->density[place + i] = share / range.width;
        out->density_error[place + i] = numbers > 0.0 ? out->count_error[place + i] / numbers / range.width : 0.0;
    }
    for (int64_t i = 0; i <= bins; i++) out->edge[column * (bins + 1) + i] = tsr_bins_edge(&range, i);
}

/* The unit that all columns have, or "1". */
static const char *shared_unit(const tsr_columns *columns) {
    for (int c = 1; c < columns->count; c++)
        if (strcmp(columns->unit[c], columns->unit[0]) != 0) return "1";
    return columns->unit[0];
}

static tsr_status add_bins(const histogram_model *model, const solution *found, tsr_results *results) {
    tsr_result histogram = {
        .name = "histogram",
        .long_name = "items in each bin, left edge included",
        .dimensions = 1,
        .dimension = {[1] = {.name = "bin",
                             .length = model->count,
                             .coordinates = found->axis,
                             .unit = model->automatic ? "1" : shared_unit(model->columns)}},
        .value = found->count,
        .error = found->count_error,
        .integer = true,
    };
    TSR_TRY(tsr_columns_add(model->columns, 0, histogram, results));
    if (!model->density) return TSR_OK;
    histogram.name = "histogram_density";
    histogram.long_name = "share of the items in each bin per width of the bin";
    histogram.value = found->density;
    histogram.error = found->density_error;
    histogram.integer = false;
    return tsr_columns_add(model->columns, -1, histogram, results);
}

static tsr_status add_edges(const histogram_model *model, const solution *found, tsr_results *results) {
    static const char *const places[TSR_BINS_OUTSIDE] = {"below", "above", "nan"};
    for (int i = 0; i <= model->count; i++) found->axis[i] = i;
    const tsr_result edges = {
        .name = "histogram_edges",
        .long_name = "edges of the bins, from the left edge of the first to the right edge of the last",
        .dimensions = 1,
        .dimension = {[1] = {.name = "edge", .length = model->count + 1, .coordinates = found->axis, .unit = "1"}},
        .value = found->edge,
    };
    const tsr_result outside = {
        .name = "histogram_outside",
        .long_name = "items outside the bins: below the first edge, above the last, not a number",
        .dimensions = 1,
        .dimension = {[1] = {.name = "place", .length = TSR_BINS_OUTSIDE, .labels = places, .unit = "1"}},
        .value = found->outside,
        .integer = true,
    };
    TSR_TRY(tsr_columns_add(model->columns, 1, edges, results));
    return tsr_columns_add(model->columns, 0, outside, results);
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const histogram_model *model = data;
    double *memory = malloc(solution_length(model) * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for a histogram of %d bins", (int)model->count);
    const solution found = divide(model, memory);
    for (int c = 0; c < model->columns->count; c++) solve_column(model, state, c, &found);
    for (int32_t i = 0; i < model->count; i++)
        found.axis[i] = model->automatic ? i : fma(i + 0.5, model->shared.width, model->shared.begin);
    tsr_status status = add_bins(model, &found, results);
    if (status == TSR_OK) status = add_edges(model, &found, results);
    free(memory);
    return status;
}

const tsr_tally tsr_tally_histogram = {
    .name = "histogram",
    .summary = "counts in bins of equal width with error bars, over a given or an automatic range",
    .reference = "binomial counts",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .settle = settle,
    .unfinished = unfinished,
    .solve = solve,
};
