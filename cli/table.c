#include "cli/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, POINT_MOST = 6 };

struct tsr_table {
    int columns;
    const tsr_align *align;
    size_t rows;
    size_t room;  /* rows that fit into cell */
    char **cell;  /* [rows, columns] */
    bool no_room; /* memory ran out */
};

tsr_status tsr_table_create(int columns, const tsr_align *align, tsr_table **out) {
    tsr_table *table = calloc(1, sizeof(*table));
    TSR_REQUIRE(table != NULL, TSR_ERUNTIME, "no memory for a table");
    table->columns = columns;
    table->align = align;
    *out = table;
    return TSR_OK;
}

void tsr_table_destroy(tsr_table **table) {
    if (*table == NULL) return;
    for (size_t i = 0; i < (*table)->rows * (size_t)(*table)->columns; i++) free((*table)->cell[i]);
    free((*table)->cell);
    free(*table);
    *table = NULL;
}

static bool grow(tsr_table *table) {
    if (table->rows < table->room) return true;
    size_t room = table->room == 0 ? 16 : 2 * table->room;
    char **cell = realloc(table->cell, room * (size_t)table->columns * sizeof(*cell)); // NOLINT
    if (cell == NULL) return false;
    table->cell = cell;
    table->room = room;
    return true;
}

/* Names come from files of all kinds: nothing in them may reach the terminal as a command. */
static char *copy_inert(const char *text) {
    char *copy = strdup(text);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    return copy;
}

void tsr_table_add(tsr_table *table, const char *const *cells) {
    if (table->no_room || !grow(table)) {
        table->no_room = true;
        return;
    }
    char **row = table->cell + table->rows++ * (size_t)table->columns;
    for (int i = 0; i < table->columns; i++) {
        row[i] = copy_inert(cells[i]);
        if (row[i] == NULL) table->no_room = true;
    }
}

/* ---- widths ---- */

int tsr_text_width(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* Characters before the decimal point of a number that begins the text. 0 for words, and for numbers so long that all
 * others would have to move for them. */
static int before_point(const char *text) {
    int before = (int)strspn(text, "(+-0123456789,");
    return before > POINT_MOST ? 0 : before;
}

typedef struct {
    int point; /* most characters before the decimal point */
    int width;
} span;

static int shift_of(const span *measured, tsr_align align, const char *text) {
    if (align == TSR_ALIGN_POINT) return before_point(text) > 0 ? measured->point - before_point(text) : 0;
    return align == TSR_ALIGN_RIGHT ? measured->width - tsr_text_width(text) : 0;
}

static const char *cell_at(const tsr_table *table, size_t row, int column) {
    return table->cell[row * (size_t)table->columns + (size_t)column];
}

static int larger(int a, int b) { return a > b ? a : b; }

static span measure(const tsr_table *table, int column) {
    span measured = {0};
    tsr_align align = table->align[column];
    for (size_t row = 0; row < table->rows; row++)
        measured.point = larger(measured.point, before_point(cell_at(table, row, column)));
    for (size_t row = 0; row < table->rows; row++) {
        const char *text = cell_at(table, row, column);
        int shift = align == TSR_ALIGN_POINT ? shift_of(&measured, align, text) : 0;
        measured.width = larger(measured.width, shift + tsr_text_width(text));
    }
    return measured;
}

static void print_row(const tsr_table *table, char *const *row, const span *spans, int indent, FILE *out) {
    int owed = indent; /* blanks not printed yet: those before the end of a line never are */
    for (int i = 0; i < table->columns; i++) {
        int shift = shift_of(&spans[i], table->align[i], row[i]);
        if (row[i][0] != '\0') {
            fprintf(out, "%*s%s", owed + shift, "", row[i]);
            owed = -shift;
        }
        owed += spans[i].width - (row[i][0] != '\0' ? tsr_text_width(row[i]) : 0) + GAP;
    }
    fputc('\n', out);
}

tsr_status tsr_table_print(const tsr_table *table, int indent, FILE *out) {
    span *spans = calloc((size_t)table->columns, sizeof(*spans));
    if (spans == NULL || table->no_room) {
        free(spans);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for a table of %zu rows", table->rows);
    }
    for (int i = 0; i < table->columns; i++) spans[i] = measure(table, i);
    for (size_t row = 0; row < table->rows; row++)
        print_row(table, table->cell + row * (size_t)table->columns, spans, indent, out);
    free(spans);
    return TSR_OK;
}
