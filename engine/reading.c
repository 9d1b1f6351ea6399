#include "engine/reading.h"

#include "engine/history.h"
#include "engine/legs.h"
#include "engine/skipped.h"
#include "engine/stage_tally.h"
#include "engine/until.h"

#include <math.h>

/* ---- a pass ---- */

static tsr_status merge_state(const tsr_bound_stage *stage, int tally, tsr_merge_fn merge, const tsr_state *found,
                              tsr_state *total) {
    TSR_TRY(merge(total, found));
    tsr_stage_settle(stage, tally, total);
    return TSR_OK;
}

/* What a pass found goes to the total of its point, and to its replicate when the pass tells them apart. */
static tsr_status merge_states(const tsr_bound_stage *stage, tsr_merge_fn merge, const tsr_states *found,
                               const tsr_states *total) {
    for (int64_t slot = 0; slot < found->count; slot++) {
        const int tally = (int)(slot % found->tallies), part = (int)(slot / found->tallies % found->parts);
        const int64_t point = slot / found->tallies / found->parts;
        const tsr_state *state = found->state[slot];
        TSR_TRY(merge_state(stage, tally, merge, state, *tsr_states_at(total, point, 0, tally)));
        if (found->parts > 1)
            TSR_TRY(merge_state(stage, tally, merge, state, *tsr_states_at(total, point, 1 + part, tally)));
    }
    return TSR_OK;
}

/* The same of its prints, if it has any. */
static tsr_status merge_prints(const tsr_stage_run *run, tsr_merge_fn merge, const tsr_prints *found) {
    tsr_prints *prints = &run->record->prints;
    if (found->points == 0) return TSR_OK;
    TSR_TRY(tsr_prints_fit(prints, run->end));
    if (merge == tsr_state_subtract)
        tsr_prints_subtract(prints, found);
    else
        tsr_prints_merge(prints, found);
    return TSR_OK;
}

static tsr_status merge_partial(const tsr_stage_run *run, tsr_merge_fn merge, const tsr_partial *partial) {
    TSR_TRY(merge_states(run->stage, merge, &partial->found, &run->record->states));
    return merge_prints(run, merge, &partial->prints);
}

tsr_status tsr_reading_pass(tsr_stage_run *run, tsr_pass *pass, tsr_merge_fn merge) {
    tsr_partial partial = {0};
    bool watched = run->options->progress != NULL && run->comm->rank == 0;
    pass->stage = run->stage;
    pass->begin = run->begin;
    pass->end = run->end;
    pass->watch = watched ? tsr_watch_tiles : NULL;
    pass->watch_data = &run->watch;
    tsr_status status = tsr_legs_run(run, pass, &partial);
    if (status == TSR_OK) status = tsr_comm_agree(run->comm, merge_partial(run, merge, &partial));
    run->watch.tiles_before += partial.tiles;
    run->watch.tiles_done = 0;
    tsr_partial_clear(&partial);
    return status;
}

tsr_status tsr_reading_solve(tsr_stage_run *run) {
    int64_t begun = tsr_clock_ns();
    tsr_status status = tsr_comm_agree(run->comm, tsr_outcome_solve(run->stage, run->record));
    run->account.phase_ns[TSR_PHASE_solve] += tsr_clock_ns() - begun;
    return status;
}

/* ---- a round ---- */

int64_t tsr_reading_items(const tsr_stage_run *run, int64_t point) {
    const int64_t items = run->stage->point[point].items, done = run->end[point] * run->stage->tile_items;
    return done < items ? done : items;
}

/* Too many left out: the estimates would be of something else. */
static tsr_status check_skipped(const tsr_stage_run *run) {
    const tsr_bound_stage *stage = run->stage;
    for (int64_t point = 0; stage->skipped >= 0 && point < stage->span.points; point++) {
        const int64_t skipped = tsr_skipped_count(*tsr_states_at(&run->record->states, point, 0, stage->skipped));
        const int64_t done = tsr_reading_items(run, point);
        TSR_REQUIRE((double)skipped <= stage->spec->skip_share * (double)done, TSR_ENUMERIC,
                    "%s: stage %s: %lld of %lld items are not finite, more than the share of %g that may be skipped",
                    stage->spec->where, stage->spec->name, (long long)skipped, (long long)done,
                    stage->spec->skip_share);
    }
    return TSR_OK;
}

/* Points that are precise enough read no more: what they have is what they were asked for. */
void tsr_reading_judge(tsr_stage_run *run) {
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

bool tsr_reading_is_late(const tsr_stage_run *run) {
    const double limit = run->stage->spec->until.max_time_s;
    uint64_t word = limit > 0 && (double)(tsr_clock_ns() - run->watch.begun_ns) * 1e-9 >= limit;
    run->comm->broadcast(run->comm, &word, sizeof(word), 0);
    return word != 0;
}

tsr_status tsr_reading_round(tsr_stage_run *run, int rounds) {
    tsr_pass pass = {.number = 0};
    TSR_TRY(tsr_reading_pass(run, &pass, tsr_state_add));
    for (int64_t point = 0; point < run->stage->span.points; point++)
        run->record->point_items[point] = tsr_reading_items(run, point);
    TSR_TRY(tsr_comm_agree(run->comm, check_skipped(run)));
    TSR_TRY(tsr_reading_solve(run));
    return tsr_comm_agree(run->comm, tsr_history_note(run->record, tsr_reading_items(run, 0), rounds));
}
