/* Rows of a CSV file one after the other, however long they are. One object per thread; hides the window that moves
 * along the file. */
#ifndef TSR_IO_CSV_ROWS_H
#define TSR_IO_CSV_ROWS_H

#include "io/csv/csv_file.h"

/* Longer rows are refused: mostly a quote is never closed. */
enum { TSR_CSV_ROW_BYTES_MAX = 1 << 26 };

typedef struct {
    const tsr_csv_file *file;
    const tsr_csv_grammar *grammar;
    tsr_csv_window window;
    tsr_csv_text text;
    int64_t line_end;   /* place of the last one before the row at hand, or -1 */
    int64_t begin;      /* place of that row */
    tsr_csv_cell *cell; /* [cells] of the row that was read last; valid until another one is looked for */
    int cells;
    int room;
} tsr_csv_rows;

/* room: bytes to read at a time. Not collective; allocates; clear also after a failure. TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_rows_init(const tsr_csv_file *file, const tsr_csv_grammar *grammar, size_t room, tsr_csv_rows *out);
void tsr_csv_rows_clear(tsr_csv_rows *rows);

/* Looks on from a place of the file that is not within a row. TSR_EDATA: it cannot be read, or has changed. */
tsr_status tsr_csv_rows_go(tsr_csv_rows *rows, int64_t place);

/* Moves to the next row, if there is one; reads its cells. TSR_EDATA: a quote out of place or never closed, a row of
 * more than TSR_CSV_ROW_BYTES_MAX, a file that cannot be read or has changed; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_rows_find(tsr_csv_rows *rows, bool *found);
tsr_status tsr_csv_rows_read(tsr_csv_rows *rows);

#endif
