#include "io/csv/csv_heading.h"

#include "io/csv/csv_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 65536 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the names of columns"); }

static tsr_status name_column(const tsr_csv_rows *rows, int index, bool has_header, tsr_csv_column *out) {
    const tsr_csv_cell *cell = &rows->cell[index];
    double value;
    char *name = NULL;
    *out = (tsr_csv_column){.place = tsr_csv_place(&rows->window, cell->first), .type = TSR_CSV_NUMBERS};
    out->name_is_number = has_header && tsr_csv_number_read(cell, &value);
    if (has_header && cell->begin < cell->end) {
        const size_t room = (size_t)(cell->end - cell->begin) + 1;
        name = malloc(room);
        const size_t bytes = name != NULL ? tsr_csv_cell_copy(cell, room, name) : 0;
        for (size_t i = 0; i < bytes; i++)
            if (name[i] == '\0') name[i] = '\x7f'; /* no more printable than a zero byte, but no end */
    } else if (asprintf(&name, "c%d", index + 1) < 0)
        name = NULL;
    out->name = name;
    return name != NULL ? TSR_OK : no_memory();
}

static tsr_status name_columns(const tsr_csv_rows *rows, bool has_header, tsr_csv_heading *out) {
    out->column = calloc((size_t)rows->cells, sizeof(*out->column));
    if (out->column == NULL) return no_memory();
    for (; out->columns < rows->cells; out->columns++)
        TSR_TRY(name_column(rows, out->columns, has_header, &out->column[out->columns]));
    return TSR_OK;
}

/* The first value of each column that is not missing tells its type. Returns whether all of them are known. */
static bool look_at(const tsr_csv_rows *rows, const tsr_csv_missing *missing, tsr_csv_heading *out) {
    bool all = true;
    for (int i = 0; i < out->columns && i < rows->cells; i++) {
        tsr_csv_column *column = &out->column[i];
        if (!column->is_known && !tsr_csv_is_missing(missing, &rows->cell[i])) {
            column->is_known = true;
            column->type = tsr_csv_type_of(&rows->cell[i]);
        }
        all &= column->is_known;
    }
    return all;
}

static tsr_status read_rows(tsr_csv_rows *rows, const tsr_csv_manner *manner, tsr_csv_heading *out) {
    bool found = false, all_known = false;
    TSR_TRY(tsr_csv_rows_find(rows, &found));
    if (found) TSR_TRY(tsr_csv_rows_read(rows));
    if (found) TSR_TRY(name_columns(rows, manner->has_header, out));
    if (found && manner->has_header) TSR_TRY(tsr_csv_rows_find(rows, &found));
    if (!found)
        return tsr_csv_refuse(rows->file, manner->has_header && out->columns > 0 ? out->column[0].place : rows->begin,
                              "there is no row of values");
    out->begin = rows->begin;
    for (int i = 0; i < TSR_CSV_ROWS_SEEN && found && !all_known; i++) {
        TSR_TRY(tsr_csv_rows_read(rows));
        all_known = look_at(rows, &manner->missing, out);
        TSR_TRY(tsr_csv_rows_find(rows, &found));
    }
    return TSR_OK;
}

tsr_status tsr_csv_heading_read(const tsr_csv_file *file, const tsr_csv_manner *manner, tsr_csv_heading *out) {
    tsr_csv_rows rows;
    *out = (tsr_csv_heading){0};
    tsr_status status = tsr_csv_rows_init(file, &manner->grammar, READ_BYTES, &rows);
    if (status == TSR_OK) status = tsr_csv_rows_go(&rows, file->begin);
    if (status == TSR_OK) status = read_rows(&rows, manner, out);
    tsr_csv_rows_clear(&rows);
    return status;
}

void tsr_csv_heading_clear(tsr_csv_heading *heading) {
    for (int i = 0; i < heading->columns; i++) free(heading->column[i].name);
    free(heading->column);
    *heading = (tsr_csv_heading){0};
}

int tsr_csv_heading_find(const tsr_csv_heading *heading, const char *name) {
    for (int i = 0; i < heading->columns; i++)
        if (strcmp(heading->column[i].name, name) == 0) return i;
    return -1;
}
