#include "io/data/hdf5_table.h"

#include "io/data/hdf5_lock.h"
#include "io/data/hdf5_words.h"

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
        for (int i = 0; i < table->variable[v].strips; i++) tsr_csv_labels_destroy(&table->variable[v].strip[i].labels);
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

tsr_status tsr_hdf5_table_show(const tsr_hdf5_table *table, void *workspace, int variable, int i, tsr_range rows,
                               tsr_hdf5_rows_fn show, void *data) {
    tsr_hdf5_scratch scratch;
    unsigned char *chunk = NULL;
    tsr_hdf5_window *window = &lay_out(table, workspace, &scratch, &chunk)->window[variable];
    const tsr_hdf5_part *part = &table->part[i * table->variables + variable];
    const int64_t elements = tsr_hdf5_row_elements(table, variable);
    const tsr_hdf5_origin origin = {.part = part,
                                    .path = table->files.input[i].path,
                                    .name = table->variable[variable].name,
                                    .variable = variable,
                                    .file = i,
                                    .row_elements = elements,
                                    .first_row = table->files.begin[i],
                                    .files = &table->files,
                                    .open = table->open,
                                    .shelf = table->shelf};
    for (int64_t row = rows.begin; row < rows.end;) {
        TSR_TRY(tsr_hdf5_window_aim(&origin, row * elements, &scratch, chunk, window));
        const int64_t end = window->end / elements < rows.end ? window->end / elements : rows.end;
        const tsr_hdf5_rows shown = {.part = part,
                                     .first = row - rows.begin,
                                     .count = end - row,
                                     .from =
                                         window->data + (size_t)(row * elements - window->begin) * part->element.bytes,
                                     .row_bytes = (size_t)elements * part->element.bytes};
        TSR_TRY(show(&shown, data));
        row = end;
    }
    return TSR_OK;
}

/* Rows of one file that go to a block. */
typedef struct {
    const tsr_hdf5_table *table;
    int file;
    int64_t row;   /* of the file */
    int64_t count; /* of rows */
    tsr_block *out;
    int64_t at;   /* index within the block */
    int variable; /* at hand */
} portion;

static double *target(const portion *rows, int column, int64_t index) {
    return tsr_column(rows->out, column) + rows->at + index;
}

static void convert_numbers(const tsr_hdf5_rows *rows, const tsr_hdf5_strip *strip, int64_t stride, double *out) {
    const tsr_hdf5_part *part = rows->part;
    const tsr_hdf5_cell *cell = &part->element.cell[strip->cell];
    const unsigned char *first = rows->from + (size_t)strip->element * part->element.bytes + cell->offset;
    const tsr_number_rows matrix = {first, rows->row_bytes, rows->count, strip->count};
    if (strip->count == 1)
        tsr_convert_column(cell->number, first, rows->row_bytes, rows->count, out);
    else
        tsr_convert_rows(cell->number, &matrix, stride, out);
    for (int64_t c = 0; c < strip->count && (part->decoding.is_checked || part->decoding.is_scaled); c++)
        tsr_decoding_apply(&part->decoding, rows->count, out + c * stride);
}

static tsr_status convert(const tsr_hdf5_rows *rows, void *data) {
    const portion *to = data;
    const tsr_hdf5_variable *columns = &to->table->variable[to->variable];
    for (int s = 0; s < columns->strips; s++) {
        const tsr_hdf5_strip *strip = &columns->strip[s];
        double *out = target(to, strip->column, rows->first);
        if (strip->labels == NULL)
            convert_numbers(rows, strip, to->out->stride, out);
        else
            TSR_TRY(tsr_hdf5_words_convert(rows, strip, out));
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

static tsr_status fill_portion(portion *rows, void *workspace) {
    const tsr_hdf5_table *table = rows->table;
    const tsr_range range = {rows->row, rows->row + rows->count};
    for (int v = 0; v < table->variables; v++) {
        rows->variable = v;
        if (table->variable[v].strips > 0)
            TSR_TRY(tsr_hdf5_table_show(table, workspace, v, rows->file, range, convert, rows));
    }
    for (int c = 0; c < table->coordinates; c++) fill_coordinate(rows, &table->coordinate[c]);
    return TSR_OK;
}

tsr_status tsr_hdf5_table_fill(const tsr_hdf5_table *table, void *workspace, tsr_block *out) {
    TSR_ASSERT(out->item >= 0 && out->item + out->items <= table->files.begin[table->files.count]);
    for (int64_t done = 0; done < out->items;) {
        const int64_t row = out->item + done;
        const int file = tsr_files_at(&table->files, row);
        const int64_t left = table->files.begin[file + 1] - row;
        portion rows = {.table = table,
                        .file = file,
                        .row = row - table->files.begin[file],
                        .count = left < out->items - done ? left : out->items - done,
                        .out = out,
                        .at = done};
        TSR_TRY(fill_portion(&rows, workspace));
        done += rows.count;
    }
    return TSR_OK;
}
