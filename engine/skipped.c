#include "engine/skipped.h"

static const tsr_param params[] = {{.name = NULL}};

/* What is counted, and how results call it: the model. */
typedef struct {
    const char *count_name;
    const char *count_meaning;
    const char *first_name;
    const char *first_meaning;
    bool headline; /* whatever the count */
} naming;

static tsr_status create_skipped(const tsr_params *given, const tsr_field *fields, void **model) {
    static naming skipped = {"skipped", "items left out because a column was NaN or infinite", "skipped_item",
                             "the first item that was left out, -1 if none", false};
    (void)given;
    (void)fields;
    *model = &skipped;
    return TSR_OK;
}

static tsr_status create_selected(const tsr_params *given, const tsr_field *fields, void **model) {
    static naming selected = {"selected", "items that reached the tallies", "selected_item",
                              "the first item that did, -1 if none", true};
    (void)given;
    (void)fields;
    *model = &selected;
    return TSR_OK;
}

static void destroy(void *model) { (void)model; }

/* One word, the count; one record, the first item: all keys are equal, so the lowest item wins. */
static tsr_layout layout(const void *model) {
    (void)model;
    return (tsr_layout){.pages = 1, .page_words = 1, .records = 1};
}

tsr_status tsr_skipped_add(tsr_state *state, int64_t items, int64_t first) {
    int64_t *count = tsr_state_page(state, 0);
    TSR_REQUIRE(count != NULL, TSR_ERUNTIME, "no memory for the count of skipped items");
    *count += items;
    tsr_record_offer(tsr_state_records(state), 1, first);
    return TSR_OK;
}

/* It is told, never shown. */
static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    (void)fold;
    (void)block;
    return TSR_OK;
}

int64_t tsr_skipped_count(const tsr_state *state) {
    const int64_t *count = tsr_state_find(state, 0);
    return count == NULL ? 0 : *count;
}

static tsr_status solve(const void *model, const tsr_state *state, tsr_results *results) {
    const naming *self = model;
    const tsr_record *first = tsr_state_records_get(state);
    const double count = (double)tsr_skipped_count(state), item = first->key == 0 ? -1 : (double)first->item;
    const tsr_result skipped = {.name = self->count_name,
                                .long_name = self->count_meaning,
                                .unit = "1",
                                .value = &count,
                                .integer = true,
                                .headline = self->headline || count > 0};
    const tsr_result skipped_item = {
        .name = self->first_name, .long_name = self->first_meaning, .unit = "1", .value = &item, .integer = true};
    TSR_TRY(tsr_results_add(results, &skipped));
    return tsr_results_add(results, &skipped_item);
}

const tsr_tally tsr_tally_skipped = {
    .name = "skipped",
    .summary = "items left out because a column was NaN or infinite",
    .reference = "counts",
    .params = params,
    .create = create_skipped,
    .destroy = destroy,
    .layout = layout,
    .add_block = add_block,
    .solve = solve,
};

const tsr_tally tsr_tally_selected = {
    .name = "selected",
    .summary = "items that `where` and `group_by` let through",
    .reference = "counts",
    .params = params,
    .create = create_selected,
    .destroy = destroy,
    .layout = layout,
    .add_block = add_block,
    .solve = solve,
};
