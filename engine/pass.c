#include "engine/pass.h"

#include "engine/reduce.h"
#include "engine/stage_tally.h"
#include "engine/team.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 64 };

/* What the threads of a pass share until it is over, or paused. */
typedef struct {
    const tsr_pass *pass;
    const tsr_keeper *keeper; /* or NULL */
    tsr_roll *roll;           /* or NULL */
    tsr_schedule *schedule;   /* of the tiles that are left */
    int threads;
    int64_t *first; /* [points + 1]: position of each point's first tile in the pool of work */
    tsr_gap *gap;   /* [gaps]: which positions are left */
    int64_t gaps;
    tsr_worker **worker; /* [threads] */
    tsr_states merged;
    tsr_prints prints; /* without points where none are wanted */
} pass_crew;

/* A point whose tallies have all read enough is not read again. */
static bool is_finished(const tsr_pass *pass, int64_t point) {
    int tallies = pass->stage->tally_count;
    if (pass->delivery != NULL) return false;
    for (int i = 0; i < tallies; i++)
        if (pass->finished == NULL || !pass->finished[point * tallies + i]) return false;
    return true;
}

static int64_t point_tiles(const tsr_pass *pass, int64_t point) {
    return is_finished(pass, point) ? 0 : pass->end[point] - pass->begin[point];
}

int64_t tsr_pass_tiles(const tsr_pass *pass) {
    int64_t tiles = 0;
    for (int64_t i = 0; i < pass->stage->span.points; i++) tiles += point_tiles(pass, i);
    return tiles;
}

