#include "engine/run.h"

#include "engine/outcome.h"
#include "engine/pass.h"
#include "engine/team.h"

#include <stdlib.h>
#include <string.h>

/* The first pass of a sampler is cut into rounds whose ends double (1/128, 1/64, ... 1 of the tiles): each gives a row
 * of the convergence history at an item count that depends on the job alone. Large sweeps go in one round. */
enum { ROUNDS_LOG = 7, ROUND_POINTS_MAX = 512, PASSES_MAX = 16, REPORT_NS = 200000000 };

struct tsr_plan {
    const tsr_job *job;
    tsr_bound_stage *stage;
    tsr_outcome *outcome; /* being filled; stages that ran are found through it */
};

/* ---- plan ---- */

tsr_status tsr_plan_create(const tsr_job *job, tsr_plan **out) {
    tsr_plan *plan = calloc(1, sizeof(*plan));
    if (plan != NULL) plan->stage = calloc((size_t)job->stage_count, sizeof(*plan->stage));
    if (plan == NULL || plan->stage == NULL) {
        free(plan);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for %d stages", job->stage_count);
    }
    plan->job = job;
    tsr_status status = TSR_OK;
    for (int i = 0; i < job->stage_count && status == TSR_OK; i++)
        status = tsr_stage_bind(job, i, NULL, NULL, &plan->stage[i]);
    if (status == TSR_OK)
        *out = plan;
    else
        tsr_plan_destroy(&plan);
    return status;
}

void tsr_plan_destroy(tsr_plan **plan) {
    if (*plan == NULL) return;
    for (int i = 0; i < (*plan)->job->stage_count; i++) tsr_stage_clear(&(*plan)->stage[i]);
    free((*plan)->stage);
    free(*plan);
    *plan = NULL;
}

/* ---- estimate ---- */

static int64_t bytes_of(const tsr_states *states) {
    int64_t bytes = 0;
    for (int64_t slot = 0; slot < states->count; slot++)
        if (states->state[slot] != NULL) bytes += tsr_state_bytes(states->state[slot]);
    return bytes;
}

/* Folds one tile twice; the first time warms caches and tables. */
static tsr_status try_tile(const tsr_bound_stage *stage, tsr_stage_estimate *out) {
    tsr_worker *worker = NULL;
    tsr_tile_task task = {.point = 0, .tile = 0};
    tsr_status status = tsr_worker_create(stage, &worker);
    if (status == TSR_OK) status = tsr_worker_fold(worker, &task);
    if (status == TSR_OK) {
        int64_t items = worker->items, begun = tsr_clock_ns();
        status = tsr_worker_fold(worker, &task);
        out->ns_per_item = (double)(tsr_clock_ns() - begun) / (double)items;
        out->state_bytes = bytes_of(&worker->states) * stage->span.points;
    }
    tsr_worker_destroy(&worker);
    return status;
}

tsr_status tsr_plan_estimate(const tsr_plan *plan, bool try_tiles, tsr_stage_estimate *out) {
    for (int i = 0; i < plan->job->stage_count; i++) {
        const tsr_bound_stage *stage = &plan->stage[i];
        out[i] = (tsr_stage_estimate){.name = stage->spec->name,
                                      .source = stage->spec->source.table->name,
                                      .points = stage->span.points,
                                      .items = stage->spec->items,
                                      .needs_earlier = stage->span.needs_earlier};
        const tsr_source *source = stage->spec->source.table;
        out[i].tile_items = stage->spec->tile_items > 0 ? stage->spec->tile_items : source->tile_items;
        if (out[i].tile_items == 0) out[i].tile_items = TSR_TILE_ITEMS;
        if (!stage->ready) {
            out[i].tiles = stage->span.points * ((out[i].items + out[i].tile_items - 1) / out[i].tile_items);
            continue;
        }
        out[i].items = stage->point[0].items;
        for (int64_t p = 0; p < stage->span.points; p++) out[i].tiles += tsr_stage_tiles(stage, p);
        if (try_tiles) TSR_TRY(try_tile(stage, &out[i]));
    }
    return TSR_OK;
}

/* ---- progress ---- */

typedef struct {
    const tsr_run_options *options;
    const tsr_stage_record *record;
    int64_t tiles_before; /* of this stage, all ranks, in finished passes and rounds */
    int64_t tiles_total;  /* known so far */
    int ranks;
    int64_t begun_ns;
    int64_t reported_ns;
} stage_watch;

