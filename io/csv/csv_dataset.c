#include "io/csv/csv_dataset.h"

#include "engine/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGNMENT = 64, READ_BYTES = 1 << 18 /* stays in the second-level cache */ };

/* What a thread keeps from one block to the next; the window's bytes follow it. */
typedef struct {
    const tsr_csv_dataset *owner; /* NULL: nothing is known */
    int64_t next;                 /* row of the dataset at which the text stands */
    int number;                   /* of the file that it is in */
    tsr_csv_window window;
    tsr_csv_text text;
} cursor;

static void clear_tables(tsr_csv_dataset *dataset) {
    for (int i = 0; dataset->table != NULL && i < dataset->files.count; i++) {
        tsr_csv_index_clear(&dataset->table[i].index);
        if (dataset->table[i].file.descriptor >= 0) close(dataset->table[i].file.descriptor);
    }
    free(dataset->table);
}

void tsr_csv_dataset_destroy(tsr_csv_dataset **dataset) {
    tsr_csv_dataset *old = *dataset;
    if (old == NULL) return;
    clear_tables(old);
    for (int i = 0; old->labels != NULL && i < old->heading.columns; i++) tsr_csv_labels_destroy(&old->labels[i]);
    for (int i = 0; old->missing != NULL && old->missing[i] != NULL; i++) free(old->missing[i]);
    free(old->missing);
    free(old->labels);
    free(old->target);
    free(old->fields);
    free(old->long_name);
    tsr_csv_heading_clear(&old->heading);
    tsr_files_clear(&old->files);
    free(old);
    *dataset = NULL;
}

