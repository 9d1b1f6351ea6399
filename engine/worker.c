#include "engine/worker.h"

#include "engine/skipped.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

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

static size_t print_bytes(const tsr_bound_stage *stage) {
    return (size_t)stage->link[stage->spec->map_count].columns * sizeof(tsr_print_lanes);
}

static tsr_status allocate_print(tsr_worker *worker) {
    void *print;
    TSR_TRY(allocate(print_bytes(worker->stage), "a print", &print));
    worker->print = print;
    return TSR_OK;
}

static tsr_status allocate_scratch(tsr_worker *worker) {
    for (int i = 0; i < worker->stage->tally_count; i++) {
        const tsr_bound_tally *tally = &worker->stage->tally[i];
        size_t bytes = tally->table->scratch_bytes != NULL ? tally->table->scratch_bytes(tally->model) : 0;
        if (bytes > 0) TSR_TRY(allocate(bytes, tally->table->name, &worker->scratch[i]));
    }
    return TSR_OK;
}

tsr_status tsr_worker_create(const tsr_bound_stage *stage, int parts, tsr_worker **out) {
    tsr_worker *worker = calloc(1, sizeof(*worker));
    TSR_REQUIRE(worker != NULL, TSR_ERUNTIME, "no memory for a thread");
    worker->stage = stage;
    *out = worker; /* destroyed by the caller also when the rest fails */
    TSR_TRY(tsr_draws_create(stage->workspace_bytes, &worker->draws));
    for (int64_t i = 0; i < stage->span.points; i++)
        TSR_TRY(tsr_draws_reserve(worker->draws, &stage->point[i].sampling));
    TSR_TRY(allocate_blocks(worker));
    TSR_TRY(allocate_print(worker));
    TSR_TRY(allocate_scratch(worker));
    const tsr_states shape = {.points = stage->span.points, .parts = parts, .tallies = stage->tally_count};
    return tsr_states_create(shape, &worker->states);
}

void tsr_worker_destroy(tsr_worker **worker) {
    if (*worker == NULL) return;
    tsr_draws_destroy(&(*worker)->draws);
    for (int i = 0; i <= TSR_MAPS_MAX; i++) free((*worker)->block[i].data);
    for (int i = 0; i <= TSR_TALLIES_MAX; i++) free((*worker)->scratch[i]);
    free((*worker)->print);
    tsr_states_clear(&(*worker)->states);
    free(*worker);
    *worker = NULL;
}

/* The view that a tile, or a replicate's part of it, has of its tallies; those that have read enough are left out. */
typedef struct {
    const tsr_bound_stage *stage;
    int64_t point;
    int count;
    const tsr_tally *table[TSR_TALLIES_MAX + 1];
    tsr_fold fold[TSR_TALLIES_MAX + 1];
    tsr_fold skipped; /* of the items that are left out, if the stage leaves out any */
} tile_folds;

static tsr_status collect_folds(tsr_worker *worker, const tsr_tile_task *task, int part, tile_folds *folds) {
    const tsr_bound_stage *stage = worker->stage;
    *folds = (tile_folds){.stage = stage, .point = task->point};
    for (int i = 0; i < stage->tally_count; i++) {
        const tsr_bound_tally *tally = &stage->tally[i];
        if (task->finished != NULL && task->finished[task->point * stage->tally_count + i]) continue;
        tsr_state **state = tsr_states_at(&worker->states, task->point, part, i);
        if (*state == NULL) TSR_TRY(tsr_state_create(tally->table->layout(tally->model), state));
        const tsr_fold fold = {.model = tally->model,
                               .scratch = worker->scratch[i],
                               .settled =
                                   task->settled != NULL ? *tsr_states_at(task->settled, task->point, 0, i) : NULL,
                               .pass = task->pass,
                               .state = *state};
        if (i == stage->skipped) {
            folds->skipped = fold;
            continue;
        }
        folds->table[folds->count] = tally->table;
        folds->fold[folds->count++] = fold;
    }
    return TSR_OK;
}

static void weigh_block(const tsr_sampling *sampling, const tsr_block *block) {
    double weight[TSR_BLOCK_ITEMS_MAX];
    if (sampling->design == NULL || sampling->design->weights == NULL) return;
    sampling->design->weights(sampling->design_model, block->item, block->items, weight);
    for (int c = 0; c < block->columns; c++) {
        double *value = tsr_column(block, c);
        for (int64_t i = 0; i < block->items; i++) value[i] *= weight[i];
    }
}

tsr_status tsr_worker_fill(tsr_worker *worker, int64_t index, tsr_range range) {
    const tsr_bound_stage *stage = worker->stage;
    const tsr_point *point = &stage->point[index];
    for (int i = 0; i <= stage->spec->map_count; i++) {
        worker->block[i].item = range.begin;
        worker->block[i].items = range.end - range.begin + stage->link[i].halo;
    }
    tsr_draws_begin(worker->draws, &point->sampling, range.begin, worker->block[0].items);
    TSR_TRY(stage->spec->source.table->fill(point->source_model, worker->draws, &worker->block[0]));
    weigh_block(&point->sampling, &worker->block[0]);
    for (int i = 0; i < stage->spec->map_count; i++)
        TSR_TRY(stage->spec->maps[i].table->apply(point->map_models[i], &worker->block[i], &worker->block[i + 1]));
    return TSR_OK;
}

static tsr_status add_block(const tile_folds *folds, const tsr_block *block) {
    for (int i = 0; i < folds->count; i++) TSR_TRY(folds->table[i]->add_block(&folds->fold[i], block));
    return TSR_OK;
}

