#include "engine/tallies/histogram.h"

#include "engine/tallies/histogram_model.h"
#include "engine/tallies/share.h"
#include "engine/tallies/survey.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)TSR_SLOTS_PAGE_WORDS == (int)TSR_SKETCH_PAGE_WORDS, "counts and sketch lie in pages of one state");

static const tsr_param table[] = {
    {.name = "bins",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "100",
     .minimum = 1,
     .maximum = TSR_AXIS_BINS_MAX,
     .help = "how many bins"},
    {.name = "range",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "first and last edge, in units of the columns (default: the middle 99.8 % of each column, in two passes)"},
    {.name = "scale",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "linear",
     .choices = "linear|log",
     .help = "bins of equal width, or of equal ratio of their edges (log; needs a positive range)"},
    {.name = "edges",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "all edges, increasing, instead of bins, range and scale"},
    {.name = "density",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "also give shares of all items per width of a bin"},
    TSR_PARAM_OF,
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

/* ---- the state: pages of a column are its slots, and for an automatic range the sketch of its survey and a plan ----
 */

int64_t tsr_histogram_page(const tsr_histogram_model *model, int column) {
    return column * (tsr_slots_pages(&model->slots) + (model->automatic ? TSR_SKETCH_PAGES + 1 : 0));
}

static int64_t sketch_page(const tsr_histogram_model *model, int column) {
    return tsr_histogram_page(model, column) + tsr_slots_pages(&model->slots);
}

static int64_t plan_page(const tsr_histogram_model *model, int column) {
    return sketch_page(model, column) + TSR_SKETCH_PAGES;
}

/* Records: those of the surveys, then those of the weights. */
int64_t tsr_histogram_weight_record(const tsr_histogram_model *model) {
    return model->automatic ? TSR_SURVEY_RECORDS * (int64_t)model->columns->count : 0;
}

static tsr_layout layout(const void *data) {
    const tsr_histogram_model *model = data;
    return (tsr_layout){.pages = tsr_histogram_page(model, model->columns->count),
                        .page_words = model->automatic ? TSR_SKETCH_PAGE_WORDS : tsr_slots_page_words(&model->slots),
                        .records =
                            tsr_histogram_weight_record(model) + (model->weight != NULL ? TSR_SHARE_RECORDS : 0)};
}

/* ---- the model ---- */

static void destroy(void *data) {
    tsr_histogram_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    tsr_axis_clear(&model->shared);
    free(model);
}

static tsr_status read_edges(const tsr_params *params, const double *edge, int64_t edges, tsr_histogram_model *model) {
    static const char *const others[] = {"bins", "range", "scale"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (!tsr_params_is_default(params, others[i]))
            return tsr_params_fail(params, others[i], "the edges are given already; leave %s out", others[i]);
    TSR_TRY(tsr_axis_of_edges(params, "edges", edge, edges, &model->shared));
    model->count = model->shared.bins.count;
    return TSR_OK;
}

static tsr_status read_bins(const tsr_params *params, tsr_histogram_model *model) {
    int64_t edges, length;
    const double *edge = tsr_params_reals(params, "edges", &edges);
    const double *range = tsr_params_reals(params, "range", &length);
    const bool geometric = tsr_params_choice(params, "scale") == 1;
    if (edges > 0) return read_edges(params, edge, edges, model);
    model->count = (int32_t)tsr_params_integer(params, "bins");
    model->automatic = length == 0;
    if (model->automatic && geometric)
        return tsr_params_fail(params, "scale", "log needs range: [first edge, last edge], both positive");
    if (model->automatic) return TSR_OK;
    if (length != 2) return tsr_params_fail(params, "range", "two numbers must stand here, the smaller one first");
    return tsr_axis_of_range(params, range, model->count, geometric, &model->shared);
}

static tsr_status read_weight(const tsr_params *params, const tsr_field *fields, tsr_histogram_model *model) {
    const int64_t bins = (int64_t)model->columns->count * model->count;
    model->slots = (tsr_slots){.count = model->count + TSR_BINS_OUTSIDE, .weighted = model->columns->weight >= 0};
    if (!model->slots.weighted) return TSR_OK;
    model->weight = &fields[model->columns->weight];
    if (bins <= TSR_SLOTS_WEIGHTED_MAX) return TSR_OK;
    return tsr_params_fail(params, "weight", "%d columns of %d bins are %lld; with weights, %d are allowed in all",
                           model->columns->count, (int)model->count, (long long)bins, TSR_SLOTS_WEIGHTED_MAX);
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_status status = TSR_OK;
    tsr_histogram_model *model = calloc(1, sizeof(*model));
    if (model == NULL) return TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
    model->density = tsr_params_boolean(params, "density");
    TSR_TRY_OUT(read_bins(params, model));
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->columns));
    TSR_TRY_OUT(read_weight(params, fields, model));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

/* ---- fold ---- */

/* What a thread needs of a column during a tile that counts; the slots' scratch follows. */
typedef struct {
    _Alignas(64) tsr_bins bins;
} counting;

static size_t counting_bytes(const tsr_histogram_model *model) {
    return sizeof(counting) + tsr_slots_scratch_bytes(&model->slots);
}

static counting *counting_of(const tsr_fold *fold, int column) {
    return (void *)((char *)fold->scratch + (size_t)column * counting_bytes(fold->model));
}

static tsr_slots_fill *fill_of(const tsr_fold *fold, int column) {
    return (tsr_slots_fill *)(counting_of(fold, column) + 1);
}

static size_t scratch_bytes(const void *data) {
    const tsr_histogram_model *model = data;
    const size_t count = counting_bytes(model), survey = model->automatic ? sizeof(tsr_sketch_fill) : 0;
    return (size_t)model->columns->count * (count > survey ? count : survey);
}

tsr_bins tsr_histogram_bins(const tsr_histogram_model *model, const tsr_state *settled, int column) {
    if (!model->automatic) return model->shared.bins;
    const tsr_record *records = tsr_state_records_get(settled) + TSR_SURVEY_RECORDS * column;
    return tsr_survey_bins(settled, sketch_page(model, column), records, model->count);
}

/* A thread keeps its bins for a pass in a page of its own state that settle clears: [pass] [bins]. */
static tsr_status recall_bins(const tsr_fold *fold, int column, tsr_bins *out) {
    const tsr_histogram_model *model = fold->model;
    *out = model->shared.bins;
    if (!model->automatic) return TSR_OK;
    int64_t *plan = tsr_state_page(fold->state, plan_page(model, column));
    TSR_REQUIRE(plan != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    if (plan[0] != fold->pass) {
        *out = tsr_histogram_bins(model, fold->settled, column);
        memcpy(plan + 1, out, sizeof(*out));
        plan[0] = fold->pass;
    }
    memcpy(out, plan + 1, sizeof(*out));
    return TSR_OK;
}

static bool is_surveying(const tsr_fold *fold) {
    return ((const tsr_histogram_model *)fold->model)->automatic && fold->pass == 0;
}

static tsr_status begin_tile(const tsr_fold *fold) {
    const tsr_histogram_model *model = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    for (int c = 0; c < model->columns->count; c++) {
        if (is_surveying(fold)) {
            tsr_sketch_begin(&fills[c], fold->state, sketch_page(model, c));
            continue;
        }
        TSR_TRY(recall_bins(fold, c, &counting_of(fold, c)->bins));
        tsr_slots_begin(&model->slots, fold->state, tsr_histogram_page(model, c), fill_of(fold, c));
    }
    return TSR_OK;
}

static tsr_status add_column(const tsr_fold *fold, const tsr_block *block, const double *weight, int column) {
    const tsr_histogram_model *model = fold->model;
    const double *values = tsr_column(block, model->columns->index[column]);
    tsr_record *records = tsr_state_records(fold->state) + TSR_SURVEY_RECORDS * column;
    tsr_sketch_fill *fills = fold->scratch;
    int32_t slots[TSR_BLOCK_ITEMS_MAX];
    if (is_surveying(fold)) return tsr_survey_add(&fills[column], records, values, block->items);
    tsr_bins_find(&counting_of(fold, column)->bins, values, block->items, slots);
    return tsr_slots_add(fill_of(fold, column), slots, weight, block->items);
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_histogram_model *model = fold->model;
    const double *weight;
    TSR_TRY(tsr_columns_weights(model->columns, block, &weight));
    if (weight != NULL)
        tsr_share_offer_weights(weight, block->items,
                                tsr_state_records(fold->state) + tsr_histogram_weight_record(model));
    for (int c = 0; c < model->columns->count; c++) TSR_TRY(add_column(fold, block, weight, c));
    return TSR_OK;
}

static tsr_status end_tile(const tsr_fold *fold) {
    const tsr_histogram_model *model = fold->model;
    for (int c = 0; c < model->columns->count && !is_surveying(fold); c++) TSR_TRY(tsr_slots_end(fill_of(fold, c)));
    return TSR_OK;
}

static void clear_plan(const tsr_histogram_model *model, tsr_state *state, int column) {
    if (model->automatic && tsr_state_find(state, plan_page(model, column)) != NULL)
        memset(tsr_state_page(state, plan_page(model, column)), 0, TSR_SKETCH_PAGE_WORDS * sizeof(int64_t));
}

static void settle(const void *data, tsr_state *state) {
    const tsr_histogram_model *model = data;
    for (int c = 0; c < model->columns->count; c++) {
        tsr_slots_settle(&model->slots, state, tsr_histogram_page(model, c));
        clear_plan(model, state, c);
    }
}

/* The range was a pure function of the first pass, and will be again. */
static void rewind_passes(const void *data, tsr_state *state) {
    const tsr_histogram_model *model = data;
    for (int c = 0; model->automatic && c < model->columns->count; c++) {
        tsr_slots_clear(&model->slots, state, tsr_histogram_page(model, c));
        clear_plan(model, state, c);
    }
}

static bool unfinished(const void *data, const tsr_state *state, int passes) {
    (void)state;
    return ((const tsr_histogram_model *)data)->automatic && passes < 2;
}

const tsr_tally tsr_tally_histogram = {
    .name = "histogram",
    .summary = "counts or weights in bins (linear, log or any edges) with error bars; the range may be automatic",
    .reference = "binomial counts; weights: ratio estimators, Cochran, Sampling Techniques, 3rd ed. (1977), 2.11",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .end_tile = end_tile,
    .settle = settle,
    .rewind = rewind_passes,
    .unfinished = unfinished,
    .solve = tsr_histogram_solve,
};
