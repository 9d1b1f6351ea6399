/* A CSV text in memory: its cells one after another, and the place in the file where each of them stands.
 * Hides libcsv. Cells are separated by one delimiter, rows end with LF, CRLF or CR; the last row may lack its end.
 * A byte order mark and blank lines are skipped; blanks around unquoted cells do not count; a quoted cell may hold
 * delimiters, line ends and doubled quotes. A quote anywhere else is refused. */
#ifndef TSR_IO_CSV_TEXT_H
#define TSR_IO_CSV_TEXT_H

#include "engine/input.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tsr_csv tsr_csv;

/* Where a text comes from. All borrowed until close. */
typedef struct {
    const char *path;  /* what is opened */
    const char *name;  /* how the user calls it */
    const char *where; /* the place in the job that names it */
    char delimiter;
} tsr_csv_origin;

/* Reads a whole file. Not collective; allocates. TSR_EDATA: missing, unreadable, a directory, a device, empty, or
 * changed while it was read, with name and where; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_open(const tsr_csv_origin *origin, tsr_csv **out);
void tsr_csv_close(tsr_csv **csv);

/* What identifies the file; the caller frees its path. To be taken once. */
tsr_input tsr_csv_take_input(tsr_csv *csv);

/* No table of this text has more rows. */
int64_t tsr_csv_rows_max(const tsr_csv *csv);

/* One cell: its text, followed by a zero byte, borrowed for the call. */
typedef struct {
    const char *text;
    size_t bytes;   /* a cell may hold zero bytes itself */
    int64_t number; /* cells before it in the file */
} tsr_csv_cell;

/* What a reader does with each cell and at the end of each row. Returns false to read no further. */
typedef struct {
    bool (*cell)(void *data, const tsr_csv_cell *cell);
    bool (*row)(void *data);
    void *data;
} tsr_csv_reader;

/* Reads from the beginning to the end, or until the reader has enough. Thread-safe.
 * TSR_EDATA: a quote out of place or never closed; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_read(const tsr_csv *csv, const tsr_csv_reader *reader);

/* TSR_EDATA with the sentence "name:line:column: ..." for the cell of that number. */
tsr_status tsr_csv_refuse(const tsr_csv *csv, int64_t cell, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
