#include "engine/plan.h"

#include "engine/until.h"
#include "engine/worker.h"

#include <stdlib.h>

tsr_status tsr_plan_create(const tsr_job *job, tsr_plan **out) {
    tsr_plan *plan = calloc(1, sizeof(*plan));
    if (plan != NULL) plan->stage = calloc((size_t)job->stage_count, sizeof(*plan->stage));
    if (plan == NULL || plan->stage == NULL) {
        free(plan);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for %d stages", job->stage_count);
    }
    plan->job = job;
    tsr_status status = TSR_OK;
    for (int i = 0; i < job->stage_count && status == TSR_OK; i++) {
        status = tsr_stage_bind(job, i, NULL, NULL, &plan->stage[i]);
        if (status == TSR_OK && plan->stage[i].ready) status = tsr_stage_check_until(&plan->stage[i]);
    }
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
    tsr_outcome_destroy(&(*plan)->outcome);
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
    tsr_status status = tsr_worker_create(stage, 1, &worker);
    if (status == TSR_OK) status = tsr_worker_fold(worker, &task);
    if (status == TSR_OK) {
        int64_t items = worker->items, begun = tsr_clock_ns();
        status = tsr_worker_fold(worker, &task);
        out->ns_per_item = (double)(tsr_clock_ns() - begun) / (double)items;
        out->state_bytes = bytes_of(&worker->states) * stage->span.points * stage->replicates;
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
        if (stage->ready) out[i].tile_items = stage->tile_items;
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
