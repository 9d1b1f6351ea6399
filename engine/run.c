#include "engine/run.h"

#include "engine/levels.h"
#include "engine/plan.h"
#include "engine/restore.h"
#include "engine/rounds.h"
#include "engine/skipped.h"
#include "engine/training.h"
#include "engine/until.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES_MAX = 16 };

/* ---- a pass ---- */

static tsr_status merge_state(const tsr_bound_tally *tally, tsr_merge_fn merge, const tsr_state *found,
                              tsr_state *total) {
    TSR_TRY(merge(total, found));
    if (tally->table->settle != NULL) tally->table->settle(tally->model, total);
    return TSR_OK;
}

/* What a pass found goes to the total of its point, and to its replicate when the pass tells them apart. */
static tsr_status merge_states(const tsr_bound_stage *stage, tsr_merge_fn merge, const tsr_states *found,
                               const tsr_states *total) {
    for (int64_t slot = 0; slot < found->count; slot++) {
        const int tally = (int)(slot % found->tallies), part = (int)(slot / found->tallies % found->parts);
        const int64_t point = slot / found->tallies / found->parts;
        const tsr_bound_tally *bound = &stage->tally[tally];
        TSR_TRY(merge_state(bound, merge, found->state[slot], *tsr_states_at(total, point, 0, tally)));
        if (found->parts > 1)
            TSR_TRY(merge_state(bound, merge, found->state[slot], *tsr_states_at(total, point, 1 + part, tally)));
    }
    return TSR_OK;
}

tsr_status tsr_stage_run_pass(tsr_stage_run *run, tsr_pass *pass, tsr_merge_fn merge) {
    tsr_states found = {0};
    bool watched = run->options->progress != NULL && run->comm->rank == 0;
    pass->stage = run->stage;
    pass->begin = run->begin;
    pass->end = run->end;
    pass->watch = watched ? tsr_watch_tiles : NULL;
    pass->watch_data = &run->watch;
    tsr_status status = tsr_pass_run(pass, run->comm, run->options, &found, &run->account);
    if (status == TSR_OK)
        status = tsr_comm_agree(run->comm, merge_states(run->stage, merge, &found, &run->record->states));
    tsr_states_clear(&found);
    run->watch.tiles_before += tsr_pass_tiles(pass);
    return status;
}

static tsr_status solve(tsr_stage_run *run) {
    int64_t begun = tsr_clock_ns();
    tsr_status status = tsr_comm_agree(run->comm, tsr_outcome_solve(run->stage, run->record));
    run->account.phase_ns[TSR_PHASE_solve] += tsr_clock_ns() - begun;
    return status;
}

/* ---- the first reading ---- */

static int64_t items_done(const tsr_stage_run *run, int64_t point) {
    const int64_t items = run->stage->point[point].items, done = run->end[point] * run->stage->tile_items;
    return done < items ? done : items;
}

/* Too many left out: the estimates would be of something else. */
static tsr_status check_skipped(const tsr_stage_run *run) {
    const tsr_bound_stage *stage = run->stage;
    for (int64_t point = 0; stage->skipped >= 0 && point < stage->span.points; point++) {
        const int64_t skipped = tsr_skipped_count(*tsr_states_at(&run->record->states, point, 0, stage->skipped));
        const int64_t done = items_done(run, point);
        TSR_REQUIRE((double)skipped <= stage->spec->skip_share * (double)done, TSR_ENUMERIC,
                    "%s: stage %s: %lld of %lld items are not finite, more than the share of %g that may be skipped",
                    stage->spec->where, stage->spec->name, (long long)skipped, (long long)done,
                    stage->spec->skip_share);
    }
    return TSR_OK;
}

/* Points that are precise enough read no more: what they have is what they were asked for. */
void tsr_stage_run_judge(tsr_stage_run *run) {
    const tsr_bound_stage *stage = run->stage;
    double worst = 0, tiles = 0, needed = 0;
    for (int64_t point = 0; point < stage->span.points; point++) {
        const double excess = tsr_until_excess(&stage->spec->until, run->record->results[point]);
        const double most = (double)tsr_stage_tiles(stage, point), done = (double)run->end[point];
        const double wanted = excess < 1 ? done : done * excess * excess;
        tiles += isfinite(wanted) && wanted < most ? wanted : most;
        run->met[point] = excess <= 1;
        worst = fmax(worst, excess);
        needed = fmax(needed, wanted * (double)stage->tile_items / (double)stage->rows);
    }
    run->record->row.until_excess = worst;
    run->record->row.until_items = needed;
    run->watch.tiles_total = (int64_t)ceil(tiles);
    run->watch.predicted = true;
}

bool tsr_stage_run_is_late(const tsr_stage_run *run) {
    const double limit = run->stage->spec->until.max_time_s;
    uint64_t word = limit > 0 && (double)(tsr_clock_ns() - run->watch.begun_ns) * 1e-9 >= limit;
    run->comm->broadcast(run->comm, &word, sizeof(word), 0);
    return word != 0;
}

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
        run->stage->point[point].items = items_done(run, point);
    tsr_outcome_count_items(run->stage, run->record);
}

tsr_status tsr_stage_run_round(tsr_stage_run *run, int rounds) {
    tsr_pass pass = {.number = 0};
    TSR_TRY(tsr_stage_run_pass(run, &pass, tsr_state_add));
    for (int64_t point = 0; point < run->stage->span.points; point++)
        run->record->point_items[point] = items_done(run, point);
    TSR_TRY(tsr_comm_agree(run->comm, check_skipped(run)));
    TSR_TRY(solve(run));
    return tsr_comm_agree(run->comm, tsr_outcome_note_history(run->record, items_done(run, 0), rounds));
}

