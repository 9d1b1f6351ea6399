#include "engine/run.h"

#include "engine/delivery.h"
#include "engine/history.h"
#include "engine/inputs.h"
#include "engine/levels.h"
#include "engine/plan.h"
#include "engine/probe.h"
#include "engine/reading.h"
#include "engine/refinement.h"
#include "engine/restore.h"
#include "engine/rounds.h"
#include "engine/training.h"
#include "engine/until.h"

#include <stdlib.h>
#include <string.h>

/* ---- the first reading ---- */

/* The tiles of a round; false if nobody has any left. */
static bool choose_tiles(tsr_stage_run *run, int round) {
    bool any = false;
    for (int64_t point = 0; point < run->stage->span.points; point++) {
        run->begin[point] = run->end[point];
        const int64_t end = tsr_rounds_end(run->stage, point, round);
        if (!run->met[point] && end > run->end[point]) run->end[point] = end;
        any = any || run->end[point] > run->begin[point];
    }
    return any;
}

/* From now on the stage has the items that were read. */
static void keep_items(tsr_stage_run *run) {
    for (int64_t point = 0; point < run->stage->span.points; point++)
        run->stage->point[point].items = tsr_reading_items(run, point);
    tsr_outcome_count_items(run->stage, run->record);
}

/* The first reading of all items, or of as many as it takes, with a row of history after each round. */
static tsr_status run_rounds(tsr_stage_run *run) {
    const bool may_stop = run->stage->spec->until.where != NULL;
    const int rounds = tsr_rounds_count(run->stage);
    for (int64_t point = 0; point < run->stage->span.points; point++)
        run->watch.tiles_total += tsr_stage_tiles(run->stage, point);
    for (int round = run->round; round < rounds && choose_tiles(run, round); round++) {
        TSR_TRY(tsr_reading_round(run, rounds));
        if (may_stop) tsr_reading_judge(run);
        if (may_stop && tsr_reading_is_late(run)) break;
    }
    if (may_stop) keep_items(run);
    run->record->row.passes = 1;
    return TSR_OK;
}

static tsr_status read_levels(tsr_stage_run *run) {
    TSR_TRY(tsr_levels_run(run));
    keep_items(run);
    run->record->row.passes = 1;
    return TSR_OK;
}

/* ---- the whole stage ---- */

static tsr_status make_room(tsr_stage_run *run) {
    const size_t points = (size_t)run->stage->span.points + 1;
    run->begin = calloc(points, sizeof(*run->begin));
    run->end = calloc(points, sizeof(*run->end));
    run->met = calloc(points, sizeof(*run->met));
    TSR_REQUIRE(run->begin && run->end && run->met, TSR_ERUNTIME, "no memory for %zu sweep points", points - 1);
    return tsr_outcome_describe(run->stage, run->record);
}

static tsr_status read_first(tsr_stage_run *run) {
    if (run->passes > 0) return TSR_OK;
    return run->stage->spec->until.sum_over != NULL ? read_levels(run) : run_rounds(run);
}

static tsr_status read_items(tsr_stage_run *run) {
    TSR_TRY(tsr_training_run(run));
    if (run->stored != NULL) TSR_TRY(tsr_probe_restored(run));
    if (run->retakes) TSR_TRY(tsr_restore_tiles(run));
    TSR_TRY(read_first(run));
    tsr_history_end(run->record);
    TSR_TRY(tsr_refinement_run(run));
    return tsr_delivery_run(run);
}

static tsr_status run_passes(tsr_stage_run *run) {
    int64_t begun = tsr_clock_ns();
    tsr_roll_stage(run->comm->roll, run->stage->spec->name);
    run->watch = (tsr_watch){.options = run->options,
                             .record = run->record,
                             .tile_items = run->stage->tile_items,
                             .ranks = run->comm->size,
                             .begun_ns = begun,
                             .reported_ns = begun};
    tsr_roll_stage(run->comm->roll, run->stage->spec->name);
    TSR_TRY(tsr_comm_agree(run->comm, make_room(run)));
    TSR_TRY(tsr_inputs_agree(run->comm, run->record->inputs, run->record->row.inputs));
    run->account.phase_ns[TSR_PHASE_start] += tsr_clock_ns() - begun;
    run->reads = true;
    if (run->stored != NULL) TSR_TRY(tsr_restore_stage(run));
    if (run->reads) TSR_TRY(read_items(run));
    run->record->row.elapsed_ns = tsr_clock_ns() - begun;
    if (run->options->progress != NULL && run->comm->rank == 0) tsr_watch_end(&run->watch);
    return tsr_outcome_gather(run->comm, run->account.phase_ns, run->account.items, run->record);
}