static void show_estimate(const tsr_stage_record *record, tsr_progress *progress) {
    const tsr_history *history = &record->row.history;
    if (history->rounds == 0 || history->quantities == 0) return;
    int64_t at = (history->rounds - 1) * history->quantities;
    progress->headline = history->names[0];
    progress->value = history->value[at];
    progress->error = history->error[at];
}

static void report(stage_watch *watch, int64_t tiles_done, bool last) {
    const tsr_stage_outcome *row = &watch->record->row;
    int64_t now = tsr_clock_ns();
    watch->reported_ns = now;
    double share = watch->tiles_total > 0 ? (double)tiles_done / (double)watch->tiles_total : 1.0;
    tsr_progress progress = {.stage = row->name,
                             .items_total = row->items_total,
                             .items_done = last ? row->items_total : (int64_t)(share * (double)row->items_total),
                             .elapsed_ns = now - watch->begun_ns,
                             .last = last};
    if (progress.items_done > progress.items_total) progress.items_done = progress.items_total;
    show_estimate(watch->record, &progress);
    watch->options->progress(&progress, watch->options->progress_data);
}

static void watch_tiles(int64_t tiles_done, void *data) {
    stage_watch *watch = data;
    if (tsr_clock_ns() - watch->reported_ns < REPORT_NS) return;
    report(watch, watch->tiles_before + tiles_done * watch->ranks, false);
}

/* ---- one stage ---- */

typedef struct {
    tsr_bound_stage *stage;
    tsr_stage_record *record;
    tsr_comm *comm;
    const tsr_run_options *options;
    tsr_rank_account account;
    stage_watch watch;
} stage_run;

static int64_t shortest_tiles(const tsr_bound_stage *stage) {
    int64_t least = INT64_MAX;
    for (int64_t i = 0; i < stage->span.points; i++)
        if (tsr_stage_tiles(stage, i) < least) least = tsr_stage_tiles(stage, i);
    return least;
}

/* The first round has at least one tile of every point. */
static int count_rounds(const tsr_bound_stage *stage) {
    if (stage->spec->source.table->items != NULL || stage->span.points > ROUND_POINTS_MAX) return 1;
    int rounds = 1;
    while (rounds <= ROUNDS_LOG && shortest_tiles(stage) >> rounds > 0) rounds++;
    return rounds;
}

static tsr_status add_states(const tsr_bound_stage *stage, const tsr_states *found, const tsr_states *total) {
    for (int64_t slot = 0; slot < total->count; slot++) {
        int tally = (int)(slot % stage->spec->tally_count);
        const tsr_tally *table = stage->spec->tallies[tally].table;
        TSR_TRY(tsr_state_add(total->state[slot], found->state[slot]));
        if (table->settle != NULL) table->settle(stage->tally_models[tally], total->state[slot]);
    }
    return TSR_OK;
}

static tsr_status run_pass(stage_run *run, tsr_pass *pass) {
    tsr_states found = {0};
    bool watched = run->options->progress != NULL && run->comm->rank == 0;
    pass->stage = run->stage;
    pass->watch = watched ? watch_tiles : NULL;
    pass->watch_data = &run->watch;
    tsr_status status = tsr_pass_run(pass, run->comm, run->options, &found, &run->account);
    if (status == TSR_OK) status = tsr_comm_agree(run->comm, add_states(run->stage, &found, &run->record->states));
    tsr_states_clear(&found);
    run->watch.tiles_before += tsr_pass_tiles(pass);
    return status;
}

static tsr_status solve(stage_run *run) {
    int64_t begun = tsr_clock_ns();
    tsr_status status = tsr_comm_agree(run->comm, tsr_outcome_solve(run->stage, run->record));
    run->account.phase_ns[TSR_PHASE_solve] += tsr_clock_ns() - begun;
    return status;
}

