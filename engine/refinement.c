#include "engine/refinement.h"

#include "engine/reading.h"
#include "engine/stage_tally.h"

#include <stdlib.h>

enum { PASSES_MAX = 10000 };

/* finished: [points, tallies], who has read enough after so many passes. True if somebody has not. */
static bool find_finished(const tsr_stage_run *run, int passes, bool *finished) {
    const tsr_bound_stage *stage = run->stage;
    bool wanting = false;
    for (int64_t slot = 0; slot < stage->span.points * stage->tally_count; slot++) {
        const int tally = (int)(slot % stage->tally_count);
        tsr_state *state = *tsr_states_at(&run->record->states, slot / stage->tally_count, 0, tally);
        finished[slot] = !tsr_stage_unfinished(stage, tally, state, passes);
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
    for (int passes = run->passes > 0 ? run->passes : 1; find_finished(run, passes, finished); passes++) {
        TSR_REQUIRE(passes < PASSES_MAX, TSR_EINTERNAL, "stage %s: a tally is not finished after %d passes",
                    run->record->row.name, passes);
        tsr_pass pass = {.stage = run->stage,
                         .number = passes,
                         .begin = run->begin,
                         .end = run->end,
                         .settled = &run->record->states,
                         .finished = finished};
        run->watch.tiles_total += tsr_pass_tiles(&pass);
        TSR_TRY(tsr_reading_pass(run, &pass, tsr_state_add));
        TSR_TRY(tsr_reading_solve(run));
        run->record->row.passes = passes + 1;
    }
    return TSR_OK;
}

tsr_status tsr_refinement_run(tsr_stage_run *run) {
    const int64_t slots = run->stage->span.points * run->stage->tally_count;
    bool *finished = calloc((size_t)slots + 1, sizeof(*finished));
    tsr_status status = finished != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for another pass");
    status = tsr_comm_agree(run->comm, status);
    if (status == TSR_OK) status = refine(run, finished);
    free(finished);
    return status;
}
