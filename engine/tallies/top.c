#include "engine/tallies/top.h"

#include "engine/tallies/columns.h"
#include "engine/tallies/sketch.h"

#include <math.h>
#include <stdlib.h>

enum { COUNT_MAX = 10000, HEADLINE_MAX = 10 };
enum { LARGEST, SMALLEST, ENDS };

static const tsr_param table[] = {
    {.name = "count",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "10",
     .minimum = 1,
     .maximum = COUNT_MAX,
     .help = "how many values to keep"},
    {.name = "which",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "largest",
     .choices = "largest|smallest|both",
     .help = "which end of the values"},
    TSR_PARAM_OF,
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    int64_t count;
    bool kept[ENDS];
    double *rank; /* [count]: 1, 2, ... */
} top_model;

static void destroy(void *data) {
    top_model *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    free(model->rank);
    free(model);
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_status status = TSR_OK;
    const int64_t count = tsr_params_integer(params, "count");
    const int which = tsr_params_choice(params, "which");
    top_model *model = calloc(1, sizeof(*model));
    if (model != NULL) model->rank = malloc((size_t)count * sizeof(*model->rank));
    if (model == NULL || model->rank == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
        goto out;
    }
    model->count = count;
    for (int64_t r = 0; r < count; r++) model->rank[r] = (double)(r + 1);
    for (int end = 0; end < ENDS; end++) model->kept[end] = which == end || which == ENDS;
    TSR_TRY_OUT(tsr_columns_create(params, fields, &model->columns));
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

/* A group of records for each column and end, kept or not: [columns, ENDS, count]; and a page of NaNs: [columns]. */
static tsr_layout layout(const void *data) {
    const top_model *model = data;
    const int64_t columns = model->columns->count;
    return (tsr_layout){
        .pages = 1, .page_words = columns, .records = columns * ENDS * model->count, .group = model->count};
}

static int64_t group_of(const top_model *model, int column, int end) {
    return ((int64_t)column * ENDS + end) * model->count;
}

/* The worst record of the list turns nearly all items away. */
static void offer(tsr_record *group, int64_t count, const uint64_t *keys, const tsr_block *block) {
    for (int64_t i = 0; i < block->items; i++)
        if (keys[i] >= group[0].key) tsr_records_offer(group, count, keys[i], tsr_block_item(block, i));
}

/* Keys whose order is that of the negated values. */
static void invert(uint64_t *keys, int64_t items) {
    for (int64_t i = 0; i < items; i++) keys[i] = keys[i] == 0 ? 0 : ~keys[i];
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const top_model *model = fold->model;
    int64_t *nans = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(nans != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    for (int c = 0; c < model->columns->count; c++) {
        uint64_t keys[TSR_BLOCK_ITEMS_MAX];
        tsr_keys_from_doubles(tsr_column(block, model->columns->index[c]), block->items, keys);
        for (int64_t i = 0; i < block->items; i++) nans[c] += keys[i] == 0;
        for (int end = 0; end < ENDS; end++) {
            if (end == SMALLEST) invert(keys, block->items);
            tsr_record *group = tsr_state_records(fold->state) + group_of(model, c, end);
            if (model->kept[end]) offer(group, model->count, keys, block);
        }
    }
    return TSR_OK;
}

static void settle(const void *data, tsr_state *state) {
    const top_model *model = data;
    const int64_t records = tsr_state_layout(state).records;
    for (int64_t r = 0; r < records; r += model->count) tsr_records_settle(tsr_state_records(state) + r, model->count);
}

/* One column and end, best first. */
static void solve_group(const top_model *model, const tsr_record *group, int end, double *value, double *item) {
    for (int64_t r = 0; r < model->count; r++) {
        const tsr_record *record = &group[model->count - 1 - r];
        value[r] = record->key == 0 ? NAN : tsr_key_to_double(end == SMALLEST ? ~record->key : record->key);
        item[r] = record->key == 0 ? NAN : (double)record->item;
    }
}

static tsr_status add_end(const top_model *model, int end, const double *value, const double *item,
                          tsr_results *results) {
    const tsr_dimension ranks = {.name = "rank", .length = model->count, .coordinates = model->rank, .unit = "1"};
    const tsr_result values = {.name = end == LARGEST ? "largest" : "smallest",
                               .long_name = end == LARGEST ? "largest values, in descending order"
                                                           : "smallest values, in ascending order",
                               .dimensions = 1,
                               .dimension = {[1] = ranks},
                               .value = value,
                               .headline = model->count <= HEADLINE_MAX};
    const tsr_result items = {.name = end == LARGEST ? "largest_item" : "smallest_item",
                              .long_name =
                                  end == LARGEST ? "items of the largest values" : "items of the smallest values",
                              .dimensions = 1,
                              .dimension = {[1] = ranks},
                              .value = item,
                              .integer = true};
    TSR_TRY(tsr_columns_add(model->columns, 1, values, results));
    return tsr_columns_add(model->columns, 0, items, results);
}

static tsr_status add_nans(const top_model *model, const tsr_state *state, double *memory, tsr_results *results) {
    const int64_t *nans = tsr_state_find(state, 0);
    bool any = false;
    for (int c = 0; c < model->columns->count; c++) {
        memory[c] = nans != NULL ? (double)nans[c] : 0.0;
        any = any || memory[c] > 0.0;
    }
    const tsr_result missing = {.name = "top_nans",
                                .long_name = "items that are not a number, left out",
                                .value = memory,
                                .integer = true,
                                .headline = true};
    return any ? tsr_columns_add(model->columns, 0, missing, results) : TSR_OK;
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const top_model *model = data;
    tsr_status status;
    const size_t length = (size_t)model->columns->count * (size_t)model->count;
    double *memory = malloc(2 * length * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for the list of extremes");
    for (int end = 0; end < ENDS; end++) {
        if (!model->kept[end]) continue;
        for (int c = 0; c < model->columns->count; c++) {
            const int64_t place = c * model->count;
            const tsr_record *group = tsr_state_records_get(state) + group_of(model, c, end);
            solve_group(model, group, end, memory + place, memory + length + place);
        }
        TSR_TRY_OUT(add_end(model, end, memory, memory + length, results));
    }
    status = add_nans(model, state, memory, results);
out:
    free(memory);
    return status;
}

const tsr_tally tsr_tally_top = {
    .name = "top",
    .summary = "the largest or smallest values of each column, with the items that they are",
    .reference = "J. W. J. Williams, Algorithm 232: Heapsort, Communications of the ACM 7 (1964) 347",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .add_block = add_block,
    .settle = settle,
    .solve = solve,
};
