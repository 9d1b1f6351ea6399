#include "engine/worker.h"

#include "engine/places.h"
#include "engine/shell.h"
#include "engine/skipped.h"
#include "engine/stage_tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, COLUMN_ALIAS = 64 /* doubles */, PLACE_BYTES = 512 };

static tsr_status allocate(size_t bytes, const char *what, void **out) {
    *out = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for %s: %zu bytes", what, bytes);
    return TSR_OK;
}

static tsr_status allocate_blocks(tsr_worker *worker) {
    const tsr_bound_stage *stage = worker->stage;
    for (int i = 0; i <= stage->spec->map_count; i++) {
        int64_t stride = (stage->link[i].room + 7) / 8 * 8;
        if (stride % COLUMN_ALIAS == 0) stride += 8; /* or all columns compete for the same places of the cache */
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
    worker->prepared = -1;
    *out = worker; /* destroyed by the caller also when the rest fails */
    TSR_TRY(tsr_draws_create(stage->workspace_bytes, &worker->draws));
    for (int64_t i = 0; i < stage->span.points; i++)
        TSR_TRY(tsr_draws_reserve(worker->draws, &stage->point[i].sampling));
    TSR_TRY(allocate_blocks(worker));
    TSR_TRY(allocate_print(worker));
    TSR_TRY(allocate_scratch(worker));
    TSR_TRY(tsr_sift_create(stage, &worker->sift));
    const tsr_states shape = {.points = stage->span.points, .parts = parts, .tallies = stage->tally_count};
    return tsr_states_create(shape, &worker->states);
}

void tsr_worker_destroy(tsr_worker **worker) {
    if (*worker == NULL) return;
    tsr_draws_destroy(&(*worker)->draws);
    for (int i = 0; i <= TSR_MAPS_MAX; i++) free((*worker)->block[i].data);
    for (int i = 0; i < TSR_TALLIES_MAX + TSR_OWN_TALLIES; i++) free((*worker)->scratch[i]);
    tsr_sift_destroy(&(*worker)->sift);
    tsr_gather_destroy(&(*worker)->gather);
    free((*worker)->print);
    tsr_states_clear(&(*worker)->states);
    free(*worker);
    *worker = NULL;
}

/* The view that a tile, or a replicate's part of it, has of its tallies; those that have read enough are left out. */
typedef struct {
    const tsr_bound_stage *stage;
    int64_t point;
    bool again; /* a first reading has seen the same items */
    int count;
    const tsr_tally *table[TSR_TALLIES_MAX];
    tsr_fold fold[TSR_TALLIES_MAX];
    tsr_state *look[TSR_TALLIES_MAX]; /* of what is settled, where groups have windows of their own */
    tsr_fold skipped;                 /* of the items that are left out, if the stage leaves out any */
    tsr_fold selected;                /* and of those that are not */
    tsr_fold places;                  /* and of the rows of a sink */
} tile_folds;

static tsr_status collect_fold(tsr_worker *worker, const tsr_tile_task *task, int part, int tally, tsr_fold *out) {
    const tsr_bound_stage *stage = worker->stage;
    tsr_state **state = tsr_states_at(&worker->states, task->point, part, tally);
    if (*state == NULL) TSR_TRY(tsr_stage_state(stage, tally, state));
    *out = (tsr_fold){.model = stage->tally[tally].model,
                      .scratch = worker->scratch[tally],
                      .settled = task->settled != NULL ? *tsr_states_at(task->settled, task->point, 0, tally) : NULL,
                      .pass = task->pass,
                      .state = *state,
                      .seed = stage->job->seed};
    return TSR_OK;
}

static tsr_status collect_folds(tsr_worker *worker, const tsr_tile_task *task, int part, tile_folds *folds) {
    const tsr_bound_stage *stage = worker->stage;
    *folds = (tile_folds){.stage = stage, .point = task->point, .again = task->pass > 0};
    for (int i = 0; i < stage->tally_count; i++) {
        tsr_fold fold;
        if (task->finished != NULL && task->finished[task->point * stage->tally_count + i]) continue;
        TSR_TRY(collect_fold(worker, task, part, i, &fold));
        if (i == stage->skipped) {
            folds->skipped = fold;
        } else if (i == stage->selected) {
            folds->selected = fold;
        } else if (i == stage->places) {
            folds->places = fold;
        } else {
            const int at = folds->count++;
            folds->table[at] = stage->tally[i].table;
            folds->fold[at] = fold;
            if (stage->groups.keys == 0 || fold.settled == NULL) continue;
            TSR_TRY(tsr_state_look(fold.settled, &folds->look[at]));
            folds->fold[at].settled = folds->look[at];
        }
    }
    return TSR_OK;
}

static void drop_folds(tile_folds *folds) {
    for (int i = 0; i < folds->count; i++) tsr_state_destroy(&folds->look[i]);
}

/* ---- the blocks of the chain ---- */

static void weigh_block(const tsr_sampling *sampling, const tsr_block *block) {
    double weight[TSR_BLOCK_ITEMS_MAX];
    if (sampling->design == NULL || sampling->design->weights == NULL) return;
    sampling->design->weights(sampling->design_model, block->item, block->items, weight);
    for (int c = 0; c < block->columns; c++) {
        double *value = tsr_column(block, c);
        for (int64_t i = 0; i < block->items; i++) value[i] *= weight[i];
    }
}

/* What every link must have, from the last one back to the source. */
static void place_blocks(tsr_worker *worker, const tsr_point *point, tsr_range range) {
    const tsr_bound_stage *stage = worker->stage;
    const int last = stage->spec->map_count;
    const int64_t count = point->count[last];
    range.end = range.end < count - stage->after ? range.end + stage->after : count;
    for (int i = last; i >= 0; i--) {
        if (i < last) range = tsr_link_reach(&stage->link[i], range, point->count[i]);
        worker->block[i].item = range.begin;
        worker->block[i].items = range.end - range.begin;
    }
}

/* What a map needs of a block, and as its neighbours what it may look at. */
static tsr_block core_of(const tsr_block *block, const tsr_link *link, const tsr_block *output) {
    const tsr_range core = tsr_link_core(link, (tsr_range){output->item, output->item + output->items});
    tsr_block view = *block;
    view.before = core.begin - block->item;
    view.after = block->item + block->items - core.end;
    view.item = core.begin;
    view.items = core.end - core.begin;
    view.data += view.before;
    return view;
}

tsr_status tsr_worker_fill(tsr_worker *worker, int64_t index, tsr_range range) {
    const tsr_bound_stage *stage = worker->stage;
    const tsr_point *point = &stage->point[index];
    const tsr_source *source = stage->spec->source.table;
    tsr_block *block = worker->block;
    place_blocks(worker, point, range);
    if (source->items == NULL) tsr_draws_begin(worker->draws, &point->sampling, block[0].item, block[0].items);
    TSR_TRY(source->fill(point->source_model, worker->draws, &block[0]));
    weigh_block(&point->sampling, &block[0]);
    for (int i = 0; i < stage->spec->map_count; i++) {
        const tsr_block in = core_of(&block[i], &stage->link[i], &block[i + 1]);
        TSR_TRY(stage->spec->maps[i].table->apply(point->map_models[i], &in, &block[i + 1]));
    }
    return TSR_OK;
}

/* ---- from the last block to the tallies ---- */

static tsr_status add_block(const tile_folds *folds, const tsr_block *block) {
    for (int i = 0; i < folds->count; i++) TSR_TRY(folds->table[i]->add_block(&folds->fold[i], block));
    return TSR_OK;
}

/* One look at the block, for its print and for what is not finite in it. Who has seen it before knows that all of it is
 * finite, or that the stage would have ended, and needs no print. */
static bool print_block(tsr_worker *worker, const tile_folds *folds, const tsr_block *block) {
    bool is_finite = true;
    if (folds->again && folds->stage->spec->nonfinite == TSR_NONFINITE_ABORT) return true;
    for (int c = 0; c < block->columns; c++)
        is_finite &= tsr_print_add(&worker->print[c], tsr_column(block, c), block->items);
    return is_finite;
}

/* ", read from data.csv:17", where maps have left every row its number. */
static void place_item(const tsr_bound_stage *stage, int64_t index, int64_t item, char out[PLACE_BYTES]) {
    const tsr_source *source = stage->spec->source.table;
    const tsr_point *point = &stage->point[index];
    char place[PLACE_BYTES / 2] = "";
    *out = '\0';
    if (source->place == NULL || point->count[0] != point->count[stage->spec->map_count]) return;
    source->place(point->source_model, item, place, sizeof(place));
    if (*place != '\0') snprintf(out, PLACE_BYTES, ", read from %s", place);
}

static tsr_status refuse_item(const tile_folds *folds, const tsr_block *block, int64_t i) {
    const tsr_bound_stage *stage = folds->stage;
    const int column = tsr_sift_spoilt_column(stage, block, i);
    const int64_t row = block->item + i;
    const double value = tsr_column(block, column)[i]; /* the sign of a NaN is the processor's */
    char which[64] = "", place[PLACE_BYTES];
    place_item(stage, folds->point, row, place);
    if (stage->rows > 1) snprintf(which, sizeof(which), " --row %lld", (long long)(row % stage->rows));
    return TSR_FAIL(TSR_ENUMERIC,
                    "%s: stage %s: column %s of item %lld is %g%s; `nonfinite: skip` leaves such items out and counts "
                    "them; to see how it came about: tessera replay %s --set seed=%llu --stage %s --point %lld --item "
                    "%lld%s",
                    stage->spec->where, stage->spec->name, stage->fields[column].name, (long long)(row / stage->rows),
                    isnan(value) ? NAN : value, place, tsr_shell_word(stage->job->file).text,
                    (unsigned long long)stage->job->seed, stage->spec->name, (long long)folds->point,
                    (long long)(row / stage->rows), which);
}

/* Of the last link what the tallies were asked for, without what they look at behind it. */
static tsr_block last_block(const tsr_worker *worker, tsr_range range) {
    tsr_block block = worker->block[worker->stage->spec->map_count];
    block.after = block.item + block.items - range.end;
    block.items = range.end - range.begin;
    return block;
}

static tsr_status sift_block(tsr_worker *worker, const tile_folds *folds, tsr_range range) {
    const tsr_block block = last_block(worker, range);
    tsr_sifted sifted;
    tsr_sift_block(worker->sift, &block, print_block(worker, folds, &block), &sifted);
    if (sifted.spoilt >= 0) return refuse_item(folds, &block, sifted.spoilt);
    if (sifted.dropped > 0 && folds->skipped.state != NULL)
        TSR_TRY(tsr_skipped_add(folds->skipped.state, sifted.dropped, sifted.first));
    if (sifted.block.items == 0) return TSR_OK;
    if (folds->selected.state != NULL)
        TSR_TRY(tsr_skipped_add(folds->selected.state, sifted.block.items, sifted.block.item));
    worker->rows += sifted.block.items;
    if (!worker->gathers) return add_block(folds, &sifted.block);
    tsr_gather_add(worker->gather, &sifted.block, sifted.group);
    return TSR_OK;
}

/* Blocks are kept until the tile is complete, to be told apart by their groups or to be written at once. */
static tsr_status begin_gathering(tsr_worker *worker) {
    const tsr_bound_stage *stage = worker->stage;
    const int columns = stage->link[stage->spec->map_count].columns;
    if (worker->gather == NULL) TSR_TRY(tsr_gather_create(columns, stage->tile_items, &worker->gather));
    tsr_gather_begin(worker->gather);
    worker->gathers = true;
    return TSR_OK;
}

/* Blocks of designed items end where their groups end. */
int64_t tsr_worker_block_end(const tsr_bound_stage *stage, int64_t item, int64_t end) {
    int64_t last = item + stage->block_items < end ? item + stage->block_items : end;
    const int64_t group = (item / TSR_GROUP_ITEMS + 1) * TSR_GROUP_ITEMS;
    return stage->spec->design.table != NULL && group < last ? group : last;
}

/* Scratch that depends on what is settled is made anew for every point, and for every group. */
static tsr_status prepare(tsr_worker *worker, const tile_folds *folds) {
    if (worker->prepared == folds->point && !worker->gathers) return TSR_OK;
    for (int i = 0; i < folds->count; i++)
        if (folds->table[i]->begin_pass != NULL) TSR_TRY(folds->table[i]->begin_pass(&folds->fold[i]));
    worker->prepared = folds->point;
    return TSR_OK;
}

static tsr_status begin_tile(tsr_worker *worker, const tile_folds *folds) {
    TSR_TRY(prepare(worker, folds));
    for (int i = 0; i < folds->count; i++)
        if (folds->table[i]->begin_tile != NULL) TSR_TRY(folds->table[i]->begin_tile(&folds->fold[i]));
    return TSR_OK;
}

static tsr_status end_tile(const tile_folds *folds) {
    for (int i = 0; i < folds->count; i++)
        if (folds->table[i]->end_tile != NULL) TSR_TRY(folds->table[i]->end_tile(&folds->fold[i]));
    return TSR_OK;
}

static tsr_status fold_blocks(tsr_worker *worker, const tile_folds *folds, tsr_range range) {
    for (int64_t item = range.begin; item < range.end;) {
        const int64_t last = tsr_worker_block_end(worker->stage, item, range.end);
        TSR_TRY(tsr_worker_fill(worker, folds->point, (tsr_range){item, last}));
        TSR_TRY(sift_block(worker, folds, (tsr_range){item, last}));
        item = last;
    }
    return TSR_OK;
}

/* To the tallies a group is a tile of its own. */
static tsr_status fold_group(tsr_worker *worker, const tile_folds *folds, int64_t group) {
    tsr_block block;
    for (int i = 0; i < folds->count; i++) {
        tsr_state_show(folds->fold[i].state, group);
        if (folds->look[i] != NULL) tsr_state_show(folds->look[i], group);
    }
    TSR_TRY(begin_tile(worker, folds));
    while (tsr_gather_block(worker->gather, &block)) TSR_TRY(add_block(folds, &block));
    return end_tile(folds);
}

static tsr_status fold_groups(tsr_worker *worker, const tile_folds *folds, tsr_range range) {
    TSR_TRY(begin_gathering(worker));
    TSR_TRY(fold_blocks(worker, folds, range));
    tsr_gather_sort(worker->gather);
    for (int64_t group; (group = tsr_gather_group(worker->gather)) >= 0;) TSR_TRY(fold_group(worker, folds, group));
    return TSR_OK;
}

static tsr_status fold_whole(tsr_worker *worker, const tile_folds *folds, tsr_range range) {
    TSR_TRY(begin_tile(worker, folds));
    TSR_TRY(fold_blocks(worker, folds, range));
    return end_tile(folds);
}

/* A tile, or the part of it that belongs to one replicate or chain. */
static tsr_status fold_range(tsr_worker *worker, const tsr_tile_task *task, tsr_range range) {
    const int part = worker->states.parts > 1 ? tsr_stage_replicate(worker->stage, range.begin) : 0;
    tile_folds folds;
    worker->rows = 0;
    worker->gathers = false;
    tsr_status status = collect_folds(worker, task, part, &folds);
    const bool groups = worker->stage->groups.keys > 0;
    if (status == TSR_OK) status = groups ? fold_groups(worker, &folds, range) : fold_whole(worker, &folds, range);
    if (status == TSR_OK && folds.places.state != NULL)
        status = tsr_places_add(folds.places.state, task->tile, worker->rows);
    drop_folds(&folds);
    worker->items += range.end - range.begin;
    return status;
}

/* A tile whose items go to the sink, and to no tally. */
static tsr_status deliver(tsr_worker *worker, const tsr_tile_task *task, tsr_range range) {
    const tsr_delivery *delivery = task->delivery;
    const tile_folds none = {.stage = worker->stage, .point = task->point, .again = true};
    TSR_TRY(begin_gathering(worker));
    TSR_TRY(fold_blocks(worker, &none, range));
    const tsr_block rows = tsr_gather_whole(worker->gather);
    const int64_t first = delivery->first[task->tile], wanted = delivery->first[task->tile + 1] - first;
    TSR_REQUIRE(rows.items == wanted, TSR_EDATA,
                "stage %s: tile %lld had %lld rows when it was read first, and has %lld now: its input has changed",
                worker->stage->spec->name, (long long)task->tile, (long long)wanted, (long long)rows.items);
    return rows.items > 0 ? delivery->sink->write(delivery->model, first, &rows) : TSR_OK;
}

tsr_status tsr_worker_fold(tsr_worker *worker, const tsr_tile_task *task) {
    const tsr_bound_stage *stage = worker->stage;
    const int64_t items = stage->point[task->point].items, begin = task->tile * stage->tile_items;
    const int64_t end = begin + stage->tile_items < items ? begin + stage->tile_items : items;
    memset(worker->print, 0, print_bytes(stage));
    if (task->delivery != NULL) return deliver(worker, task, (tsr_range){begin, end});
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