/* Items from..to of a block, as a block. */
static tsr_block part_of(const tsr_block *block, tsr_range range) {
    tsr_block part = *block;
    part.item += range.begin;
    part.items = range.end - range.begin;
    part.data += range.begin;
    return part;
}

/* One look at the block, for its print and for what is not finite in it. */
static bool print_block(tsr_worker *worker, const tsr_block *block) {
    bool is_finite = true;
    for (int c = 0; c < block->columns; c++)
        is_finite &= tsr_print_add(&worker->print[c], tsr_column(block, c), block->items);
    return is_finite;
}

/* The first column of an item that is not finite, or -1. */
static int spoilt_column(const tsr_block *block, int64_t index) {
    for (int c = 0; c < block->columns; c++)
        if (!isfinite(tsr_column(block, c)[index])) return c;
    return -1;
}

/* What is finite reaches the tallies in runs; the rest is counted. Nothing is moved, so that items keep their numbers.
 */
static tsr_status add_finite_runs(const tile_folds *folds, const tsr_block *block) {
    int64_t begin = 0;
    for (int64_t i = 0; i <= block->items; i++) {
        if (i < block->items && spoilt_column(block, i) < 0) continue;
        const tsr_block run = part_of(block, (tsr_range){begin, i});
        if (run.items > 0) TSR_TRY(add_block(folds, &run));
        begin = i + 1;
        if (i == block->items || folds->skipped.state == NULL) continue;
        const tsr_block one = part_of(block, (tsr_range){i, i + 1});
        TSR_TRY(tsr_tally_skipped.add_block(&folds->skipped, &one));
    }
    return TSR_OK;
}

static tsr_status refuse_item(const tile_folds *folds, const tsr_block *block) {
    const tsr_bound_stage *stage = folds->stage;
    int64_t i = 0;
    while (spoilt_column(block, i) < 0) i++;
    const int column = spoilt_column(block, i);
    const int64_t row = block->item + i;
    const double value = tsr_column(block, column)[i]; /* the sign of a NaN is the processor's */
    char which[64] = "";
    if (stage->rows > 1) snprintf(which, sizeof(which), " --row %lld", (long long)(row % stage->rows));
    return TSR_FAIL(TSR_ENUMERIC,
                    "%s: stage %s: column %s of item %lld is %g; `nonfinite: skip` leaves such items out and counts "
                    "them; to see how it came about: tessera replay %s --set seed=%llu --stage %s --point %lld --item "
                    "%lld%s",
                    stage->spec->where, stage->spec->name, stage->fields[column].name, (long long)(row / stage->rows),
                    isnan(value) ? NAN : value, stage->job->file, (unsigned long long)stage->job->seed,
                    stage->spec->name, (long long)folds->point, (long long)(row / stage->rows), which);
}

static tsr_status sift_block(tsr_worker *worker, const tile_folds *folds) {
    const tsr_block *block = &worker->block[folds->stage->spec->map_count];
    const bool is_finite = print_block(worker, block);
    if (is_finite || folds->stage->spec->nonfinite == TSR_NONFINITE_KEEP) return add_block(folds, block);
    if (folds->stage->spec->nonfinite == TSR_NONFINITE_SKIP) return add_finite_runs(folds, block);
    return refuse_item(folds, block);
}

/* Blocks of designed items end where their groups end. */
int64_t tsr_worker_block_end(const tsr_bound_stage *stage, int64_t item, int64_t end) {
    int64_t last = item + stage->block_items < end ? item + stage->block_items : end;
    const int64_t group = (item / TSR_GROUP_ITEMS + 1) * TSR_GROUP_ITEMS;
    return stage->spec->design.table != NULL && group < last ? group : last;
}

/* A tile, or the part of it that belongs to one replicate or chain. */
static tsr_status fold_range(tsr_worker *worker, const tsr_tile_task *task, tsr_range range) {
    const tsr_bound_stage *stage = worker->stage;
    const int part = worker->states.parts > 1 ? tsr_stage_replicate(stage, range.begin) : 0;
    tile_folds folds;
    TSR_TRY(collect_folds(worker, task, part, &folds));
    for (int i = 0; i < folds.count; i++)
        if (folds.table[i]->begin_tile != NULL) TSR_TRY(folds.table[i]->begin_tile(&folds.fold[i]));
    for (int64_t item = range.begin; item < range.end;) {
        const int64_t last = tsr_worker_block_end(stage, item, range.end);
        TSR_TRY(tsr_worker_fill(worker, task->point, (tsr_range){item, last}));
        TSR_TRY(sift_block(worker, &folds));
        item = last;
    }
    for (int i = 0; i < folds.count; i++)
        if (folds.table[i]->end_tile != NULL) TSR_TRY(folds.table[i]->end_tile(&folds.fold[i]));
    worker->items += range.end - range.begin;
    return TSR_OK;
}

tsr_status tsr_worker_fold(tsr_worker *worker, const tsr_tile_task *task) {
    const tsr_bound_stage *stage = worker->stage;
    const int64_t items = stage->point[task->point].items, begin = task->tile * stage->tile_items;
    const int64_t end = begin + stage->tile_items < items ? begin + stage->tile_items : items;
    memset(worker->print, 0, print_bytes(stage));
    for (int64_t item = begin; item < end;) {
        const int64_t unit = tsr_stage_unit_end(stage, item), last = unit < end ? unit : end;
        TSR_TRY(fold_range(worker, task, (tsr_range){item, last}));
        item = last;
    }
    if (task->prints != NULL)
        tsr_prints_add(
            task->prints, task->point, task->tile,
            tsr_print_end(worker->print, stage->link[stage->spec->map_count].columns, end - begin, task->tile));
    return TSR_OK;
}
