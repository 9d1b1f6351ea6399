#include "engine/restore.h"

#include "engine/history.h"
#include "engine/inputs.h"
#include "engine/levels.h"
#include "engine/reading.h"
#include "engine/rounds.h"
#include "engine/stage_tally.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is stored and what is asked for ---- */

static tsr_status refuse(const tsr_stage_run *run, const char *what) {
    return TSR_FAIL(TSR_ECHECKPOINT,
                    "stage %s: what is stored has other %s than this program gives the job; it was written by another "
                    "version of Tessera, or the job's input has changed",
                    run->stage->spec->name, what);
}

static tsr_status check_tallies(const tsr_stage_run *run) {
    for (int t = 0; t < run->stage->tally_count; t++)
        if (strcmp(run->stored->tally[t].name, run->stage->tally[t].table->name) != 0) return refuse(run, "tallies");
    return TSR_OK;
}

static tsr_status check_fit(const tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->stored;
    const tsr_states *states = &run->record->states;
    if (strcmp(stored->name, run->stage->spec->name) != 0) return refuse(run, "stages");
    if (stored->points != states->points || stored->parts != states->parts) return refuse(run, "points or replicates");
    if (stored->tallies != states->tallies) return refuse(run, "tallies");
    if (stored->tile_items != run->stage->tile_items) return refuse(run, "tiles");
    TSR_TRY(tsr_inputs_compare(run->record->inputs, run->record->row.inputs, stored->input, stored->inputs));
    return check_tallies(run);
}

static tsr_status check_items(const tsr_stage_run *run) {
    for (int64_t p = 0; p < run->stored->points; p++)
        TSR_REQUIRE(run->stored->point_items[p] <= run->stage->point[p].items, TSR_EUSAGE,
                    "stage %s: %lld items are there already, and %lld are asked for; a run can only be extended",
                    run->stage->spec->name, (long long)(run->stored->point_items[p] / run->stage->rows),
                    (long long)(run->stage->point[p].items / run->stage->rows));
    return TSR_OK;
}

/* ---- states ---- */

static tsr_status restore_state(const tsr_stage_run *run, int64_t slot, bool rewound) {
    const tsr_states *states = &run->record->states;
    const int tally = (int)(slot % states->tallies);
    const tsr_stored_tally *stored = &run->stored->tally[tally];
    tsr_state **state = &states->state[slot];
    tsr_state_destroy(state);
    TSR_TRY(tsr_stage_state(run->stage, tally, state));
    TSR_TRY(tsr_stored_tally_unpack(stored, slot / states->tallies, *state));
    if (rewound) tsr_stage_rewind(run->stage, tally, *state);
    return TSR_OK;
}

/* Of as many tiles as there are items. */
static tsr_status restore_prints(const tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->stored;
    if (stored->prints.points != stored->points) return refuse(run, "prints");
    for (int64_t p = 0; p < stored->points; p++) {
        const int64_t tiles = (stored->point_items[p] + stored->tile_items - 1) / stored->tile_items;
        const int64_t groups = (tiles + stored->prints.group_tiles - 1) / stored->prints.group_tiles;
        if (stored->prints.first[p] != 0 || tsr_prints_groups(&stored->prints, p) != groups)
            return refuse(run, "prints");
    }
    tsr_prints_clear(&run->record->prints);
    return tsr_prints_copy(&stored->prints, &run->record->prints);
}

/* rewound: as they were after the first reading. */
static tsr_status restore_states(const tsr_stage_run *run, bool rewound) {
    TSR_TRY(restore_prints(run));
    for (int64_t slot = 0; slot < run->record->states.count; slot++) TSR_TRY(restore_state(run, slot, rewound));
    return TSR_OK;
}

static tsr_status check_rewind(const tsr_stage_run *run) {
    for (int t = 0; t < run->stage->tally_count; t++) {
        const tsr_bound_tally *bound = &run->stage->tally[t];
        const bool goes_back = run->stored->passes == 1 || bound->table->unfinished == NULL;
        TSR_REQUIRE(goes_back || bound->table->rewind != NULL, TSR_EUSAGE,
                    "%s: stage %s: tally %s reads its items more than once and cannot be extended; run the job anew",
                    bound->where, run->stage->spec->name, bound->table->name);
    }
    return TSR_OK;
}

/* ---- points ---- */

