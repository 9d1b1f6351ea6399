/* The heading of a CSV file: what its columns are called, and what they hold. */
#ifndef TSR_IO_CSV_HEADING_H
#define TSR_IO_CSV_HEADING_H

#include "io/csv/csv_file.h"
#include "io/csv/csv_value.h"

enum { TSR_CSV_ROWS_SEEN = 1000 }; /* at most, for the types of columns */

/* One column of the file. */
typedef struct {
    char *name;    /* c1, c2, ... where there is none */
    int64_t place; /* of the first cell, in the file */
    tsr_csv_type type;
    bool is_known;       /* a value that is not missing has been seen among the first rows; else numbers are expected */
    bool name_is_number; /* probably it is a value */
} tsr_csv_column;

typedef struct {
    int columns;
    tsr_csv_column *column; /* [columns] */
    int64_t begin;          /* of the rows of values, in the file */
} tsr_csv_heading;

/* How the text is to be read. */
typedef struct {
    tsr_csv_grammar grammar;
    bool has_header; /* the first row holds names */
    tsr_csv_missing missing;
    bool has_markers; /* a word for missing values looks like a number: -999 */
} tsr_csv_manner;

/* Reads the first TSR_CSV_ROWS_SEEN rows at most. Not collective; allocates; clear also after a failure. TSR_EDATA: a
 * quote out of place, rows of different lengths, no values at all; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_heading_read(const tsr_csv_file *file, const tsr_csv_manner *manner, tsr_csv_heading *out);
void tsr_csv_heading_clear(tsr_csv_heading *heading);

/* Index of a column, or -1. */
int tsr_csv_heading_find(const tsr_csv_heading *heading, const char *name);

#endif
