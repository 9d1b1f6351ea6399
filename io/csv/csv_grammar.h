/* How a CSV text is cut into cells, one cell at a time.
 * Cells are separated by one delimiter, rows end with LF, CRLF or CR. Blank lines are skipped; blanks around unquoted
 * cells do not count; a quoted cell may hold delimiters, line ends and doubled quotes. A quote anywhere else is
 * misplaced. Nothing here allocates or keeps state; all is thread-safe. */
#ifndef TSR_IO_CSV_GRAMMAR_H
#define TSR_IO_CSV_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { TSR_CSV_PLAIN, TSR_CSV_DELIMITER, TSR_CSV_LINE_END, TSR_CSV_QUOTE, TSR_CSV_ZERO } tsr_csv_kind;

typedef struct {
    char delimiter;
    unsigned char kind[256]; /* tsr_csv_kind of each byte */
} tsr_csv_grammar;

void tsr_csv_grammar_init(char delimiter, tsr_csv_grammar *out);

/* A part of a text: a zero byte stands at `end`. A row that ends with the file must have a line end there. */
typedef struct {
    char *at; /* the next byte to read */
    char *end;
} tsr_csv_text;

/* One cell, borrowed from the text. */
typedef struct {
    char *first; /* of its characters: the quote of a quoted one */
    char *begin; /* what it holds, without quotes and blanks around them; quotes in it are still doubled */
    char *end;
    bool has_doubled; /* quotes */
} tsr_csv_cell;

/* What follows a cell, or why there is none. */
typedef enum {
    TSR_CSV_ANOTHER,  /* another cell of the row, where the text now stands */
    TSR_CSV_LAST,     /* the end of the row: the text stands at its line end */
    TSR_CSV_MORE,     /* the text ends within the cell */
    TSR_CSV_MISPLACED /* what must not follow a quote, or a quote, stands at the text's place */
} tsr_csv_next;

tsr_csv_next tsr_csv_cell_read(const tsr_csv_grammar *grammar, tsr_csv_text *text, tsr_csv_cell *out);

/* Skips blank lines: the text then stands at the first byte of a row, or at its end. Returns the last line end that it
 * has passed, or NULL. */
char *tsr_csv_row_find(const tsr_csv_grammar *grammar, tsr_csv_text *text);

/* The text stands at a byte that is within quotes or not: moves it to the next line end outside of them, or to its end.
 */
void tsr_csv_line_end_find(const tsr_csv_grammar *grammar, bool is_quoted, tsr_csv_text *text);

/* What a cell holds, with single quotes and a zero byte, if it fits. Returns the number of its bytes in any case. */
size_t tsr_csv_cell_copy(const tsr_csv_cell *cell, size_t room, char *out);

#endif