static tsr_status run_stage(tsr_stage_run *run) {
    const tsr_status status = run_passes(run);
    free(run->begin);
    free(run->end);
    free(run->met);
    tsr_lessons_clear(&run->lessons);
    return status;
}

/* ---- all stages ---- */

static const tsr_results *find_results(const void *data, const char *name, const int64_t *digits) {
    const tsr_plan *plan = data;
    for (int i = 0; i < plan->outcome->stages; i++) {
        if (strcmp(plan->job->stages[i].name, name) != 0) continue;
        const tsr_stage_record *record = &plan->outcome->stage[i];
        return record->results == NULL ? NULL
                                       : record->results[tsr_sweep_point(plan->job, &plan->stage[i].span, digits)];
    }
    return NULL;
}

static tsr_status bind_stage(tsr_plan *plan, tsr_comm *comm, int index) {
    tsr_bound_stage *stage = &plan->stage[index];
    tsr_status status = TSR_OK;
    if (!stage->ready) status = tsr_stage_bind(plan->job, index, find_results, plan, stage);
    if (status == TSR_OK) status = tsr_stage_check_until(stage);
    return tsr_comm_agree(comm, status);
}

/* What is stored of a stage, if it still holds: one that was left as it was holds unless it reads another one that has
 * more items now. */
static const tsr_stored_stage *find_stored(const tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->options->stored;
    if (stored == NULL || stored[run->index].name == NULL) return NULL;
    const bool is_stale = (tsr_sweep_needs(run->plan->job, run->index) & run->changed) != 0;
    return stored[run->index].progress == TSR_STORED_LEFT && is_stale ? NULL : &stored[run->index];
}

/* Stages before `end` that are wanted. */
static tsr_status run_stages(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int end, uint64_t wanted) {
    uint64_t changed = 0;
    for (int i = 0; i < end; i++) {
        if ((wanted >> i & 1) == 0) continue;
        TSR_TRY(bind_stage(plan, comm, i));
        tsr_stage_run run = {.plan = plan,
                             .index = i,
                             .changed = changed,
                             .stage = &plan->stage[i],
                             .record = &plan->outcome->stage[i],
                             .comm = comm,
                             .options = options};
        run.stored = find_stored(&run);
        TSR_TRY(run_stage(&run));
        if (run.reads || (run.stored != NULL && run.stored->is_changed)) changed |= UINT64_C(1) << i;
    }
    return TSR_OK;
}

/* Those of stages that wait for results of others are looked at when they begin to deliver. */
static tsr_status check_sinks(const tsr_plan *plan, uint64_t wanted) {
    for (int i = 0; i < plan->job->stage_count; i++)
        if ((wanted >> i & 1) != 0 && plan->stage[i].ready) TSR_TRY(tsr_delivery_check(&plan->stage[i]));
    return TSR_OK;
}

tsr_status tsr_plan_run(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, tsr_outcome **out) {
    return tsr_plan_run_some(plan, comm, options, UINT64_MAX, out);
}

tsr_status tsr_plan_run_some(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, uint64_t wanted,
                             tsr_outcome **out) {
    tsr_status status = tsr_outcome_create(plan->job->stage_count, &plan->outcome);
    if (status == TSR_OK && comm->rank == 0 && !options->no_sinks) status = check_sinks(plan, wanted);
    status = tsr_comm_agree(comm, status);
    if (status == TSR_OK) status = run_stages(plan, comm, options, plan->job->stage_count, wanted);
    if (status == TSR_OK) status = tsr_comm_agree(comm, tsr_outcome_look(plan->outcome));
    if (status == TSR_OK)
        *out = plan->outcome;
    else
        tsr_outcome_destroy(&plan->outcome);
    plan->outcome = NULL;
    return status;
}

tsr_status tsr_plan_prepare(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage) {
    tsr_outcome_destroy(&plan->outcome);
    tsr_status status = tsr_comm_agree(comm, tsr_outcome_create(plan->job->stage_count, &plan->outcome));
    if (status == TSR_OK) status = run_stages(plan, comm, options, stage, tsr_sweep_lineage(plan->job, stage));
    if (status == TSR_OK) status = bind_stage(plan, comm, stage);
    tsr_stage_run run = {.plan = plan, .index = stage, .stage = &plan->stage[stage], .comm = comm, .options = options};
    if (status == TSR_OK) status = tsr_training_run(&run);
    tsr_lessons_clear(&run.lessons);
    return status;
}
