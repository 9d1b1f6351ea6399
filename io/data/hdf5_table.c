#include "io/data/hdf5_table.h"

#include "io/data/hdf5_lock.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

int64_t tsr_hdf5_row_elements(const tsr_hdf5_table *table, int variable) {
    const tsr_hdf5_part *part = &table->part[variable];
    int64_t elements = 1;
    for (int i = 1; table->by_rows && i < part->rank; i++) elements *= part->extent[i];
    return elements;
}

static void clear_fields(tsr_hdf5_table *table) {
    for (int i = 0; table->fields != NULL && i < table->columns; i++) {
        free((void *)(uintptr_t)table->fields[i].name);
        free((void *)(uintptr_t)table->fields[i].unit);
        free((void *)(uintptr_t)table->fields[i].long_name);
    }
    free(table->fields);
}

static void clear_along(tsr_hdf5_table *table) {
    for (int64_t i = (int64_t)table->files.count * H5S_MAX_RANK - 1; table->along != NULL && i >= 0; i--) {
        const bool is_shared = i >= H5S_MAX_RANK && table->along[i] == table->along[i - H5S_MAX_RANK];
        if (!is_shared) free(table->along[i]);
    }
    free(table->along);
}

void tsr_hdf5_table_destroy(tsr_hdf5_table *table) {
    if (table == NULL) return;
    tsr_hdf5_lock();
    tsr_hdf5_shelf_destroy(&table->shelf);
    for (int64_t i = 0; table->part != NULL && i < (int64_t)table->files.count * table->variables; i++)
        tsr_hdf5_part_clear(&table->part[i]);
    tsr_hdf5_unlock();
    tsr_open_files_destroy(&table->open);
    clear_fields(table);
    clear_along(table);
    for (int v = 0; table->variable != NULL && v < table->variables; v++) {
        free(table->variable[v].name);
        free(table->variable[v].strip);
    }
    free(table->variable);
    free(table->names);
    free(table->part);
    free(table->coordinate);
    tsr_files_clear(&table->files);
    free(table);
}

/* ---- the workspace of a thread ---- */

/* What stands at its beginning: which table the windows are of, since points of a sweep share a workspace. */
typedef struct {
    const tsr_hdf5_table *table;
    tsr_hdf5_window window[];
} desk;