/* The first reading of all items, or of as many as it takes, with a row of history after each round. */
static tsr_status run_rounds(tsr_stage_run *run) {
    const bool may_stop = run->stage->spec->until.where != NULL;
    const int rounds = tsr_rounds_count(run->stage);
    for (int64_t point = 0; point < run->stage->span.points; point++)
        run->watch.tiles_total += tsr_stage_tiles(run->stage, point);
    for (int round = run->round; round < rounds && choose_tiles(run, round); round++) {
        TSR_TRY(tsr_stage_run_round(run, rounds));
        if (may_stop) tsr_stage_run_judge(run);
        if (may_stop && tsr_stage_run_is_late(run)) break;
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

/* ---- further readings ---- */

/* finished: [points, tallies], who has read enough after so many passes. True if somebody has not. */
static bool find_finished(const tsr_stage_run *run, int passes, bool *finished) {
    const tsr_bound_stage *stage = run->stage;
    bool wanting = false;
    for (int64_t slot = 0; slot < stage->span.points * stage->tally_count; slot++) {
        const int tally = (int)(slot % stage->tally_count);
        const tsr_bound_tally *bound = &stage->tally[tally];
        const tsr_state *state = *tsr_states_at(&run->record->states, slot / stage->tally_count, 0, tally);
        finished[slot] = bound->table->unfinished == NULL || !bound->table->unfinished(bound->model, state, passes);
        wanting |= !finished[slot];
    }
    return wanting;
}

/* For tallies that narrow a bracket. */
static tsr_status refine(tsr_stage_run *run, bool *finished) {
    for (int64_t point = 0; point < run->stage->span.points; point++) {
        run->begin[point] = 0;
        run->end[point] = tsr_stage_tiles(run->stage, point);
    }
    for (int passes = 1; find_finished(run, passes, finished); passes++) {
        TSR_REQUIRE(passes < PASSES_MAX, TSR_EINTERNAL, "stage %s: a tally is not finished after %d passes",
                    run->record->row.name, passes);
        tsr_pass pass = {.stage = run->stage,
                         .number = passes,
                         .begin = run->begin,
                         .end = run->end,
                         .settled = &run->record->states,
                         .finished = finished};
        run->watch.tiles_total += tsr_pass_tiles(&pass);
        TSR_TRY(tsr_stage_run_pass(run, &pass, tsr_state_add));
        TSR_TRY(solve(run));
        run->record->row.passes = passes + 1;
    }
    return TSR_OK;
}

static tsr_status run_refinements(tsr_stage_run *run) {
    const int64_t slots = run->stage->span.points * run->stage->tally_count;
    bool *finished = calloc((size_t)slots + 1, sizeof(*finished));
    tsr_status status = finished != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for another pass");
    status = tsr_comm_agree(run->comm, status);
    if (status == TSR_OK) status = refine(run, finished);
    free(finished);
    return status;
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

static tsr_status read_items(tsr_stage_run *run) {
    TSR_TRY(tsr_training_run(run->stage, run->comm, run->options, &run->account));
    if (run->stored != NULL) TSR_TRY(tsr_restore_tiles(run));
    TSR_TRY(run->stage->spec->until.sum_over != NULL ? read_levels(run) : run_rounds(run));
    tsr_outcome_end_history(run->record);
    return run_refinements(run);
}

static tsr_status run_passes(tsr_stage_run *run) {
    int64_t begun = tsr_clock_ns();
    run->watch = (tsr_watch){.options = run->options,
                             .record = run->record,
                             .tile_items = run->stage->tile_items,
                             .ranks = run->comm->size,
                             .begun_ns = begun,
                             .reported_ns = begun};
    TSR_TRY(tsr_comm_agree(run->comm, make_room(run)));
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

/* Stages before `end` that are wanted. One that reads another one, which has more items now, has to be computed anew.
 */
static tsr_status run_stages(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int end, uint64_t wanted) {
    uint64_t changed = 0;
    for (int i = 0; i < end; i++) {
        if ((wanted >> i & 1) == 0) continue;
        TSR_TRY(bind_stage(plan, comm, i));
        tsr_stage_run run = {
            .stage = &plan->stage[i], .record = &plan->outcome->stage[i], .comm = comm, .options = options};
        if (options->stored != NULL && (tsr_sweep_needs(plan->job, i) & changed) == 0) run.stored = &options->stored[i];
        TSR_TRY(run_stage(&run));
        if (run.reads) changed |= UINT64_C(1) << i;
    }
    return TSR_OK;
}

tsr_status tsr_plan_run(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, tsr_outcome **out) {
    tsr_status status = tsr_outcome_create(plan->job->stage_count, &plan->outcome);
    TSR_TRY(tsr_comm_agree(comm, status));
    status = run_stages(plan, comm, options, plan->job->stage_count, UINT64_MAX);
    if (status == TSR_OK)
        *out = plan->outcome;
    else
        tsr_outcome_destroy(&plan->outcome);
    plan->outcome = NULL;
    return status;
}

tsr_status tsr_plan_prepare(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage) {
    tsr_rank_account account = {0};
    tsr_outcome_destroy(&plan->outcome);
    tsr_status status = tsr_comm_agree(comm, tsr_outcome_create(plan->job->stage_count, &plan->outcome));
    if (status == TSR_OK) status = run_stages(plan, comm, options, stage, tsr_sweep_lineage(plan->job, stage));
    if (status == TSR_OK) status = bind_stage(plan, comm, stage);
    if (status == TSR_OK) status = tsr_training_run(&plan->stage[stage], comm, options, &account);
    return status;
}
