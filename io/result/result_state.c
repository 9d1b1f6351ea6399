#include "io/result/result_layout.h"

/* ---- a run's state as contents ---- */

/* The packed states of one tally, of points x parts, one after the other: words [offset[rows]], offset [rows + 1]. */
typedef struct {
    int64_t rows;
    int64_t *offset;
    int64_t *words;
    int64_t *layout; /* [rows, TSR_STORED_LAYOUT] */
} packed_rows;

static bool pack_rows(const tsr_stage_outcome *stage, int tally, tsr_contents *contents, packed_rows *out) {
    out->rows = stage->points * stage->parts;
    out->offset = tsr_contents_keep(contents, out->rows + 1, sizeof(int64_t));
    out->layout = tsr_contents_keep(contents, out->rows * TSR_STORED_LAYOUT, sizeof(int64_t));
    if (!out->offset || !out->layout) return false;
    for (int64_t row = 0; row < out->rows; row++) {
        const tsr_state *state = stage->states[row * stage->tallies + tally];
        const tsr_layout layout = tsr_state_layout(state);
        out->offset[row + 1] = out->offset[row] + tsr_state_packed_words(state);
        out->layout[row * TSR_STORED_LAYOUT + 0] = layout.pages;
        out->layout[row * TSR_STORED_LAYOUT + 1] = layout.page_words;
        out->layout[row * TSR_STORED_LAYOUT + 2] = layout.records;
    }
    out->words = tsr_contents_keep(contents, out->offset[out->rows], sizeof(int64_t));
    for (int64_t row = 0; out->words && row < out->rows; row++)
        tsr_state_pack(stage->states[row * stage->tallies + tally], out->words + out->offset[row]);
    return out->words != NULL;
}

static void add_tally(const tsr_stage_outcome *stage, int tally, tsr_contents *contents, int stage_group) {
    static const char *const layout_names[TSR_STORED_LAYOUT] = {"pages", "page_words", "records"};
    packed_rows rows;
    if (!pack_rows(stage, tally, contents, &rows)) return;
    const int group = tsr_contents_group(contents, stage_group, stage->tally_names[tally]);
    tsr_contents_text(contents, group, "tally", stage->tally_names[tally]);
    /* The rows are their own coordinates: a dimension apart would take half as much space again. */
    const int words = tsr_contents_dimension(contents, group, "words", rows.offset[rows.rows]);
    const int offsets = tsr_contents_dimension(contents, group, "offsets", rows.rows + 1);
    const int row = tsr_contents_dimension(contents, group, "row", rows.rows);
    const int number = tsr_contents_dimension(contents, group, "number", TSR_STORED_LAYOUT);
    const tsr_variable variable[] = {
        {.name = "words", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {words}, .data = rows.words},
        {.name = "offsets", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {offsets}, .data = rows.offset},
        {.name = "layout", .cell = TSR_CELL_INTEGER, .rank = 2, .dimension = {row, number}, .data = rows.layout}};
    for (int i = 0; i < 3; i++) tsr_contents_variable(contents, group, &variable[i]);
    const tsr_variable names = {.name = "number", .rank = 1, .dimension = {number}, .data = layout_names};
    tsr_contents_words(contents, group, &names);
}

/* Of all runs that had a part in it. */
static double core_seconds(const tsr_run_record *record, const tsr_stage_outcome *stage) {
    return stage->core_seconds_before +
           (double)stage->elapsed_ns * 1e-9 * (double)record->placement->ranks * (double)record->threads;
}

void tsr_result_add_state(const tsr_run_record *record, tsr_contents *contents) {
    const int state = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "state");
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        const int group = tsr_contents_group(contents, state, stage->name);
        tsr_contents_text(contents, group, "stage", stage->name);
        tsr_contents_integer(contents, group, "points", stage->points);
        tsr_contents_integer(contents, group, "parts", stage->parts);
        tsr_contents_integer(contents, group, "items", stage->items);
        tsr_contents_integer(contents, group, "items_total", stage->items_total);
        tsr_contents_integer(contents, group, "tile_items", stage->tile_items);
        tsr_contents_integer(contents, group, "passes", stage->passes);
        tsr_contents_real(contents, group, "core_seconds", core_seconds(record, stage));
        for (int tally = 0; tally < stage->tallies; tally++) add_tally(stage, tally, contents, group);
    }
}

/* Beside the state, whose members are tallies: the rule of the digest says so. */
void tsr_result_add_points(const tsr_run_record *record, tsr_contents *contents) {
    const int points = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "points");
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        const int group = tsr_contents_group(contents, points, stage->name);
        tsr_contents_text(contents, group, "stage", stage->name);
        const int point = tsr_contents_dimension(contents, group, "point", stage->points);
        const tsr_variable items = {
            .name = "items", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {point}, .data = stage->point_items};
        const int variable = tsr_contents_variable(contents, group, &items);
        tsr_contents_text(contents, variable, "long_name", "items that were read; of chains: rows");
        tsr_contents_text(contents, variable, "units", "1");
    }
}
