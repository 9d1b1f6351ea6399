#include "engine/refold.h"

#include "engine/inputs.h"
#include "engine/plan.h"
#include "engine/reading.h"
#include "engine/refinement.h"

#include <stdlib.h>
#include <string.h>

/* ---- before computing ---- */

static bool has_tiles(const tsr_bound_stage *stage, const tsr_stored_stage *stored, int64_t point) {
    const int64_t items = stored->point_items[point];
    const int64_t tiles = items / stage->tile_items + (items % stage->tile_items != 0);
    const int64_t group_tiles = stored->prints.group_tiles;
    const int64_t groups = tiles / group_tiles + (tiles % group_tiles != 0);
    const bool is_bounded = stage->spec->source.table->inputs != NULL; /* a dataset has no more items than rows */
    return stored->prints.first[point] == 0 && tsr_prints_groups(&stored->prints, point) == groups &&
           (!is_bounded || items <= stage->point[point].items);
}

/* A stage that was at hand when its run was stopped is not restored, which would have told. */
static tsr_status check_fit(const tsr_bound_stage *stage, const tsr_stored_stage *stored) {
    bool fits = stored->points == stage->span.points && stored->tile_items == stage->tile_items &&
                stored->prints.points == stored->points;
    for (int64_t p = 0; p < stored->points && fits; p++) fits = has_tiles(stage, stored, p);
    TSR_REQUIRE(fits, TSR_ECHECKPOINT, "stage %s: what is stored has other points or tiles than the job", stored->name);
    return TSR_OK;
}

/* ---- computing ---- */

/* The stage has the items that are stored, all of which are to be read in one go. */
static tsr_status begin(tsr_stage_run *run) {
    const size_t points = (size_t)run->stored->points + 1;
    run->begin = calloc(points, sizeof(*run->begin));
    run->end = calloc(points, sizeof(*run->end));
    TSR_REQUIRE(run->begin != NULL && run->end != NULL, TSR_ERUNTIME, "no memory for %zu sweep points", points - 1);
    TSR_REQUIRE(run->stored->points == run->stage->span.points, TSR_ECHECKPOINT,
                "stage %s: what is stored has other points than the job", run->stored->name);
    for (int64_t p = 0; p < run->stored->points; p++) {
        run->stage->point[p].items = run->stored->point_items[p];
        run->end[p] = tsr_stage_tiles(run->stage, p);
    }
    return tsr_outcome_describe(run->stage, run->record);
}

static tsr_status fold(tsr_stage_run *run) {
    tsr_pass pass = {.number = 0};
    TSR_TRY(tsr_comm_agree(run->comm, begin(run)));
    TSR_TRY(tsr_reading_pass(run, &pass, tsr_state_add));
    TSR_TRY(tsr_reading_solve(run));
    return tsr_refinement_run(run);
}

/* ---- comparing ---- */

static bool same_tally(const tsr_stored_tally *a, const tsr_stored_tally *b, int64_t rows) {
    const size_t offsets = (size_t)(rows + 1) * sizeof(*a->offset);
    return memcmp(a->offset, b->offset, offsets) == 0 &&
           memcmp(a->words, b->words, (size_t)a->offset[rows] * sizeof(*a->words)) == 0;
}

static tsr_status compare_tally(const tsr_stage_run *run, int tally, bool *same) {
    const tsr_states *states = &run->record->states;
    const int64_t rows = states->points * states->parts;
    tsr_stored_tally packed = {0};
    const tsr_status status =
        tsr_stored_tally_pack(run->stored->tally[tally].name, states->state + tally, rows, states->tallies, &packed);
    if (status == TSR_OK) *same = *same && same_tally(&packed, &run->stored->tally[tally], rows);
    tsr_stored_tally_clear(&packed);
    return status;
}

static tsr_status compare_states(const tsr_stage_run *run, bool *same) {
    const tsr_states *states = &run->record->states;
    *same = run->stored->tallies == states->tallies && run->stored->parts == states->parts;
    for (int t = 0; t < states->tallies && *same; t++) TSR_TRY(compare_tally(run, t, same));
    return TSR_OK;
}

