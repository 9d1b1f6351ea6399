#include "engine/group_survey.h"

#include "engine/team.h"
#include "engine/worker.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Of one key. */
typedef struct {
    double least;
    double greatest;
    double broken; /* a number that is not whole, or NaN */
} key_range;

typedef struct {
    const tsr_bound_stage *stage;
    atomic_int_fast64_t next; /* tile */
    key_range *found;         /* [threads, keys] */
} survey;

static void look_at(const tsr_bound_stage *stage, const tsr_block *block, key_range *range) {
    double wanted[TSR_BLOCK_ITEMS_MAX] = {0};
    if (stage->filter != NULL) tsr_expression_apply(stage->filter, block, wanted);
    for (int k = 0; k < stage->groups.keys; k++) {
        const double *value = tsr_column(block, stage->groups.key[k].column);
        for (int64_t i = 0; i < block->items; i++) {
            const bool is_wanted = stage->filter == NULL || wanted[i] < 0 || wanted[i] > 0;
            if (!is_wanted || isnan(value[i])) continue;
            range[k].least = fmin(range[k].least, value[i]);
            range[k].greatest = fmax(range[k].greatest, value[i]);
            if (value[i] != floor(value[i])) range[k].broken = value[i];
        }
    }
}

static tsr_status look_at_tile(tsr_worker *worker, int64_t tile, key_range *range) {
    const tsr_bound_stage *stage = worker->stage;
    const int64_t items = stage->point[0].items, begin = tile * stage->tile_items;
    const int64_t end = begin + stage->tile_items < items ? begin + stage->tile_items : items;
    for (int64_t item = begin; item < end;) {
        const int64_t last = tsr_worker_block_end(stage, item, end);
        TSR_TRY(tsr_worker_fill(worker, 0, (tsr_range){item, last}));
        tsr_block block = worker->block[stage->spec->map_count];
        block.items = last - item;
        look_at(stage, &block, range);
        item = last;
    }
    return TSR_OK;
}

static tsr_status look(int thread, void *data) {
    survey *all = data;
    const int64_t tiles = tsr_stage_tiles(all->stage, 0);
    key_range *range = &all->found[thread * all->stage->groups.keys];
    tsr_worker *worker = NULL;
    for (int k = 0; k < all->stage->groups.keys; k++) range[k] = (key_range){INFINITY, -INFINITY, NAN};
    tsr_status status = tsr_worker_create(all->stage, 1, &worker);
    for (int64_t tile; status == TSR_OK && (tile = atomic_fetch_add(&all->next, 1)) < tiles;)
        status = look_at_tile(worker, tile, range);
    tsr_worker_destroy(&worker);
    return status;
}

/* What all threads have found of a key. */
static tsr_status complete(tsr_bound_stage *stage, int key, const key_range *found, int threads) {
    key_range whole = found[key];
    const tsr_group_key *row = &stage->groups.key[key];
    if (row->count > 0) return TSR_OK;
    for (int t = 1; t < threads; t++) {
        const key_range *range = &found[t * stage->groups.keys + key];
        whole.least = fmin(whole.least, range->least);
        whole.greatest = fmax(whole.greatest, range->greatest);
        if (!isnan(range->broken)) whole.broken = range->broken;
    }
    TSR_REQUIRE(
        isnan(whole.broken), TSR_EUSAGE,
        "%s: group_by: column '%.80s' holds %g, which is no whole number; give bins: {%.80s: {edges: [0, 10, 100]}}",
        stage->spec->group_by->where, row->axis.name, whole.broken, row->axis.name);
    TSR_REQUIRE(whole.least <= whole.greatest, TSR_EDATA, "%s: group_by: column '%.80s' has no value at all",
                stage->spec->group_by->where, row->axis.name);
    return tsr_groups_complete(stage->spec, key, whole.least, whole.greatest, &stage->groups);
}

static bool is_complete(const tsr_groups *groups) {
    for (int k = 0; k < groups->keys; k++)
        if (groups->key[k].count == 0) return false;
    return true;
}

tsr_status tsr_group_survey(tsr_bound_stage *stage) {
    if (is_complete(&stage->groups)) return TSR_OK;
    TSR_REQUIRE(stage->spec->source.table->items != NULL, TSR_EUSAGE,
                "%s: group_by: say which whole numbers, as in {month: [1, 12]}, or give bins: only a dataset can be "
                "searched for them",
                stage->spec->group_by->where);
    const int threads = tsr_team_threads(tsr_stage_tiles(stage, 0));
    survey all = {.stage = stage, .found = calloc((size_t)(threads * stage->groups.keys), sizeof(key_range))};
    TSR_REQUIRE(all.found != NULL, TSR_ERUNTIME, "no memory to look for groups");
    tsr_status status = tsr_team_run(threads, look, &all);
    for (int k = 0; k < stage->groups.keys && status == TSR_OK; k++) status = complete(stage, k, all.found, threads);
    free(all.found);
    return status;
}