/* The first reading of all items, with a row of history after each round. */
static tsr_status run_rounds(stage_run *run) {
    int rounds = count_rounds(run->stage);
    int64_t parts = INT64_C(1) << (rounds - 1);
    run->watch.tiles_total = tsr_pass_tiles(&(tsr_pass){.stage = run->stage, .end = 1, .parts = 1});
    for (int round = 0; round < rounds; round++) {
        tsr_pass pass = {
            .begin = round == 0 ? 0 : INT64_C(1) << (round - 1), .end = INT64_C(1) << round, .parts = parts};
        TSR_TRY(run_pass(run, &pass));
        TSR_TRY(solve(run));
        int64_t items = tsr_pass_tile(&pass, 0, pass.end) * run->stage->tile_items;
        if (items > run->record->row.items) items = run->record->row.items;
        TSR_TRY(tsr_comm_agree(run->comm, tsr_outcome_note_history(run->record, items, rounds)));
    }
    run->record->row.passes = 1;
    return TSR_OK;
}

/* finished: [points, tallies], who has read enough after so many passes. True if somebody has not. */
static bool find_finished(const stage_run *run, int passes, bool *finished) {
    const tsr_bound_stage *stage = run->stage;
    bool wanting = false;
    for (int64_t slot = 0; slot < run->record->states.count; slot++) {
        int tally = (int)(slot % stage->spec->tally_count);
        const tsr_tally *table = stage->spec->tallies[tally].table;
        const tsr_state *state = run->record->states.state[slot];
        finished[slot] = table->unfinished == NULL || !table->unfinished(stage->tally_models[tally], state, passes);
        wanting |= !finished[slot];
    }
    return wanting;
}

/* Further readings, for tallies that narrow a bracket. */
static tsr_status refine(stage_run *run, bool *finished) {
    for (int passes = 1; find_finished(run, passes, finished); passes++) {
        TSR_REQUIRE(passes < PASSES_MAX, TSR_EINTERNAL, "stage %s: a tally is not finished after %d passes",
                    run->record->row.name, passes);
        tsr_pass pass = {.stage = run->stage,
                         .number = passes,
                         .end = 1,
                         .parts = 1,
                         .settled = &run->record->states,
                         .finished = finished};
        run->watch.tiles_total += tsr_pass_tiles(&pass);
        TSR_TRY(run_pass(run, &pass));
        TSR_TRY(solve(run));
        run->record->row.passes = passes + 1;
    }
    return TSR_OK;
}

static tsr_status run_refinements(stage_run *run) {
    bool *finished = calloc((size_t)run->record->states.count + 1, sizeof(*finished));
    tsr_status status = finished != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for another pass");
    status = tsr_comm_agree(run->comm, status);
    if (status == TSR_OK) status = refine(run, finished);
    free(finished);
    return status;
}

static tsr_status run_stage(stage_run *run) {
    int64_t begun = tsr_clock_ns();
    run->watch = (stage_watch){.options = run->options,
                               .record = run->record,
                               .ranks = run->comm->size,
                               .begun_ns = begun,
                               .reported_ns = begun};
    TSR_TRY(tsr_comm_agree(run->comm, tsr_outcome_describe(run->stage, run->record)));
    run->account.phase_ns[TSR_PHASE_start] += tsr_clock_ns() - begun;
    TSR_TRY(run_rounds(run));
    TSR_TRY(run_refinements(run));
    run->record->row.elapsed_ns = tsr_clock_ns() - begun;
    if (run->options->progress != NULL && run->comm->rank == 0) report(&run->watch, run->watch.tiles_total, true);
    return tsr_outcome_gather(run->comm, run->account.phase_ns, run->account.items, run->record);
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

static tsr_status run_all(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options) {
    for (int i = 0; i < plan->job->stage_count; i++) {
        tsr_status status = TSR_OK;
        if (!plan->stage[i].ready) status = tsr_stage_bind(plan->job, i, find_results, plan, &plan->stage[i]);
        TSR_TRY(tsr_comm_agree(comm, status));
        stage_run run = {
            .stage = &plan->stage[i], .record = &plan->outcome->stage[i], .comm = comm, .options = options};
        TSR_TRY(run_stage(&run));
    }
    return TSR_OK;
}

tsr_status tsr_plan_run(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, tsr_outcome **out) {
    tsr_status status = tsr_outcome_create(plan->job->stage_count, &plan->outcome);
    TSR_TRY(tsr_comm_agree(comm, status));
    status = run_all(plan, comm, options);
    if (status == TSR_OK)
        *out = plan->outcome;
    else
        tsr_outcome_destroy(&plan->outcome);
    plan->outcome = NULL;
    return status;
}
