#include "engine/legs.h"

#include "engine/snapshot.h"

static tsr_status begin_pass(tsr_stage_run *run, const tsr_pass *pass, tsr_partial *partial) {
    const tsr_stored_partial *paused = run->paused;
    TSR_TRY(tsr_pass_begin(pass, partial));
    run->paused = NULL;
    if (paused == NULL) return TSR_OK;
    TSR_TRY(tsr_partial_unpack(paused, pass->stage, partial));
    if (pass->number == 0) run->record->row.items_before += partial->done * pass->stage->tile_items;
    return TSR_OK;
}

tsr_status tsr_legs_run(tsr_stage_run *run, const tsr_pass *pass, tsr_partial *partial) {
    TSR_TRY(tsr_comm_agree(run->comm, begin_pass(run, pass, partial)));
    for (;;) {
        run->watch.tiles_done = partial->done;
        TSR_TRY(tsr_pass_run(pass, run->comm, run->options, partial, &run->account));
        if (partial->done == partial->tiles) return TSR_OK;
        TSR_TRY(tsr_snapshot_keep(run, partial));
    }
}
