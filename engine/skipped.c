#include "engine/skipped.h"

static const tsr_param params[] = {{.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_field *fields, void **model) {
    (void)given;
    (void)fields;
    *model = NULL;
    return TSR_OK;
}

static void destroy(void *model) { (void)model; }

/* One word, the count; one record, the first item: all keys are equal, so the lowest item wins. */
static tsr_layout layout(const void *model) {
    (void)model;
    return (tsr_layout){.pages = 1, .page_words = 1, .records = 1};
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    int64_t *count = tsr_state_page(fold->state, 0);
    TSR_REQUIRE(count != NULL, TSR_ERUNTIME, "no memory for the count of skipped items");
    *count += block->items;
    tsr_record_offer(tsr_state_records(fold->state), 1, block->item);
    return TSR_OK;
}

int64_t tsr_skipped_count(const tsr_state *state) {
    const int64_t *count = tsr_state_find(state, 0);
    return count == NULL ? 0 : *count;
}

static tsr_status solve(const void *model, const tsr_state *state, tsr_results *results) {
    (void)model;
    const tsr_record *first = tsr_state_records_get(state);
    const double count = (double)tsr_skipped_count(state), item = first->key == 0 ? -1 : (double)first->item;
    const tsr_result skipped = {.name = "skipped",
                                .long_name = "items left out because a column was NaN or infinite",
                                .unit = "1",
                                .value = &count,
                                .integer = true,
                                .headline = count > 0};
    const tsr_result skipped_item = {.name = "skipped_item",
                                     .long_name = "the first item that was left out, -1 if none",
                                     .unit = "1",
                                     .value = &item,
                                     .integer = true};
    TSR_TRY(tsr_results_add(results, &skipped));
    return tsr_results_add(results, &skipped_item);
}

const tsr_tally tsr_tally_skipped = {
    .name = "skipped",
    .summary = "items left out because a column was NaN or infinite",
    .reference = "counts",
    .params = params,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .add_block = add_block,
    .solve = solve,
};