static int64_t tiles_of(const tsr_stage_run *run, int64_t items) {
    return (items + run->stage->tile_items - 1) / run->stage->tile_items;
}

static bool is_open(const tsr_stage_run *run, int64_t point) {
    return !run->met[point] && run->stored->point_items[point] < run->stage->point[point].items;
}

static bool has_open(const tsr_stage_run *run) {
    for (int64_t p = 0; p < run->stored->points; p++)
        if (is_open(run, p)) return true;
    return false;
}

static void restore_items(const tsr_stage_run *run) {
    run->record->row.items_before = 0;
    run->record->row.core_seconds_before = run->stored->core_seconds;
    for (int64_t p = 0; p < run->stored->points; p++) {
        run->record->point_items[p] = run->stored->point_items[p];
        run->record->row.items_before += run->stored->point_items[p];
        run->end[p] = tiles_of(run, run->stored->point_items[p]);
    }
}

/* A point may only stop where a run that was given more items would have looked at it too. */
static void judge(tsr_stage_run *run) {
    tsr_reading_judge(run);
    for (int64_t p = 0; p < run->stored->points; p++) {
        const int64_t items = run->stored->point_items[p];
        const bool is_whole = items % run->stage->tile_items == 0;
        const bool is_looked_at = is_whole && tsr_rounds_is_end(run->stage, items / run->stage->tile_items);
        run->met[p] = run->met[p] && is_looked_at;
    }
}

/* The round that reads on from the tiles that are done. */
static int first_round(const tsr_stage_run *run) {
    const int rounds = tsr_rounds_count(run->stage);
    for (int round = 0; round < rounds; round++)
        for (int64_t p = 0; p < run->stored->points; p++)
            if (!run->met[p] && tsr_rounds_end(run->stage, p, round) > run->end[p]) return round;
    return rounds;
}

/* ---- the whole ---- */

static tsr_status restore_first_reading(tsr_stage_run *run) {
    const bool may_stop = run->stage->spec->until.where != NULL;
    TSR_TRY(check_items(run));
    TSR_TRY(restore_states(run, true));
    restore_items(run);
    TSR_TRY(tsr_outcome_solve(run->stage, run->record));
    if (may_stop) judge(run);
    run->reads = run->stage->spec->until.sum_over == NULL && has_open(run);
    run->retakes = run->reads;
    return run->reads ? check_rewind(run) : TSR_OK;
}

/* From now on the stage has the items that are there. */
static void take_items(tsr_stage_run *run) {
    for (int64_t p = 0; p < run->stored->points; p++) run->stage->point[p].items = run->stored->point_items[p];
    tsr_outcome_count_items(run->stage, run->record);
}

/* Nothing is left to do: the stage is what it was. */
static tsr_status restore_all(tsr_stage_run *run) {
    take_items(run);
    run->record->row.passes = (int)run->stored->passes;
    TSR_TRY(restore_states(run, false));
    TSR_TRY(tsr_outcome_solve(run->stage, run->record));
    return run->stage->spec->until.sum_over == NULL ? TSR_OK : tsr_levels_tell(run);
}

static tsr_status restore_done(tsr_stage_run *run) {
    restore_items(run);
    TSR_TRY(restore_all(run));
    TSR_TRY(tsr_history_restore(run->record, &run->stored->history, run->stored->history.rounds));
    run->reads = false;
    return TSR_OK;
}

/* ---- a stage at hand ---- */

/* Who is precise enough is stored; this only tells how much there will be to do. Where tiles have just been taken back
 * a tally may have nothing to say, which an undisturbed run does not ask it. */
static void predict(tsr_stage_run *run) {
    if (tsr_outcome_solve(run->stage, run->record) == TSR_OK)
        tsr_reading_judge(run);
    else
        tsr_error_clear();
}

/* In the first reading: before a round. Levels are shared out by results; others are only read on. */
static tsr_status take_up_reading(tsr_stage_run *run) {
    const tsr_until *until = &run->stage->spec->until;
    const bool may_stop = until->where != NULL && until->sum_over == NULL;
    int64_t tiles = 0;
    for (int64_t p = 0; p < run->stored->points; p++) tiles += run->end[p];
    if (tiles > 0 && until->sum_over != NULL) TSR_TRY(tsr_outcome_solve(run->stage, run->record));
    if (tiles > 0 && may_stop) predict(run);
    for (int64_t p = 0; p < run->stored->points; p++) run->met[p] = run->stored->met[p] != 0;
    run->watch.tiles_before = tiles;
    run->watch.tiles_total = 0;
    run->round = first_round(run);
    return TSR_OK;
}

