/* For tests: a tally run by itself over columns held in memory, tile after tile, without the engine around it. */
#ifndef TSR_TESTS_FOLD_H
#define TSR_TESTS_FOLD_H

#include "engine/tally.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Columns of doubles: value [columns, items]. */
typedef struct {
    const tsr_field *fields; /* ends with a NULL name */
    int columns;
    int64_t items;
    const double *value;
} tsr_table;

typedef struct {
    const tsr_tally *tally;
    tsr_params *params;
    void *model;
    void *scratch;
    double *memory; /* of a block */
    int64_t tile_items;
    int64_t block_items;
    int pass;                 /* 0 at first */
    const tsr_state *settled; /* of all earlier passes, or NULL */
    uint64_t seed;
} tsr_folder;

enum { FOLD_ALIGNMENT = 64, FOLD_SEED = 20261122 };

static inline void *fold_memory(size_t bytes) {
    void *memory = aligned_alloc(FOLD_ALIGNMENT, (bytes / FOLD_ALIGNMENT + 1) * FOLD_ALIGNMENT);
    assert_non_null(memory);
    memset(memory, 0x7f, bytes); /* scratch is undefined: nothing may count on it */
    return memory;
}

/* Takes settings (NULL: all defaults). */
static inline tsr_status fold_open(const tsr_tally *tally, tsr_setting *settings, const tsr_field *fields,
                                   tsr_folder *out) {
    *out = (tsr_folder){.tally = tally, .tile_items = 16384, .block_items = TSR_BLOCK_ITEMS_MAX, .seed = FOLD_SEED};
    tsr_error_clear();
    tsr_status status = tsr_params_bind(tally->params, settings, tally->name, NULL, &out->params);
    tsr_setting_destroy(&settings);
    if (status == TSR_OK) status = tally->create(out->params, fields, &out->model);
    if (status != TSR_OK) return status;
    out->scratch = fold_memory(tally->scratch_bytes == NULL ? 0 : tally->scratch_bytes(out->model));
    return TSR_OK;
}

static inline void fold_close(tsr_folder *folder) {
    folder->tally->destroy(folder->model);
    tsr_params_destroy(&folder->params);
    free(folder->scratch);
    free(folder->memory);
    *folder = (tsr_folder){0};
}

static inline tsr_state *fold_state(const tsr_folder *folder) {
    tsr_state *state = NULL;
    assert_int_equal(tsr_state_create(folder->tally->layout(folder->model), &state), TSR_OK);
    return state;
}

/* Copies a range of the table into a block, and the items behind it that the block has room for. */
static inline void fold_block(const tsr_table *table, tsr_range range, tsr_block *out) {
    const int64_t room = out->stride - (range.end - range.begin), left = table->items - range.end;
    out->item = range.begin;
    out->items = range.end - range.begin;
    out->after = room < left ? room : left;
    for (int c = 0; c < table->columns; c++)
        memcpy(tsr_column(out, c), table->value + c * table->items + range.begin,
               (size_t)(out->items + out->after) * sizeof(*out->data));
}

/* Adds one tile to a state. */
static inline void fold_tile(tsr_folder *folder, const tsr_table *table, int64_t tile, tsr_state *state) {
    const tsr_fold fold = {.model = folder->model,
                           .scratch = folder->scratch,
                           .settled = folder->settled,
                           .pass = folder->pass,
                           .state = state,
                           .seed = folder->seed};
    const int64_t begin = tile * folder->tile_items;
    const int64_t end = begin + folder->tile_items < table->items ? begin + folder->tile_items : table->items;
    const int64_t behind = folder->tally->after != NULL ? folder->tally->after(folder->model) : 0;
    tsr_block block = {.columns = table->columns};
    if (folder->memory == NULL)
        folder->memory = fold_memory((size_t)((TSR_BLOCK_ITEMS_MAX + behind) * block.columns) * sizeof(*block.data));
    block.data = folder->memory;
    if (folder->tally->begin_pass != NULL) assert_int_equal(folder->tally->begin_pass(&fold), TSR_OK);
    if (folder->tally->begin_tile != NULL) assert_int_equal(folder->tally->begin_tile(&fold), TSR_OK);
    for (int64_t item = begin; item < end; item += folder->block_items) {
        const int64_t last = item + folder->block_items < end ? item + folder->block_items : end;
        block.stride = last - item + behind;
        fold_block(table, (tsr_range){item, last}, &block);
        assert_int_equal(folder->tally->add_block(&fold, &block), TSR_OK);
    }
    if (folder->tally->end_tile != NULL) assert_int_equal(folder->tally->end_tile(&fold), TSR_OK);
}

static inline int64_t fold_tiles(const tsr_folder *folder, const tsr_table *table) {
    return (table->items + folder->tile_items - 1) / folder->tile_items;
}

static inline tsr_results *fold_solve(const tsr_folder *folder, tsr_state *state) {
    tsr_results *results = NULL;
    assert_int_equal(tsr_results_create(&results), TSR_OK);
    if (folder->tally->settle != NULL) folder->tally->settle(folder->model, state);
    assert_int_equal(folder->tally->solve(folder->model, state, results), TSR_OK);
    return results;
}

/* All at once: the results of a table under settings, which are taken. */
static inline tsr_results *fold_table(const tsr_tally *tally, tsr_setting *settings, const tsr_table *table) {
    tsr_folder folder;
    assert_int_equal(fold_open(tally, settings, table->fields, &folder), TSR_OK);
    tsr_state *state = fold_state(&folder);
    for (int64_t tile = 0; tile < fold_tiles(&folder, table); tile++) fold_tile(&folder, table, tile, state);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static inline const tsr_result *fold_result(const tsr_results *results, const char *name) {
    const tsr_result *result = tsr_results_find(results, name);
    if (result == NULL) fail_msg("there is no result '%s'", name);
    return result;
}

static inline double fold_value(const tsr_results *results, const char *name, int64_t index) {
    return fold_result(results, name)->value[index];
}

static inline double fold_error(const tsr_results *results, const char *name, int64_t index) {
    return fold_result(results, name)->error[index];
}

#endif
