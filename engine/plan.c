#include "engine/plan.h"

#include "engine/stage_tally.h"
#include "engine/until.h"
#include "engine/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- memory ---- */

/* Of this host, or what this process may have of it. */
static double memory_bytes(void) {
    struct rlimit limit;
    const double host = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const bool is_limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return is_limited && (double)limit.rlim_cur < host ? (double)limit.rlim_cur : host;
}

/* What can never fit is refused; what may not is told by `plan`, and by whoever finds no memory left. */
static tsr_status check_memory(const tsr_bound_stage *stage) {
    const double gib = 1024.0 * 1024.0 * 1024.0;
    double bytes = 0;
    if (!stage->ready) return TSR_OK;
    for (int i = 0; i < stage->tally_count; i++) bytes += (double)tsr_state_least_bytes(tsr_stage_layout(stage, i));
    bytes *= (double)stage->span.points;
    TSR_REQUIRE(bytes <= memory_bytes(), TSR_EUSAGE,
                "stage %s needs at least %.1f GiB of memory for its tallies at %lld point%s, and there are %.1f GiB; "
                "take fewer points, bins or records",
                stage->spec->name, bytes / gib, (long long)stage->span.points, stage->span.points == 1 ? "" : "s",
                memory_bytes() / gib);
    return TSR_OK;
}

/* ---- begin and end ---- */

static tsr_status bind_stage(tsr_plan *plan, int index) {
    tsr_bound_stage *stage = &plan->stage[index];
    TSR_TRY(tsr_stage_bind(plan->job, index, NULL, NULL, stage));
    TSR_TRY(check_memory(stage));
    return stage->ready ? tsr_stage_check_until(stage) : TSR_OK;
}

/* The reason why a stage that reads files is left out is kept in place of its failure. */
static tsr_status leave_out(tsr_plan *plan, int index, tsr_status status) {
    const bool is_refused = status == TSR_EDATA || status == TSR_EUSAGE || status == TSR_EIO;
    if (!is_refused || plan->job->stages[index].source.table->inputs == NULL) return status;
    plan->fault[index] = strdup(tsr_error_get()->message);
    TSR_REQUIRE(plan->fault[index] != NULL, TSR_ERUNTIME, "no memory for what is wrong with an input");
    tsr_error_clear();
    return TSR_OK;
}

static tsr_status make_plan(const tsr_job *job, tsr_plan **out) {
    const size_t stages = (size_t)job->stage_count;
    tsr_plan *plan = calloc(1, sizeof(*plan));
    TSR_REQUIRE(plan != NULL, TSR_ERUNTIME, "no memory for %zu stages", stages);
    *plan = (tsr_plan){
        .job = job, .stage = calloc(stages, sizeof(*plan->stage)), .fault = calloc(stages, sizeof(*plan->fault))};
    *out = plan;
    if (plan->stage != NULL && plan->fault != NULL) return TSR_OK;
    tsr_plan_destroy(out);
    return TSR_FAIL(TSR_ERUNTIME, "no memory for %zu stages", stages);
}

static tsr_status create(const tsr_job *job, bool partly, tsr_plan **out) {
    tsr_plan *plan = NULL;
    tsr_status status = make_plan(job, &plan);
    for (int i = 0; i < job->stage_count && status == TSR_OK; i++) {
        status = bind_stage(plan, i);
        if (partly && status != TSR_OK) status = leave_out(plan, i, status);
    }
    if (status == TSR_OK)
        *out = plan;
    else
        tsr_plan_destroy(&plan);
    return status;
}

tsr_status tsr_plan_create(const tsr_job *job, tsr_plan **out) { return create(job, false, out); }

tsr_status tsr_plan_create_partly(const tsr_job *job, tsr_plan **out) { return create(job, true, out); }

const char *tsr_plan_fault(const tsr_plan *plan, int stage) { return plan->fault[stage]; }

void tsr_plan_destroy(tsr_plan **plan) {
    if (*plan == NULL) return;
    for (int i = 0; i < (*plan)->job->stage_count; i++) {
        if ((*plan)->stage != NULL) tsr_stage_clear(&(*plan)->stage[i]);
        if ((*plan)->fault != NULL) free((*plan)->fault[i]);
    }
    free((*plan)->stage);
    free((*plan)->fault);
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
                                      .delivers = stage->spec->sink.table != NULL,
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