static bool differs(const tsr_stage_run *run, int64_t point, int64_t group) {
    return tsr_prints_at(&run->record->prints, point, group) != tsr_prints_at(&run->stored->prints, point, group);
}

static tsr_status compare_prints(const tsr_stage_run *run, tsr_refolding *out) {
    const tsr_prints *prints = &run->record->prints;
    TSR_REQUIRE(tsr_prints_are_alike(prints, &run->stored->prints), TSR_ECHECKPOINT,
                "stage %s: what is stored has other tiles than the job", run->stored->name);
    for (int64_t p = 0; p < prints->points; p++)
        for (int64_t group = 0; group < tsr_prints_groups(prints, p); group++) out->wrong += differs(run, p, group);
    out->probe = calloc((size_t)out->wrong + 1, sizeof(*out->probe));
    TSR_REQUIRE(out->probe != NULL, TSR_ERUNTIME, "no memory for %lld tiles that differ", (long long)out->wrong);
    tsr_probe *next = out->probe;
    for (int64_t p = 0; p < prints->points; p++)
        for (int64_t group = 0; group < tsr_prints_groups(prints, p); group++)
            if (differs(run, p, group))
                *next++ = (tsr_probe){.point = p, .group = group, .differs = true, .is_steady = true};
    return TSR_OK;
}

/* Whoever differs from what is stored and from what came out now is not steady. */
static tsr_status look_again(const tsr_stage_run *run, tsr_refolding *out) {
    const tsr_prints *first = &run->record->prints;
    tsr_stored_stage now = *run->stored;
    now.prints = *first;
    if (out->wrong == 0) return TSR_OK;
    TSR_TRY(tsr_probe_run(run->stage, &now, run->comm, run->options->threads, out->probe, out->wrong));
    for (int64_t i = 0; i < out->wrong; i++)
        out->probe[i] = (tsr_probe){.point = out->probe[i].point,
                                    .group = out->probe[i].group,
                                    .differs = true,
                                    .is_steady = !out->probe[i].differs};
    return TSR_OK;
}

static tsr_status compare(const tsr_stage_run *run, tsr_refolding *out) {
    TSR_TRY(compare_states(run, &out->same_state));
    return compare_prints(run, out);
}

tsr_status tsr_plan_refold(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage,
                           tsr_refolding *out) {
    *out = (tsr_refolding){0};
    TSR_TRY(tsr_plan_prepare(plan, comm, options, stage));
    tsr_stage_run run = {.plan = plan,
                         .index = stage,
                         .stage = &plan->stage[stage],
                         .record = &plan->outcome->stage[stage],
                         .comm = comm,
                         .options = options,
                         .stored = &options->stored[stage]};
    tsr_status status = fold(&run);
    if (status == TSR_OK) status = tsr_comm_agree(comm, compare(&run, out));
    if (status == TSR_OK) status = look_again(&run, out);
    free(run.begin);
    free(run.end);
    return status;
}

/* ---- a sample of them, and what they were read from ---- */

tsr_status tsr_plan_probe(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, int stage, tsr_probe *probe,
                          int64_t count) {
    TSR_TRY(tsr_plan_prepare(plan, comm, options, stage));
    TSR_TRY(tsr_comm_agree(comm, check_fit(&plan->stage[stage], &options->stored[stage])));
    return tsr_probe_run(&plan->stage[stage], &options->stored[stage], comm, options->threads, probe, count);
}

tsr_status tsr_plan_compare_inputs(const tsr_plan *plan, int stage, const tsr_stored_stage *stored) {
    tsr_input *input = NULL;
    int count = 0;
    if (!plan->stage[stage].ready) return TSR_OK;
    tsr_status status = tsr_inputs_collect(&plan->stage[stage], &input, &count);
    if (status == TSR_OK) status = tsr_inputs_compare(input, count, stored->input, stored->inputs);
    free(input);
    return status;
}
