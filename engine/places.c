#include "engine/places.h"

enum { PAGE_TILES = 512 };

static const tsr_param params[] = {{.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_field *fields, void **model) {
    (void)given;
    (void)fields;
    *model = NULL;
    return TSR_OK;
}

static void destroy(void *model) { (void)model; }

tsr_layout tsr_places_layout(int64_t tiles) {
    return (tsr_layout){.pages = tiles / PAGE_TILES + 1, .page_words = PAGE_TILES};
}

static tsr_layout layout(const void *model) {
    (void)model;
    return tsr_places_layout(0);
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    (void)fold;
    (void)block;
    return TSR_OK;
}

tsr_status tsr_places_add(tsr_state *state, int64_t tile, int64_t rows) {
    int64_t *page = tsr_state_page(state, tile / PAGE_TILES);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the places of rows");
    page[tile % PAGE_TILES] += rows;
    return TSR_OK;
}

int64_t tsr_places_rows(const tsr_state *state, int64_t tile) {
    const int64_t *page = tsr_state_find(state, tile / PAGE_TILES);
    return page == NULL ? 0 : page[tile % PAGE_TILES];
}

static tsr_status solve(const void *model, const tsr_state *state, tsr_results *results) {
    const int64_t tiles = tsr_state_layout(state).pages * PAGE_TILES;
    int64_t rows = 0;
    (void)model;
    for (int64_t tile = 0; tile < tiles; tile++) rows += tsr_places_rows(state, tile);
    const double value = (double)rows;
    const tsr_result result = {.name = "rows",
                               .long_name = "rows that went to the sink",
                               .unit = "1",
                               .value = &value,
                               .integer = true,
                               .total = true,
                               .headline = true};
    return tsr_results_add(results, &result);
}

const tsr_tally tsr_tally_places = {
    .name = "places",
    .summary = "items of every tile that go on to the sink",
    .reference = "counts",
    .params = params,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .add_block = add_block,
    .solve = solve,
};
