/* The four tables a plug-in fills in, first of them the source: it fills the block of a tile, by sampling or by
 * reading. Layer 2. Only tables, no code. */
#ifndef TSR_ENGINE_SOURCE_H
#define TSR_ENGINE_SOURCE_H

#include "engine/block.h"
#include "engine/draws.h"
#include "engine/input.h"
#include "engine/param.h"

/* Items of a tile of a dataset, however it is stored: the same values give the same results. Those of more than 32
 * columns have fewer (engine/stage_sizes.c). */
enum { TSR_DATASET_TILE_ITEMS = 65536 };

/* A source. Functions marked (optional) may be NULL. All of them are called without any lock and must be
 * pure functions of their arguments; fill runs on many threads at once with the same model. */
typedef struct tsr_source {
    const char *name;
    const char *summary;     /* one line */
    const char *reference;   /* source of the formula: paper, equation */
    const tsr_param *params; /* ends with a NULL name */

    /* Looks at parameters whose stage (TSR_STAGE) has not run yet, so that what can be refused at once is (optional).
     */
    tsr_status (*check)(const tsr_params *params);

    /* Makes the immutable model from bound parameters (optional: model stays NULL).
     * TSR_EUSAGE through tsr_params_fail, TSR_EDATA for input files, TSR_ERUNTIME. */
    tsr_status (*create)(const tsr_params *params, void **model);
    void (*destroy)(void *model); /* (optional) accepts NULL */

    /* The columns it fills, ending with a NULL name: fixed, or per model. Exactly one of the two. */
    const tsr_field *fields;
    const tsr_field *(*fields_of)(const void *model);

    /* Items in the dataset (optional: a sampler has no end). */
    int64_t (*items)(const void *model);

    /* Items of a dataset that are best read by one thread, one after the other, such as a chunk (optional: any).
     * Threads take tiles in such spans as long as there are enough; results do not depend on it. */
    int64_t (*grain)(const void *model);

    /* Bytes of scratch a thread needs for blocks of up to `items` items (optional: none). Zeros at first. */
    size_t (*workspace)(const void *model, int64_t items);

    /* Where an item of a dataset stands, as people look it up: "data.csv:17"; "" if nobody can tell (optional). May
     * take its time. */
    void (*place)(const void *model, int64_t item, char *out, size_t bytes);

    /* Fills out->items items of every column, from item out->item on: of a sampler up to TSR_BLOCK_ITEMS_MAX, of a
     * dataset up to TSR_READ_ITEMS_MAX. TSR_ENUMERIC, TSR_EDATA, TSR_EIO. */
    tsr_status (*fill)(const void *model, tsr_draws *draws, tsr_block *out);

    /* Items of a tile (part of the result's identity: never depends on ranks or threads) and of a block. 0: 16384,
     * 1024. */
    int64_t tile_items;
    int64_t block_items;

    /* The draws that an item takes at most (optional: any number). Who declares them can be sampled by a design, and
     * gets one or two draws at a quarter or half of the cost. Part of the result's identity. */
    tsr_demand (*demand)(const void *model);

    /* What an item costs beside those of other sweep points (optional: 1): by this multilevel sampling shares out work.
     */
    double (*cost)(const void *model);

    /* Rows of an item (optional: 1). An item of more than one row is a chain: its rows are measurements that follow
     * each other in time. Blocks then count rows: row = item x rows + time. The rows of an item are filled in order, by
     * one thread, in calls that nothing else comes between, so that the workspace carries the chain from block to
     * block; a block never holds rows of two items. Random numbers belong to rows. */
    int64_t (*rows)(const void *model);

    /* The files that it has read (optional: none): [*count], borrowed from the model. */
    const tsr_input *(*inputs)(const void *model, int *count);
} tsr_source;

#endif
