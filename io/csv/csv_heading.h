/* The heading of a CSV text: what its columns are called, and which of them begin with a number. */
#ifndef TSR_IO_CSV_HEADING_H
#define TSR_IO_CSV_HEADING_H

#include "io/csv/csv_text.h"

typedef struct {
    bool header; /* the first row holds names */
    int columns;
    char **name;            /* [columns + 1], ends with NULL; c1, c2, ... where there is none */
    bool *is_number;        /* [columns] the first value is a number */
    bool names_are_numbers; /* all of them: probably they are values */
    int rows;               /* read so far: the header and one more at most */
    int cell;               /* cells of the current row */
    bool starved;           /* of memory */
} tsr_csv_heading;

/* Reads no further than the first row of values. Not collective; allocates; clear also after a failure.
 * TSR_EDATA: a quote out of place; no values at all; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_heading_read(const tsr_csv *csv, bool header, tsr_csv_heading *out);
void tsr_csv_heading_clear(tsr_csv_heading *heading);

/* Index of a column, or -1. */
int tsr_csv_heading_find(const tsr_csv_heading *heading, const char *name);

/* True if the whole cell is a number; out may then be read. */
bool tsr_csv_cell_number(const tsr_csv_cell *cell, double *out);

#endif
