#include "cli/excerpt.h"

#include "io/job/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 64, CELLS_MAX = 1 << 20 };

void tsr_excerpt_clear(tsr_excerpt *excerpt) {
    if (excerpt->model != NULL) excerpt->table->destroy(excerpt->model);
    free(excerpt->column);
    *excerpt = (tsr_excerpt){0};
}

static const tsr_source *find_source(const tsr_source *const *sources, const char *name) {
    while (*sources != NULL && strcmp((*sources)->name, name) != 0) sources++;
    TSR_ASSERT(*sources != NULL);
    return *sources;
}

static tsr_status open_dataset(const char *text, const tsr_source *const *sources, tsr_excerpt *out) {
    tsr_setting *tree = NULL;
    tsr_params *params = NULL;
    tsr_status status = tsr_yaml_read(text, strlen(text), "inspect", &tree);
    if (status == TSR_OK) {
        out->table = find_source(sources, tree->child[0]->key);
        status = tsr_params_bind(out->table->params, tree->child[0], out->table->name, NULL, &params);
    }
    if (status == TSR_OK) status = out->table->create(params, &out->model);
    tsr_params_destroy(&params);
    tsr_setting_destroy(&tree);
    return status;
}

static tsr_status make_columns(tsr_excerpt *out) {
    const tsr_field *field = out->table->fields_of(out->model);
    while (field[out->columns].name != NULL) out->columns++;
    out->known = out->columns < TSR_EXCERPT_COLUMNS_MAX ? out->columns : TSR_EXCERPT_COLUMNS_MAX;
    out->column = calloc((size_t)out->known + 1, sizeof(*out->column));
    TSR_REQUIRE(out->column != NULL, TSR_ERUNTIME, "no memory for an excerpt");
    for (int c = 0; c < out->known; c++) {
        out->column[c] = (tsr_excerpt_column){.field = &field[c], .minimum = NAN, .maximum = NAN};
        for (int i = 0; i < TSR_EXCERPT_SHOWN; i++) out->column[c].first[i] = NAN;
    }
    return TSR_OK;
}

static void look_at(const tsr_block *block, tsr_excerpt *out) {
    for (int c = 0; c < out->known; c++) {
        tsr_excerpt_column *column = &out->column[c];
        const double *value = tsr_column(block, c);
        for (int64_t i = 0; i < block->items; i++) {
            if (block->item + i < TSR_EXCERPT_SHOWN) column->first[block->item + i] = value[i];
            if (!isfinite(value[i])) {
                column->missing++;
                continue;
            }
            if (!(value[i] >= column->minimum)) column->minimum = value[i];
            if (!(value[i] <= column->maximum)) column->maximum = value[i];
        }
    }
    out->taken += block->items;
}

/* Blocks of as many rows as fit, at even distances: no row is looked at twice. */
static tsr_status read_blocks(tsr_draws *draws, int64_t items, double *data, tsr_excerpt *out) {
    const int64_t all = (out->rows + items - 1) / items, blocks = all < BLOCKS ? all : BLOCKS;
    for (int64_t k = 0; k < blocks; k++) {
        const int64_t number = blocks == 1 ? 0 : (int64_t)((double)(all - 1) * (double)k / (double)(blocks - 1));
        const int64_t left = out->rows - number * items;
        tsr_block block = {.item = number * items,
                           .items = left < items ? left : items,
                           .stride = items,
                           .columns = out->columns,
                           .data = data};
        TSR_TRY(out->table->fill(out->model, draws, &block));
        look_at(&block, out);
    }
    return TSR_OK;
}

static tsr_status read_rows(tsr_excerpt *out) {
    int64_t items = CELLS_MAX / out->columns / 8 * 8;
    if (items > TSR_BLOCK_ITEMS_MAX) items = TSR_BLOCK_ITEMS_MAX;
    if (items < 8) items = 8;
    tsr_draws *draws = NULL;
    double *data = aligned_alloc(64, (size_t)out->columns * (size_t)items * sizeof(*data));
    tsr_status status = data != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for an excerpt");
    if (status == TSR_OK) status = tsr_draws_create(out->table->workspace(out->model, items), &draws);
    if (status == TSR_OK) status = read_blocks(draws, items, data, out);
    if (draws != NULL) tsr_draws_destroy(&draws);
    free(data);
    return status;
}

tsr_status tsr_excerpt_take(const char *source, const tsr_source *const *sources, tsr_excerpt *out) {
    *out = (tsr_excerpt){0};
    TSR_TRY(open_dataset(source, sources, out));
    out->rows = out->table->items(out->model);
    TSR_TRY(make_columns(out));
    return read_rows(out);
}