static size_t cursor_bytes(void) { return (sizeof(cursor) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static size_t window_bytes(const tsr_csv_dataset *dataset) {
    size_t longest = 0;
    for (int i = 0; i < dataset->files.count; i++)
        if (dataset->table[i].index.row_bytes_max > longest) longest = dataset->table[i].index.row_bytes_max;
    return READ_BYTES + longest;
}

size_t tsr_csv_dataset_workspace(const tsr_csv_dataset *dataset) { return cursor_bytes() + window_bytes(dataset) + 2; }

/* ---- where a row is ---- */

static const tsr_csv_table *table_of(const cursor *at) { return &at->owner->table[at->number]; }

static tsr_status read_window(cursor *at, int64_t place) {
    TSR_TRY(tsr_csv_window_read(&table_of(at)->file, place, &at->window));
    at->text = (tsr_csv_text){at->window.data, at->window.data + at->window.bytes};
    return TSR_OK;
}

static tsr_status refuse_change(const cursor *at) {
    return TSR_FAIL(TSR_EDATA, "'%s' has changed since it was read: its rows are not where they were",
                    table_of(at)->file.input->path);
}

/* Goes to the first byte of the next row of the file. */
static tsr_status find_row(cursor *at) {
    for (;;) {
        tsr_csv_row_find(&at->owner->manner.grammar, &at->text);
        if (at->text.at < at->text.end) return TSR_OK;
        if (at->window.is_last) return refuse_change(at);
        TSR_TRY(read_window(at, tsr_csv_place(&at->window, at->text.at)));
    }
}

/* The window ends within the row that begins at `begin`: reads it again from there on. */
static tsr_status read_again(cursor *at, int64_t begin) {
    if (at->window.begin == begin || at->window.is_last) return refuse_change(at);
    return read_window(at, begin);
}

static tsr_status skip_row(cursor *at) {
    TSR_TRY(find_row(at));
    const int64_t begin = tsr_csv_place(&at->window, at->text.at);
    for (;;) {
        tsr_csv_line_end_find(&at->owner->manner.grammar, false, &at->text);
        if (at->text.at < at->text.end) return TSR_OK;
        TSR_TRY(read_again(at, begin));
    }
}

static tsr_status go(const tsr_csv_dataset *dataset, int64_t row, cursor *at) {
    at->owner = dataset;
    at->next = -1;
    at->window.data = (char *)at + cursor_bytes();
    at->window.room = window_bytes(dataset);
    at->number = tsr_files_at(&dataset->files, row);
    const tsr_csv_index *index = &table_of(at)->index;
    const int64_t wanted = row - dataset->files.begin[at->number], chunk = tsr_csv_index_find(index, wanted);
    TSR_TRY(read_window(at, index->place[chunk]));
    for (int64_t i = index->first[chunk]; i < wanted; i++) TSR_TRY(skip_row(at));
    at->next = row;
    return TSR_OK;
}

/* ---- what stands there ---- */

static tsr_status refuse_cell(const cursor *at, int index, const tsr_csv_cell *cell) {
    const tsr_csv_column *column = &at->owner->heading.column[index];
    char reason[TSR_CSV_REASON_BYTES];
    tsr_csv_value_reason(cell, column->type, reason);
    return tsr_csv_refuse(&table_of(at)->file, tsr_csv_place(&at->window, cell->first), "column '%.80s' %s",
                          column->name, reason);
}

/* Most cells: a number, and right behind it what ends the cell. */
static bool read_plain_number(const tsr_csv_grammar *grammar, tsr_csv_text *text, tsr_csv_next *next, double *out) {
    const char *end;
    if (!tsr_number_begins(text->at, &end, out)) return false;
    const tsr_csv_kind kind = (tsr_csv_kind)grammar->kind[(unsigned char)*end];
    if (kind != TSR_CSV_DELIMITER && kind != TSR_CSV_LINE_END) return false;
    text->at += end - text->at + (kind == TSR_CSV_DELIMITER);
    *next = kind == TSR_CSV_DELIMITER ? TSR_CSV_ANOTHER : TSR_CSV_LAST;
    return true;
}

static tsr_status read_cell(cursor *at, int index, tsr_csv_next *next, double *out) {
    const tsr_csv_dataset *dataset = at->owner;
    const tsr_csv_manner *manner = &dataset->manner;
    const tsr_csv_type type = dataset->heading.column[index].type;
    if (type == TSR_CSV_NUMBERS && !manner->has_markers && read_plain_number(&manner->grammar, &at->text, next, out))
        return TSR_OK;
    tsr_csv_cell cell;
    *next = tsr_csv_cell_read(&manner->grammar, &at->text, &cell);
    if (*next == TSR_CSV_MORE) return TSR_OK;
    if (*next == TSR_CSV_MISPLACED) return refuse_change(at);
    if (tsr_csv_value_read(&cell, type, &manner->missing, dataset->labels[index], out)) return TSR_OK;
    return refuse_cell(at, index, &cell);
}

/* The cells in use of a row. next: what follows the last one that was looked at. */
static tsr_status read_cells(cursor *at, const tsr_block *out, int64_t item, tsr_csv_next *next) {
    const tsr_csv_dataset *dataset = at->owner;
    int i = 0;
    *next = TSR_CSV_ANOTHER;
    for (; i <= dataset->last && *next == TSR_CSV_ANOTHER; i++) {
        const int target = dataset->target[i];
        tsr_csv_cell skipped;
        if (target < 0)
            *next = tsr_csv_cell_read(&dataset->manner.grammar, &at->text, &skipped);
        else
            TSR_TRY(read_cell(at, i, next, &tsr_column(out, target)[item]));
    }
    const bool is_short = *next == TSR_CSV_LAST && i <= dataset->last;
    return is_short || *next == TSR_CSV_MISPLACED ? refuse_change(at) : TSR_OK;
}

static tsr_status read_row(cursor *at, const tsr_block *out, int64_t item) {
    TSR_TRY(find_row(at));
    const int64_t begin = tsr_csv_place(&at->window, at->text.at);
    for (;;) {
        tsr_csv_next next;
        TSR_TRY(read_cells(at, out, item, &next));
        if (next == TSR_CSV_ANOTHER) tsr_csv_line_end_find(&at->owner->manner.grammar, false, &at->text);
        if (next != TSR_CSV_MORE && at->text.at < at->text.end) return TSR_OK;
        TSR_TRY(read_again(at, begin));
    }
}

tsr_status tsr_csv_dataset_read(const tsr_csv_dataset *dataset, void *workspace, const tsr_block *out) {
    cursor *at = workspace;
    TSR_ASSERT(out->item >= 0 && out->item + out->items <= dataset->files.begin[dataset->files.count]);
    if (at->owner != dataset || at->next != out->item) TSR_TRY(go(dataset, out->item, at));
    const int64_t begin = at->next;
    at->next = -1; /* unless all goes well */
    for (int64_t i = 0; i < out->items; i++) {
        if (begin + i == dataset->files.begin[at->number + 1]) TSR_TRY(go(dataset, begin + i, at));
        TSR_TRY(read_row(at, out, i));
    }
    at->next = begin + out->items;
    return TSR_OK;
}

void tsr_csv_dataset_place(const tsr_csv_dataset *dataset, int64_t row, char *out, size_t bytes) {
    cursor *at = calloc(1, tsr_csv_dataset_workspace(dataset));
    *out = '\0';
    if (at == NULL) return;
    const tsr_error before = *tsr_error_get(); /* a file that has changed is told by somebody else */
    if (go(dataset, row, at) == TSR_OK && find_row(at) == TSR_OK) {
        const tsr_csv_file *file = &table_of(at)->file;
        const int64_t line = tsr_csv_line_of(file, tsr_csv_place(&at->window, at->text.at));
        if (line > 0) snprintf(out, bytes, "%s:%lld", file->input->path, (long long)line);
    }
    tsr_error_set(&before);
    free(at);
}