/* In a further one: all items are there, and some tallies read them again. */
static tsr_status take_up_refinement(tsr_stage_run *run) {
    const tsr_until *until = &run->stage->spec->until;
    const bool delivers = run->stored->partial.number == TSR_PASS_DELIVERY;
    run->passes = (int)(delivers ? run->stored->passes : run->stored->partial.number);
    run->record->row.passes = run->passes;
    TSR_TRY(tsr_outcome_solve(run->stage, run->record));
    if (until->where != NULL && until->sum_over == NULL) tsr_reading_judge(run);
    take_items(run);
    return until->sum_over == NULL ? TSR_OK : tsr_levels_tell(run);
}

static tsr_status take_up(tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->stored;
    const bool sums = run->stage->spec->until.sum_over != NULL;
    const int64_t rounds = sums ? TSR_LEVELS_ROUNDS_MAX : tsr_rounds_count(run->stage) + 1;
    TSR_REQUIRE(stored->met != NULL && stored->partial.number < INT32_MAX, TSR_ECHECKPOINT,
                "stage %s: what is stored does not say where to go on", stored->name);
    TSR_TRY(check_items(run));
    TSR_TRY(restore_states(run, false));
    restore_items(run);
    run->reads = run->goes_on = true;
    run->watch.begun_ns -= (int64_t)(stored->elapsed_s * 1e9);
    TSR_TRY(stored->partial.number > 0 ? take_up_refinement(run) : take_up_reading(run));
    return tsr_history_restore(run->record, &stored->history, stored->history.rounds + rounds);
}

static tsr_status restore(tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->stored;
    TSR_TRY(check_fit(run));
    if (stored->progress == TSR_STORED_DONE) return restore_done(run);
    if (stored->progress == TSR_STORED_AT_HAND || stored->partial.tiles > 0) run->paused = &stored->partial;
    if (stored->progress == TSR_STORED_AT_HAND) return take_up(run);
    TSR_TRY(restore_first_reading(run));
    return run->reads ? TSR_OK : restore_all(run);
}

tsr_status tsr_restore_stage(tsr_stage_run *run) { return tsr_comm_agree(run->comm, restore(run)); }

/* Points whose last tile is unfinished, and the items of which that is true. */
static void choose_unfinished(tsr_stage_run *run, int64_t *asked) {
    for (int64_t p = 0; p < run->stored->points; p++) {
        const int64_t items = run->stored->point_items[p];
        const bool is_unfinished = is_open(run, p) && items % run->stage->tile_items != 0;
        asked[p] = run->stage->point[p].items;
        run->begin[p] = run->end[p] - is_unfinished;
        if (is_unfinished) run->stage->point[p].items = items;
    }
}

/* Convergence goes on from what the earlier run ended with. */
static tsr_status note_history(const tsr_stage_run *run) {
    return tsr_history_note(run->record, run->stored->point_items[0], tsr_rounds_count(run->stage) + 1);
}

tsr_status tsr_restore_tiles(tsr_stage_run *run) {
    int64_t *asked = calloc((size_t)run->stored->points, sizeof(*asked));
    tsr_status status = asked != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to extend a stage");
    if (status == TSR_OK) status = note_history(run);
    TSR_TRY_OUT(tsr_comm_agree(run->comm, status));
    choose_unfinished(run, asked);
    for (int64_t p = 0; p < run->stored->points; p++) run->watch.tiles_total += run->end[p] - run->begin[p];
    tsr_pass pass = {.number = TSR_PASS_RETAKE};
    status = tsr_reading_pass(run, &pass, tsr_state_subtract);
    run->retakes = false;
    run->watch.tiles_before = run->watch.tiles_total = 0;
    for (int64_t p = 0; p < run->stored->points; p++) {
        run->stage->point[p].items = asked[p];
        run->end[p] = run->begin[p];
        run->watch.tiles_before += run->end[p];
    }
    run->round = first_round(run);
    if (status == TSR_OK) status = tsr_comm_agree(run->comm, tsr_prints_fit(&run->record->prints, run->end));
out:
    free(asked);
    return status;
}
