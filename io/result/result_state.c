#include "io/result/result_layout.h"
#include "io/result/stored_stage.h"

static void add_tally(const tsr_stage_outcome *stage, int tally, tsr_contents *contents, int group) {
    const int64_t rows = stage->points * stage->parts;
    tsr_stored_tally packed;
    const tsr_status status =
        tsr_stored_tally_pack(stage->tally_names[tally], stage->states + tally, rows, stage->tallies, &packed);
    if (status == TSR_OK) tsr_stored_tally_add(&packed, rows, contents, group);
    contents->out_of_memory |= status != TSR_OK;
    tsr_contents_adopt(contents, packed.name);
    tsr_contents_adopt(contents, packed.offset);
    tsr_contents_adopt(contents, packed.layout);
    tsr_contents_adopt(contents, packed.words);
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

void tsr_result_add_point_items(const char *stage, int64_t points, const int64_t *point_items, tsr_contents *contents,
                                int parent) {
    const int group = tsr_contents_group(contents, parent, stage);
    tsr_contents_text(contents, group, "stage", stage);
    const int point = tsr_contents_dimension(contents, group, "point", points);
    const tsr_variable items = {
        .name = "items", .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {point}, .data = point_items};
    const int variable = tsr_contents_variable(contents, group, &items);
    tsr_contents_text(contents, variable, "long_name", "items that were read; of chains: rows");
    tsr_contents_text(contents, variable, "units", "1");
}

/* Beside the state, whose members are tallies: the rule of the digest says so. */
void tsr_result_add_points(const tsr_run_record *record, tsr_contents *contents) {
    const int points = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "points");
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        tsr_result_add_point_items(stage->name, stage->points, stage->point_items, contents, points);
    }
}
