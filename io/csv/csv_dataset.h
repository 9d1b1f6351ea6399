/* CSV files as one dataset: their rows by number, the columns in use as doubles. Immutable once it is made. */
#ifndef TSR_IO_CSV_DATASET_H
#define TSR_IO_CSV_DATASET_H

#include "engine/block.h"
#include "io/csv/csv_index.h"
#include "io/data/files.h"

typedef struct {
    tsr_csv_file file;
    tsr_csv_index index;
} tsr_csv_table;

typedef struct {
    tsr_csv_manner manner;
    char **missing; /* the words of manner.missing if the job gives any, ending with NULL */
    tsr_files files;
    tsr_csv_table *table;    /* [files.count] */
    tsr_csv_heading heading; /* of the first file; the others have the same names */
    int *target;             /* [heading.columns]: column of the dataset, or -1 */
    int last;                /* cell of a row in use */
    tsr_csv_labels **labels; /* [heading.columns], or NULL where there are no words */
    int columns;             /* of the dataset */
    tsr_field *fields;       /* [columns + 1] */
    char *long_name;         /* of all fields */
} tsr_csv_dataset;

void tsr_csv_dataset_destroy(tsr_csv_dataset **dataset); /* accepts NULL */

/* Bytes of scratch that a thread needs to read rows; zeros at first. */
size_t tsr_csv_dataset_workspace(const tsr_csv_dataset *dataset);

/* Fills a block with rows. Thread-safe on different workspaces; fast if the rows follow those that were read into the
 * workspace before. TSR_EDATA: a cell is not of its column's type; a file has changed. */
tsr_status tsr_csv_dataset_read(const tsr_csv_dataset *dataset, void *workspace, const tsr_block *out);

/* "data.csv:17": the line on which a row begins; "" if it cannot be found any more. Reads the file up to there. */
void tsr_csv_dataset_place(const tsr_csv_dataset *dataset, int64_t row, char *out, size_t bytes);

#endif