/* Points x tiles is one pool: what the schedule counts -> position -> (point, tile). */
static tsr_tile_task task_at(pass_crew *crew, int64_t index) {
    const int64_t position = tsr_gap_tile(crew->gap, crew->gaps, index);
    int64_t low = 0, high = crew->pass->stage->span.points;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (crew->first[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    int64_t tile = crew->pass->begin[low] + position - crew->first[low];
    return (tsr_tile_task){.point = low,
                           .tile = tile,
                           .pass = crew->pass->number > 0 ? crew->pass->number : 0,
                           .settled = crew->pass->settled,
                           .finished = crew->pass->finished,
                           .prints = crew->prints.points > 0 ? &crew->prints : NULL,
                           .delivery = crew->pass->delivery};
}

/* Thread 0 looks between its tiles whether to pause, answers other ranks and reports progress. */
static void attend(const pass_crew *crew, int thread) {
    if (thread != 0) return;
    const tsr_keeper *keeper = crew->keeper;
    if (keeper != NULL && keeper->wish(keeper->data) != TSR_WISH_GO_ON) tsr_schedule_cancel(crew->schedule);
    tsr_schedule_poll(crew->schedule);
    if (crew->pass->watch != NULL) crew->pass->watch(tsr_schedule_taken(crew->schedule), crew->pass->watch_data);
}

static tsr_status fold_tile(pass_crew *crew, int thread, int64_t index) {
    const tsr_tile_task task = task_at(crew, index);
    tsr_roll_tile(crew->roll, thread, task.point, task.tile);
    const tsr_status status = tsr_worker_fold(crew->worker[thread], &task);
    if (status != TSR_OK) tsr_schedule_cancel(crew->schedule);
    return status;
}

/* A thread folds all tiles that it was handed, whoever wants a pause. */
static tsr_status fold_tiles(pass_crew *crew, int thread) {
    tsr_worker *worker = crew->worker[thread];
    tsr_status status = TSR_OK;
    tsr_range span = {0, 0};
    int64_t stamp = tsr_clock_ns();
    for (;;) {
        attend(crew, thread);
        tsr_take take = TSR_TAKE_TILE;
        if (span.begin == span.end) take = tsr_schedule_take_span(crew->schedule, crew->pass->stage->grain, &span);
        if (take == TSR_TAKE_DONE && (thread != 0 || tsr_schedule_is_over(crew->schedule))) break;
        if (take == TSR_TAKE_TILE) {
            status = fold_tile(crew, thread, span.begin++);
            if (status != TSR_OK) span.begin = span.end;
        } else {
            tsr_roll_rest(crew->roll, thread);
            if (thread != 0) tsr_team_pause();
        }
        int64_t now = tsr_clock_ns();
        worker->phase_ns[take == TSR_TAKE_TILE ? TSR_PHASE_useful : TSR_PHASE_idle] += now - stamp;
        stamp = now;
        if (status != TSR_OK && thread != 0) break; /* thread 0 stays to tell the other ranks */
    }
    tsr_roll_rest(crew->roll, thread);
    return status;
}

static tsr_status crew_fold(int thread, void *data) {
    pass_crew *crew = data;
    tsr_status status = tsr_worker_create(crew->pass->stage, crew->merged.parts, &crew->worker[thread]);
    if (status != TSR_OK) {
        tsr_schedule_cancel(crew->schedule);
        while (thread == 0 && !tsr_schedule_is_over(crew->schedule)) tsr_schedule_poll(crew->schedule);
        return status;
    }
    return fold_tiles(crew, thread);
}

/* The states of one slot over all threads become one, in canonical form. */
static tsr_status merge_slot(const pass_crew *crew, int64_t slot) {
    const tsr_bound_stage *stage = crew->pass->stage;
    const int tally = (int)(slot % crew->merged.tallies);
    tsr_state **into = &crew->merged.state[slot];
    for (int thread = 0; thread < crew->threads; thread++) {
        tsr_state **from = &crew->worker[thread]->states.state[slot];
        if (*from == NULL) continue;
        tsr_stage_settle(stage, tally, *from);
        if (*into == NULL) {
            *into = *from;
            *from = NULL;
            continue;
        }
        TSR_TRY(tsr_state_add(*into, *from));
        tsr_state_destroy(from);
    }
    if (*into == NULL) return tsr_stage_state(stage, tally, into);
    tsr_stage_settle(stage, tally, *into);
    return TSR_OK;
}

static tsr_status crew_merge(int thread, void *data) {
    pass_crew *crew = data;
    for (int64_t slot = thread; slot < crew->merged.count; slot += crew->threads) TSR_TRY(merge_slot(crew, slot));
    return TSR_OK;
}

/* ---- from ranks to all ---- */

/* Which tiles are done, on any rank. */
static tsr_status share_tiles(const pass_crew *crew, tsr_comm *comm, tsr_partial *partial) {
    const int64_t left = partial->tiles - partial->done, words = tsr_partial_words(left);
    uint64_t *bits = malloc((size_t)words * sizeof(*bits) + 1);
    tsr_status status = bits != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to merge the ranks");
    TSR_TRY_OUT(tsr_comm_agree(comm, status));
    memcpy(bits, tsr_schedule_bits(crew->schedule), (size_t)words * sizeof(*bits));
    comm->either(comm, bits, words);
    for (int64_t i = 0; i < left; i++)
        if ((bits[i / BITS] >> (i % BITS) & 1) != 0) tsr_partial_mark(partial, tsr_gap_tile(crew->gap, crew->gaps, i));
out:
    free(bits);
    return status;
}

/* What was found since the last pause joins what was found before. */
static tsr_status join(const tsr_bound_stage *stage, tsr_states *merged, tsr_states *found) {
    for (int64_t slot = 0; slot < merged->count; slot++) {
        if (found->state[slot] == NULL) {
            found->state[slot] = merged->state[slot];
            merged->state[slot] = NULL;
        } else {
            TSR_TRY(tsr_state_add(found->state[slot], merged->state[slot]));
        }
        tsr_stage_settle(stage, (int)(slot % merged->tallies), found->state[slot]);
    }
    return TSR_OK;
}

static void merge_prints(const pass_crew *crew, tsr_comm *comm, tsr_partial *partial) {
    if (crew->prints.points == 0) return;
    comm->sum(comm, (int64_t *)crew->prints.sum, crew->prints.offset[crew->prints.points]);
    tsr_prints_merge(&partial->prints, &crew->prints);
}

/* From the first tile to the merged states; the other ranks hear of a failure through the schedule. */
static tsr_status run_crew(pass_crew *crew, tsr_comm *comm, tsr_partial *partial, tsr_rank_account *account) {
    tsr_status status = tsr_team_run(crew->threads, crew_fold, crew);
    int64_t begun = tsr_clock_ns();
    status = tsr_comm_agree(comm, status);
    if (status == TSR_OK) status = tsr_comm_agree(comm, tsr_team_run(crew->threads, crew_merge, crew));
    if (status == TSR_OK) status = tsr_reduce_states(comm, crew->merged.state, crew->merged.count);
    if (status == TSR_OK) status = share_tiles(crew, comm, partial);
    if (status == TSR_OK) merge_prints(crew, comm, partial);
    if (status == TSR_OK) status = tsr_comm_agree(comm, join(crew->pass->stage, &crew->merged, &partial->found));
    account->phase_ns[TSR_PHASE_reduce] += tsr_clock_ns() - begun;
    return status;
}

static void settle_account(const pass_crew *crew, tsr_rank_account *account) {
    for (int thread = 0; thread < crew->threads; thread++) {
        if (crew->worker[thread] == NULL) continue;
        account->items += crew->worker[thread]->items;
        for (int phase = 0; phase < TSR_PHASES; phase++)
            account->phase_ns[phase] += crew->worker[thread]->phase_ns[phase];
    }
}

/* ---- the whole ---- */

static tsr_status number_work(const tsr_pass *pass, int64_t **out) {
    int64_t *first = malloc((size_t)(pass->stage->span.points + 1) * sizeof(*first));
    TSR_REQUIRE(first != NULL, TSR_ERUNTIME, "no memory for %lld sweep points", (long long)pass->stage->span.points);
    first[0] = 0;
    for (int64_t i = 0; i < pass->stage->span.points; i++) first[i + 1] = first[i] + point_tiles(pass, i);
    *out = first;
    return TSR_OK;
}

tsr_status tsr_pass_begin(const tsr_pass *pass, tsr_partial *out) {
    const tsr_states shape = {.points = pass->stage->span.points,
                              .parts = pass->number <= 0 ? pass->stage->replicates : 1,
                              .tallies = pass->stage->tally_count};
    const bool prints = pass->number == 0 || pass->number == TSR_PASS_RETAKE;
    TSR_TRY(tsr_partial_create(pass->number, tsr_pass_tiles(pass), shape, out));
    return prints ? tsr_prints_create(shape.points, pass->begin, pass->end, 0, &out->prints) : TSR_OK;
}

static tsr_status gather_crew(const tsr_partial *partial, tsr_comm *comm, const tsr_run_options *options,
                              pass_crew *crew) {
    crew->threads = options->threads;
    crew->keeper = options->keeper;
    crew->roll = comm->roll;
    crew->worker = calloc((size_t)crew->threads, sizeof(tsr_worker *));
    TSR_REQUIRE(crew->worker != NULL, TSR_ERUNTIME, "no memory for %d threads", crew->threads);
    TSR_TRY(number_work(crew->pass, &crew->first));
    TSR_TRY(tsr_partial_gaps(partial, &crew->gap, &crew->gaps));
    TSR_TRY(tsr_states_create(partial->found, &crew->merged));
    if (partial->prints.points > 0) TSR_TRY(tsr_prints_create_like(&partial->prints, &crew->prints));
    return tsr_schedule_create(comm, partial->tiles - partial->done, crew->threads, options->tile_shuffle,
                               &crew->schedule);
}

static void dismiss_crew(pass_crew *crew) {
    for (int thread = 0; thread < crew->threads && crew->worker != NULL; thread++)
        tsr_worker_destroy(&crew->worker[thread]);
    free(crew->worker);
    free(crew->first);
    free(crew->gap);
    tsr_states_clear(&crew->merged);
    tsr_prints_clear(&crew->prints);
    tsr_schedule_destroy(&crew->schedule);
}

tsr_status tsr_pass_run(const tsr_pass *pass, tsr_comm *comm, const tsr_run_options *options, tsr_partial *partial,
                        tsr_rank_account *account) {
    pass_crew crew = {.pass = pass, .roll = comm->roll};
    tsr_status status = tsr_comm_agree(comm, gather_crew(partial, comm, options, &crew));
    if (status == TSR_OK) status = run_crew(&crew, comm, partial, account);
    if (crew.worker != NULL) settle_account(&crew, account);
    dismiss_crew(&crew);
    return status;
}
