/* The index of a CSV file: where its rows are, found by reading all of it once on all cores. Its size is that of the
 * file divided by 2^14; no row is kept. */
#ifndef TSR_IO_CSV_INDEX_H
#define TSR_IO_CSV_INDEX_H

#include "io/csv/csv_heading.h"

enum { TSR_CSV_CHUNK_BYTES = 1 << 18 };

/* A chunk holds the line ends before its rows: its first row is the first one that begins after one of them. */
typedef struct {
    int64_t rows;
    int64_t chunks;
    int64_t *first;       /* [chunks + 1] rows before the chunk */
    int64_t *place;       /* [chunks] of its first row, if it has any */
    size_t row_bytes_max; /* of any row, with its line end and blank lines before it */
} tsr_csv_index;

/* What is looked for. Borrowed for the call. */
typedef struct {
    const tsr_csv_manner *manner;
    const tsr_csv_heading *heading;
    tsr_csv_labels *const *labels; /* [columns of the file]: where the words of a column go, or NULL */
    size_t chunk_bytes;            /* TSR_CSV_CHUNK_BYTES, or less in tests */
    int threads;                   /* 0: as many as there are CPUs */
} tsr_csv_search;

/* Reads the file once. Checks that all rows have as many cells as the first and that quotes are where they may be: the
 * first breach is the one that is told, on any number of threads. Not collective; allocates; clear also after a
 * failure. TSR_EDATA: that, and labels that are too long, no printable UTF-8, or too many; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_index_create(const tsr_csv_file *file, const tsr_csv_search *search, tsr_csv_index *out);
void tsr_csv_index_clear(tsr_csv_index *index);

/* The chunk of a row. Thread-safe. */
int64_t tsr_csv_index_find(const tsr_csv_index *index, int64_t row);

#endif
