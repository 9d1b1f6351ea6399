#include "engine/stage_sizes.h"

/* Items that the source's block must hold for so many of the last link; also every link's own. */
static int64_t make_room(tsr_bound_stage *stage, int64_t items) {
    int last = stage->spec->map_count;
    stage->link[last].room = items + stage->after;
    for (int i = last - 1; i >= 0; i--) {
        tsr_link *link = &stage->link[i];
        const int64_t beside = link->halo + link->reach.before + link->reach.after, next = stage->link[i + 1].room;
        const bool fits = next <= (TSR_READ_ITEMS_MAX - 1) / link->step && beside <= TSR_READ_ITEMS_MAX;
        link->room = fits ? next * link->step + beside : TSR_READ_ITEMS_MAX + 1;
    }
    return stage->link[0].room;
}

/* Blocks stay in the caches: those of many columns have fewer items. */
static int64_t block_items(const tsr_bound_stage *stage) {
    enum { CELLS = 1 << 17, ITEMS_LEAST = 32 };
    int columns = 1;
    for (int i = 0; i <= stage->spec->map_count; i++)
        if (stage->link[i].columns > columns) columns = stage->link[i].columns;
    int64_t items = TSR_BLOCK_ITEMS_MAX;
    while (items * columns > CELLS && items > ITEMS_LEAST) items /= 2;
    return items;
}

static tsr_status choose_block(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    const int64_t most = source->items != NULL ? TSR_READ_ITEMS_MAX : TSR_BLOCK_ITEMS_MAX;
    stage->block_items = source->block_items > 0 ? source->block_items : block_items(stage);
    if (stage->block_items > stage->tile_items) stage->block_items = stage->tile_items;
    while (make_room(stage, stage->block_items) > most && stage->block_items > 1) stage->block_items--;
    TSR_REQUIRE(stage->link[0].room <= most, TSR_EUSAGE,
                "%s: stage %s: an item is made of more than %lld rows of the source; make windows smaller",
                stage->spec->where, stage->spec->name, (long long)most);
    return TSR_OK;
}

static void choose_grain(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    int64_t rows = stage->tile_items; /* of the source, in a tile */
    stage->grain = 1;
    if (source->grain == NULL) return;
    const int64_t wanted = source->grain(stage->point[0].source_model);
    for (int i = 0; i < stage->spec->map_count && rows < wanted; i++) rows *= stage->link[i].step;
    stage->grain = wanted > rows ? (wanted + rows - 1) / rows : 1;
}

/* As the source likes it; of a dataset with many columns fewer, so that a thousand images are work for many threads. */
static int64_t usual_tile(const tsr_bound_stage *stage) {
    enum { DATASET_VALUES = 1 << 21, ITEMS_LEAST = 256 };
    const tsr_source *source = stage->spec->source.table;
    int64_t items = source->tile_items;
    if (items == 0) return (TSR_TILE_ITEMS + stage->rows - 1) / stage->rows;
    while (source->items != NULL && items * stage->link[0].columns > DATASET_VALUES && items > ITEMS_LEAST) items /= 2;
    return items;
}

tsr_status tsr_stage_choose_sizes(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    stage->tile_items = stage->spec->tile_items > 0 ? stage->spec->tile_items : usual_tile(stage);
    TSR_REQUIRE(stage->tile_items <= INT64_MAX / stage->rows, TSR_EUSAGE, "%s: stage %s: its tiles are too large",
                stage->spec->where, stage->spec->name);
    stage->tile_items *= stage->rows;
    TSR_TRY(choose_block(stage));
    choose_grain(stage);
    stage->workspace_bytes = 0;
    for (int64_t i = 0; i < stage->span.points && source->workspace != NULL; i++) {
        size_t bytes = source->workspace(stage->point[i].source_model, stage->link[0].room);
        if (bytes > stage->workspace_bytes) stage->workspace_bytes = bytes;
    }
    return TSR_OK;
}
