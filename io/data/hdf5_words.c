#include "io/data/hdf5_words.h"

#include "io/data/hdf5_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A word as it lies in a row. */
typedef struct {
    const char *text;
    size_t bytes;
} word;

bool tsr_hdf5_words_are_rows(const tsr_hdf5_part *part) {
    return part->rank == 2 && part->element.count == 1 && part->element.cell[0].word_bytes == 1;
}

static word word_at(const tsr_hdf5_rows *rows, const tsr_hdf5_strip *strip, int64_t i) {
    const tsr_hdf5_cell *cell = &rows->part->element.cell[strip->cell];
    const size_t before = (size_t)i * rows->row_bytes + (size_t)strip->element * rows->part->element.bytes;
    word found = {.text = (const char *)rows->from + before + cell->offset};
    found.bytes = strnlen(found.text, tsr_hdf5_words_are_rows(rows->part) ? rows->row_bytes : cell->word_bytes);
    while (found.bytes > 0 && found.text[found.bytes - 1] == ' ') found.bytes--;
    return found;
}

/* ---- labels ---- */

static bool is_label(const word *found) {
    char printable[TSR_HDF5_TEXT_BYTES];
    tsr_hdf5_printable(found->text, found->bytes, printable);
    return strlen(printable) == found->bytes && memcmp(printable, found->text, found->bytes) == 0;
}

static tsr_status add_words(const tsr_hdf5_rows *rows, void *data) {
    const tsr_hdf5_strip *strip = data;
    for (int64_t i = 0; i < rows->count; i++) {
        const word found = word_at(rows, strip, i);
        if (found.bytes == 0 || tsr_csv_labels_has(strip->labels, found.text, found.bytes)) continue;
        TSR_REQUIRE(is_label(&found), TSR_EDATA,
                    "row %lld of a column of words holds one that is not printable UTF-8 of at most %d bytes",
                    (long long)(rows->first + i), TSR_HDF5_TEXT_BYTES - 1);
        TSR_TRY(tsr_csv_labels_add(strip->labels, found.text, found.bytes));
    }
    return TSR_OK;
}

static tsr_status about(const tsr_hdf5_table *table, int i, int variable, tsr_status status) {
    if (status != TSR_EDATA) return status;
    tsr_error named = *tsr_error_get();
    snprintf(named.message, sizeof(named.message), "'%.300s', %.200s: %.400s", table->files.input[i].path,
             table->variable[variable].name, tsr_error_get()->message);
    tsr_error_set(&named);
    return status;
}

static tsr_status collect(tsr_hdf5_table *table, void *workspace, int variable, tsr_hdf5_strip *strip) {
    for (int i = 0; i < table->files.count; i++) {
        const tsr_range all = {0, table->files.begin[i + 1] - table->files.begin[i]};
        const tsr_status status = tsr_hdf5_table_show(table, workspace, variable, i, all, add_words, strip);
        TSR_TRY(about(table, i, variable, status));
    }
    TSR_TRY(tsr_csv_labels_sort(strip->labels));
    table->fields[strip->column].categories = tsr_csv_labels_sorted(strip->labels);
    return TSR_OK;
}

static tsr_status collect_all(tsr_hdf5_table *table, void *workspace) {
    for (int v = 0; v < table->variables; v++)
        for (int s = 0; s < table->variable[v].strips; s++) {
            tsr_hdf5_strip *strip = &table->variable[v].strip[s];
            if (strip->labels != NULL) TSR_TRY(collect(table, workspace, v, strip));
        }
    return TSR_OK;
}

tsr_status tsr_hdf5_words_collect(tsr_hdf5_table *table) {
    bool has_words = false;
    for (int v = 0; v < table->variables; v++)
        for (int s = 0; s < table->variable[v].strips; s++) has_words |= table->variable[v].strip[s].labels != NULL;
    if (!has_words) return TSR_OK;
    void *workspace = calloc(1, tsr_hdf5_table_workspace(table));
    TSR_REQUIRE(workspace != NULL, TSR_ERUNTIME, "no memory to read words");
    const tsr_status status = collect_all(table, workspace);
    free(workspace);
    return status;
}

/* ---- codes ---- */

tsr_status tsr_hdf5_words_convert(const tsr_hdf5_rows *rows, const tsr_hdf5_strip *strip, double *out) {
    for (int64_t i = 0; i < rows->count; i++) {
        const word found = word_at(rows, strip, i);
        const int code = found.bytes > 0 ? tsr_csv_labels_code(strip->labels, found.text, found.bytes) : 0;
        TSR_REQUIRE(code >= 0, TSR_EDATA,
                    "a column of words holds '%.*s' now, which was not there when the dataset was opened",
                    found.bytes < 80 ? (int)found.bytes : 80, found.text);
        out[i] = found.bytes > 0 ? (double)code : NAN;
    }
    return TSR_OK;
}
