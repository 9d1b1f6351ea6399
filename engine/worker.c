#include "engine/worker.h"

#include <stdlib.h>

enum { ALIGNMENT = 64 };

tsr_status tsr_states_create(int64_t count, tsr_states *out) {
    out->count = count;
    out->state = calloc((size_t)count, sizeof(tsr_state *));
    TSR_REQUIRE(out->state != NULL || count == 0, TSR_ERUNTIME, "no memory for %lld states", (long long)count);
    return TSR_OK;
}

void tsr_states_clear(tsr_states *states) {
    for (int64_t i = 0; i < states->count && states->state != NULL; i++) tsr_state_destroy(&states->state[i]);
    free(states->state);
    *states = (tsr_states){0};
}

static tsr_status allocate(size_t bytes, const char *what, void **out) {
    *out = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for %s: %zu bytes", what, bytes);
    return TSR_OK;
}

static tsr_status allocate_blocks(tsr_worker *worker) {
    const tsr_bound_stage *stage = worker->stage;
    for (int i = 0; i <= stage->spec->map_count; i++) {
        int64_t items = stage->block_items + stage->link[i].halo;
        int64_t stride = (items + 7) / 8 * 8;
        void *data;
        TSR_TRY(allocate((size_t)(stride * stage->link[i].columns) * sizeof(double), "a block", &data));
        worker->block[i] = (tsr_block){.stride = stride, .columns = stage->link[i].columns, .data = data};
    }
    return TSR_OK;
}

static tsr_status allocate_scratch(tsr_worker *worker) {
    const tsr_stage *spec = worker->stage->spec;
    for (int i = 0; i < spec->tally_count; i++) {
        const tsr_tally *tally = spec->tallies[i].table;
        size_t bytes = tally->scratch_bytes != NULL ? tally->scratch_bytes(worker->stage->tally_models[i]) : 0;
        if (bytes > 0) TSR_TRY(allocate(bytes, tally->name, &worker->scratch[i]));
    }
    return TSR_OK;
}

tsr_status tsr_worker_create(const tsr_bound_stage *stage, tsr_worker **out) {
    tsr_worker *worker = calloc(1, sizeof(*worker));
    TSR_REQUIRE(worker != NULL, TSR_ERUNTIME, "no memory for a thread");
    worker->stage = stage;
    *out = worker; /* destroyed by the caller also when the rest fails */
    TSR_TRY(tsr_draws_create(stage->workspace_bytes, &worker->draws));
    TSR_TRY(allocate_blocks(worker));
    TSR_TRY(allocate_scratch(worker));
    return tsr_states_create(stage->span.points * stage->spec->tally_count, &worker->states);
}

void tsr_worker_destroy(tsr_worker **worker) {
    if (*worker == NULL) return;
    tsr_draws_destroy(&(*worker)->draws);
    for (int i = 0; i <= TSR_MAPS_MAX; i++) free((*worker)->block[i].data);
    for (int i = 0; i < TSR_TALLIES_MAX; i++) free((*worker)->scratch[i]);
    tsr_states_clear(&(*worker)->states);
    free(*worker);
    *worker = NULL;
}

/* One tile's view of its tallies; those that have read enough are left out. */
typedef struct {
    int count;
    const tsr_tally *table[TSR_TALLIES_MAX];
    tsr_fold fold[TSR_TALLIES_MAX];
} tile_folds;

static tsr_status collect_folds(tsr_worker *worker, const tsr_tile_task *task, tile_folds *folds) {
    const tsr_bound_stage *stage = worker->stage;
    folds->count = 0;
    for (int i = 0; i < stage->spec->tally_count; i++) {
        const tsr_tally *table = stage->spec->tallies[i].table;
        const void *model = stage->tally_models[i];
        int64_t slot = task->point * stage->spec->tally_count + i;
        const tsr_state *settled = task->settled != NULL ? task->settled->state[slot] : NULL;
        if (task->finished != NULL && task->finished[slot]) continue;
        tsr_state **state = &worker->states.state[slot];
        if (*state == NULL) TSR_TRY(tsr_state_create(table->layout(model), state));
        folds->table[folds->count] = table;
        folds->fold[folds->count++] = (tsr_fold){
            .model = model, .scratch = worker->scratch[i], .settled = settled, .pass = task->pass, .state = *state};
    }
    return TSR_OK;
}

static tsr_status fill_block(tsr_worker *worker, const tsr_point *point, int64_t item, int64_t items) {
    const tsr_bound_stage *stage = worker->stage;
    for (int i = 0; i <= stage->spec->map_count; i++) {
        worker->block[i].item = item;
        worker->block[i].items = items + stage->link[i].halo;
    }
    tsr_draws_begin(worker->draws, &point->sampling, item, worker->block[0].items);
    TSR_TRY(stage->spec->source.table->fill(point->source_model, worker->draws, &worker->block[0]));
    for (int i = 0; i < stage->spec->map_count; i++)
        TSR_TRY(stage->spec->maps[i].table->apply(point->map_models[i], &worker->block[i], &worker->block[i + 1]));
    return TSR_OK;
}

tsr_status tsr_worker_fold(tsr_worker *worker, const tsr_tile_task *task) {
    const tsr_bound_stage *stage = worker->stage;
    const tsr_point *point = &stage->point[task->point];
    const tsr_block *last = &worker->block[stage->spec->map_count];
    int64_t begin = task->tile * stage->tile_items;
    int64_t end = begin + stage->tile_items < point->items ? begin + stage->tile_items : point->items;
    tile_folds folds;
    TSR_TRY(collect_folds(worker, task, &folds));
    for (int i = 0; i < folds.count; i++)
        if (folds.table[i]->begin_tile != NULL) TSR_TRY(folds.table[i]->begin_tile(&folds.fold[i]));
    for (int64_t item = begin; item < end; item += stage->block_items) {
        int64_t items = end - item < stage->block_items ? end - item : stage->block_items;
        TSR_TRY(fill_block(worker, point, item, items));
        for (int i = 0; i < folds.count; i++) TSR_TRY(folds.table[i]->add_block(&folds.fold[i], last));
    }
    for (int i = 0; i < folds.count; i++)
        if (folds.table[i]->end_tile != NULL) TSR_TRY(folds.table[i]->end_tile(&folds.fold[i]));
    worker->items += end - begin;
    return TSR_OK;
}