static size_t aligned(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static size_t desk_bytes(const tsr_hdf5_table *table) {
    return aligned(sizeof(desk) + (size_t)table->variables * sizeof(tsr_hdf5_window));
}

size_t tsr_hdf5_table_workspace(const tsr_hdf5_table *table) {
    size_t bytes = desk_bytes(table) + 2 * aligned(table->scratch_bytes) + TSR_HDF5_ZLIB_BYTES;
    for (int v = 0; v < table->variables; v++) bytes += aligned(table->variable[v].band_bytes);
    return bytes + aligned(table->chunk_bytes);
}

/* Lays out a workspace; windows stay as they are if they are of this table. */
static desk *lay_out(const tsr_hdf5_table *table, void *workspace, tsr_hdf5_scratch *scratch, unsigned char **chunk) {
    desk *own = workspace;
    unsigned char *at = (unsigned char *)workspace + desk_bytes(table);
    if (own->table != table) memset(own, 0, desk_bytes(table));
    own->table = table;
    for (int v = 0; v < table->variables; v++) {
        own->window[v].data = at;
        at += aligned(table->variable[v].band_bytes);
    }
    scratch->stored = at;
    scratch->other = scratch->stored + aligned(table->scratch_bytes);
    scratch->zlib = scratch->other + aligned(table->scratch_bytes);
    *chunk = scratch->zlib + TSR_HDF5_ZLIB_BYTES;
    return own;
}

/* ---- filling ---- */

/* Rows of one file that go to a block. */
typedef struct {
    const tsr_hdf5_table *table;
    int file;
    int64_t row;   /* of the file */
    int64_t count; /* of rows */
    tsr_block *out;
    int64_t at; /* index within the block */
} portion;

static double *target(const portion *rows, int column, int64_t index) {
    return tsr_column(rows->out, column) + rows->at + index;
}

/* Rows of a window to columns. */
static void convert(const portion *rows, int variable, const unsigned char *from, int64_t index, int64_t count) {
    const tsr_hdf5_table *table = rows->table;
    const tsr_hdf5_variable *columns = &table->variable[variable];
    const tsr_hdf5_part *part = &table->part[rows->file * table->variables + variable];
    const size_t row_bytes = (size_t)tsr_hdf5_row_elements(table, variable) * part->element.bytes;
    for (int s = 0; s < columns->strips; s++) {
        const tsr_hdf5_strip *strip = &columns->strip[s];
        const tsr_hdf5_cell *cell = &part->element.cell[strip->cell];
        const unsigned char *first = from + (size_t)strip->element * part->element.bytes + cell->offset;
        double *out = target(rows, strip->column, index);
        const tsr_number_rows matrix = {first, row_bytes, count, strip->count};
        if (strip->count == 1)
            tsr_convert_column(cell->number, first, row_bytes, count, out);
        else
            tsr_convert_rows(cell->number, &matrix, rows->out->stride, out);
        for (int64_t c = 0; c < strip->count && (part->decoding.is_checked || part->decoding.is_scaled); c++)
            tsr_decoding_apply(&part->decoding, count, out + c * rows->out->stride);
    }
}

static tsr_status fill_variable(const portion *rows, int variable, const tsr_hdf5_scratch *scratch,
                                unsigned char *chunk, tsr_hdf5_window *window) {
    const tsr_hdf5_table *table = rows->table;
    const tsr_hdf5_part *part = &table->part[rows->file * table->variables + variable];
    const int64_t elements = tsr_hdf5_row_elements(table, variable);
    const tsr_hdf5_origin origin = {.part = part,
                                    .path = table->files.input[rows->file].path,
                                    .name = table->variable[variable].name,
                                    .variable = variable,
                                    .file = rows->file,
                                    .row_elements = elements,
                                    .first_row = table->files.begin[rows->file],
                                    .files = &table->files,
                                    .open = table->open,
                                    .shelf = table->shelf};
    for (int64_t done = 0; done < rows->count;) {
        const int64_t row = rows->row + done;
        TSR_TRY(tsr_hdf5_window_aim(&origin, row * elements, scratch, chunk, window));
        const int64_t left = window->end / elements - row;
        const int64_t count = left < rows->count - done ? left : rows->count - done;
        convert(rows, variable, window->data + (size_t)(row * elements - window->begin) * part->element.bytes, done,
                count);
        done += count;
    }
    return TSR_OK;
}

/* Runs of equal indices along the axis. */
static void fill_coordinate(const portion *rows, const tsr_hdf5_coordinate *coordinate) {
    const tsr_hdf5_part *part = &rows->table->part[rows->file * rows->table->variables];
    const int a = coordinate->axis;
    const double *along = rows->table->along[rows->file * H5S_MAX_RANK + a];
    int64_t rest = 1;
    for (int i = a + 1; i < part->rank; i++) rest *= part->extent[i];
    const int64_t earlier = a == 0 ? rows->table->files.begin[rows->file] / rest : 0;
    int64_t index = rows->row / rest % part->extent[a], within = rows->row % rest;
    double *out = target(rows, coordinate->column, 0);
    for (int64_t done = 0; done < rows->count;) {
        const int64_t left = rest - within, count = left < rows->count - done ? left : rows->count - done;
        const double value = along != NULL ? along[index] : (double)(earlier + index);
        for (int64_t i = 0; i < count; i++) out[done + i] = value;
        done += count;
        within = 0;
        if (++index == part->extent[a]) index = 0;
    }
}

static tsr_status fill_portion(const portion *rows, const tsr_hdf5_scratch *scratch, unsigned char *chunk, desk *own) {
    const tsr_hdf5_table *table = rows->table;
    for (int v = 0; v < table->variables; v++)
        if (table->variable[v].strips > 0) TSR_TRY(fill_variable(rows, v, scratch, chunk, &own->window[v]));
    for (int c = 0; c < table->coordinates; c++) fill_coordinate(rows, &table->coordinate[c]);
    return TSR_OK;
}

tsr_status tsr_hdf5_table_fill(const tsr_hdf5_table *table, void *workspace, tsr_block *out) {
    tsr_hdf5_scratch scratch;
    unsigned char *chunk = NULL;
    desk *own = lay_out(table, workspace, &scratch, &chunk);
    TSR_ASSERT(out->item >= 0 && out->item + out->items <= table->files.begin[table->files.count]);
    for (int64_t done = 0; done < out->items;) {
        const int64_t row = out->item + done;
        const int file = tsr_files_at(&table->files, row);
        const int64_t left = table->files.begin[file + 1] - row;
        const portion rows = {.table = table,
                              .file = file,
                              .row = row - table->files.begin[file],
                              .count = left < out->items - done ? left : out->items - done,
                              .out = out,
                              .at = done};
        TSR_TRY(fill_portion(&rows, &scratch, chunk, own));
        done += rows.count;
    }
    return TSR_OK;
}
