#include "io/csv/csv_rows.h"

#include <stdlib.h>

enum { CELLS_MIN = 16, CELLS_MAX = 1 << 24 };

static tsr_status no_memory(const tsr_csv_rows *rows) {
    return TSR_FAIL(TSR_ERUNTIME, "no memory for a row of '%s'", rows->file->input->path);
}

static tsr_status make_room(tsr_csv_rows *rows, size_t room) {
    char *data = realloc(rows->window.data, room + 2);
    if (data == NULL) return no_memory(rows);
    rows->window.data = data;
    rows->window.room = room;
    return TSR_OK;
}

tsr_status tsr_csv_rows_init(const tsr_csv_file *file, const tsr_csv_grammar *grammar, size_t room, tsr_csv_rows *out) {
    *out = (tsr_csv_rows){.file = file, .grammar = grammar, .line_end = -1};
    return make_room(out, room);
}

void tsr_csv_rows_clear(tsr_csv_rows *rows) {
    free(rows->window.data);
    free(rows->cell);
    *rows = (tsr_csv_rows){0};
}

tsr_status tsr_csv_rows_go(tsr_csv_rows *rows, int64_t place) {
    TSR_TRY(tsr_csv_window_read(rows->file, place, &rows->window));
    rows->text = (tsr_csv_text){rows->window.data, rows->window.data + rows->window.bytes};
    return TSR_OK;
}

tsr_status tsr_csv_rows_find(tsr_csv_rows *rows, bool *found) {
    for (;;) {
        const char *passed = tsr_csv_row_find(rows->grammar, &rows->text);
        if (passed != NULL) rows->line_end = tsr_csv_place(&rows->window, passed);
        *found = rows->text.at < rows->text.end;
        rows->begin = tsr_csv_place(&rows->window, rows->text.at);
        if (*found || rows->window.is_last) return TSR_OK;
        TSR_TRY(tsr_csv_rows_go(rows, rows->begin));
    }
}

/* The window ends within the row: it moves there, and grows if it has been there before. */
static tsr_status read_more(tsr_csv_rows *rows, const tsr_csv_cell *last) {
    if (rows->window.is_last)
        return tsr_csv_refuse(rows->file, tsr_csv_place(&rows->window, last->first),
                              "this quoted cell is never closed");
    if (rows->window.begin == rows->begin && rows->window.room >= TSR_CSV_ROW_BYTES_MAX)
        return tsr_csv_refuse(rows->file, rows->begin, "this row has more than %d MiB; is a quote in it never closed?",
                              TSR_CSV_ROW_BYTES_MAX >> 20);
    if (rows->window.begin == rows->begin) TSR_TRY(make_room(rows, 2 * rows->window.room));
    return tsr_csv_rows_go(rows, rows->begin);
}

static tsr_status make_room_for_cells(tsr_csv_rows *rows) {
    if (rows->cells < rows->room) return TSR_OK;
    if (rows->room >= CELLS_MAX) return tsr_csv_refuse(rows->file, rows->begin, "this row has too many cells");
    const int room = rows->room == 0 ? CELLS_MIN : 2 * rows->room;
    tsr_csv_cell *larger = realloc(rows->cell, (size_t)room * sizeof(*larger));
    if (larger == NULL) return no_memory(rows);
    rows->cell = larger;
    rows->room = room;
    return TSR_OK;
}

tsr_status tsr_csv_rows_read(tsr_csv_rows *rows) {
    rows->cells = 0;
    for (;;) {
        TSR_TRY(make_room_for_cells(rows));
        tsr_csv_cell *cell = &rows->cell[rows->cells];
        const tsr_csv_next next = tsr_csv_cell_read(rows->grammar, &rows->text, cell);
        if (next == TSR_CSV_MISPLACED)
            return tsr_csv_refuse(rows->file, tsr_csv_place(&rows->window, rows->text.at),
                                  "a quote stands where none is allowed; quote the whole cell and double the quotes in "
                                  "it");
        if (next == TSR_CSV_MORE) {
            TSR_TRY(read_more(rows, cell));
            rows->cells = 0;
            continue;
        }
        rows->cells++;
        if (next == TSR_CSV_LAST) return TSR_OK;
    }
}
