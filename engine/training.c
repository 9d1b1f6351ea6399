#include "engine/training.h"

#include "engine/legs.h"
#include "engine/stage_tally.h"

#include <stdlib.h>

/* A stage of one point whose only tally is the design's. */
static tsr_bound_stage training_stage(const tsr_bound_stage *stage, tsr_point *point, int64_t items) {
    tsr_bound_stage training = *stage;
    training.span.points = 1;
    training.point = point;
    training.point->items = items;
    training.tally_count = 1;
    training.skipped = training.selected = training.places = -1;
    training.filter = NULL;
    training.grain = 1;
    training.groups = (tsr_groups){.count = 1};
    training.tally[0] =
        (tsr_bound_tally){.table = stage->spec->design.table->training, .where = stage->spec->design.where};
    training.tally[0].model = point->design_model;
    training.replicates = 1;
    training.unit_items = 0;
    return training;
}

static tsr_status add_lesson(tsr_lessons *lessons, tsr_state **state) {
    if (lessons->count == lessons->room) {
        const int64_t room = 2 * lessons->room + 8;
        tsr_state **larger = realloc(lessons->state, (size_t)room * sizeof(tsr_state *));
        TSR_REQUIRE(larger != NULL, TSR_ERUNTIME, "no memory for what a sampling design learns");
        lessons->state = larger;
        lessons->room = room;
    }
    lessons->state[lessons->count++] = *state;
    *state = NULL;
    return TSR_OK;
}

void tsr_lessons_clear(tsr_lessons *lessons) {
    for (int64_t i = 0; i < lessons->count; i++) tsr_state_destroy(&lessons->state[i]);
    free(lessons->state);
    *lessons = (tsr_lessons){0};
}

/* A lesson of a run that was stopped. */
static tsr_status recall(tsr_stage_run *run, const tsr_bound_stage *training) {
    tsr_state *state = NULL;
    tsr_status status = tsr_stage_state(training, 0, &state);
    if (status == TSR_OK) status = tsr_stored_tally_unpack(&run->stored->trained, run->lessons.count, state);
    if (status == TSR_OK) status = add_lesson(&run->lessons, &state);
    tsr_state_destroy(&state);
    return tsr_comm_agree(run->comm, status);
}

/* One pass over a copy of the point. */
static tsr_status read_lesson(tsr_stage_run *run, const tsr_bound_stage *training) {
    const int64_t begin = 0, end = tsr_stage_tiles(training, 0);
    const tsr_pass pass = {.stage = training, .number = TSR_PASS_TRAINING, .begin = &begin, .end = &end};
    tsr_partial partial = {0};
    tsr_status status = tsr_legs_run(run, &pass, &partial);
    if (status == TSR_OK) status = tsr_comm_agree(run->comm, add_lesson(&run->lessons, &partial.found.state[0]));
    tsr_partial_clear(&partial);
    return status;
}

static tsr_status train_once(tsr_stage_run *run, tsr_point point, int64_t items) {
    const tsr_bound_stage training = training_stage(run->stage, &point, items);
    const bool is_stored = run->stored != NULL && run->lessons.count < run->stored->trainings;
    TSR_TRY(is_stored ? recall(run, &training) : read_lesson(run, &training));
    const tsr_state *lesson = run->lessons.state[run->lessons.count - 1];
    return tsr_comm_agree(run->comm, point.sampling.design->train(point.design_model, lesson));
}

tsr_status tsr_training_run(tsr_stage_run *run) {
    const tsr_bound_stage *stage = run->stage;
    const tsr_design *design = stage->spec->design.table;
    if (design == NULL || design->training_items == NULL) return TSR_OK;
    for (int64_t p = 0; p < stage->span.points; p++)
        for (int64_t items; (items = design->training_items(stage->point[p].design_model)) > 0;)
            TSR_TRY(train_once(run, stage->point[p], items));
    return TSR_OK;
}
