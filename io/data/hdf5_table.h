/* HDF5 datasets of one or many files as one table of columns: the model of the source hdf5.
 * Immutable once it is open, but for the files that are kept open behind it. */
#ifndef TSR_IO_HDF5_TABLE_H
#define TSR_IO_HDF5_TABLE_H

#include "engine/block.h"
#include "io/csv/csv_labels.h"
#include "io/data/hdf5_window.h"

enum { TSR_HDF5_COLUMNS_MAX = 65536 };

/* Columns that lie side by side in a row: `count` elements, of each the same cell. */
typedef struct {
    int64_t element; /* the first, within a row */
    int cell;
    int64_t count;          /* 1 unless elements are single numbers */
    int column;             /* the first, of the table */
    tsr_csv_labels *labels; /* of a column of words; NULL: numbers */
} tsr_hdf5_strip;

/* A dataset that is in every file. */
typedef struct {
    char *name; /* its path within the file */
    int strips;
    tsr_hdf5_strip *strip;
    size_t band_bytes; /* of the largest band in any file */
} tsr_hdf5_variable;

/* A column that tells where along an axis a cell lies. */
typedef struct {
    int axis;
    int column;
} tsr_hdf5_coordinate;

typedef struct {
    tsr_files files;
    tsr_open_files *open;
    tsr_hdf5_shelf *shelf;
    bool by_rows; /* or by cells */
    int variables;
    tsr_hdf5_variable *variable;
    char **names;        /* [variables] of the variables, as the shelf wants them */
    tsr_hdf5_part *part; /* [files, variables] */
    double **along; /* [files, H5S_MAX_RANK] coordinates, NULL: indices; a file may share them with the one before */
    int coordinates;
    tsr_hdf5_coordinate *coordinate;
    int columns;
    tsr_field *fields; /* [columns + 1] with texts that are owned */
    size_t scratch_bytes;
    size_t chunk_bytes; /* of the largest chunk that has to be rearranged */
    int64_t grain;      /* rows that a band has */
} tsr_hdf5_table;

/* Elements of a row of a variable. */
int64_t tsr_hdf5_row_elements(const tsr_hdf5_table *table, int variable);

/* Frees all of it; accepts NULL. */
void tsr_hdf5_table_destroy(tsr_hdf5_table *table);

/* Bytes of a thread's workspace, which must be zero at first. */
size_t tsr_hdf5_table_workspace(const tsr_hdf5_table *table);

/* Some rows of a variable as they lie in a window: `from` is the first of them, row_bytes from each to the next. */
typedef struct {
    const tsr_hdf5_part *part;
    int64_t first; /* of the rows that were asked for */
    int64_t count;
    const unsigned char *from;
    size_t row_bytes;
} tsr_hdf5_rows;
typedef tsr_status (*tsr_hdf5_rows_fn)(const tsr_hdf5_rows *rows, void *data);

/* Shows rows of a variable in file i, in runs, in their order. Thread-safe with a workspace for each thread. TSR_EDATA,
 * TSR_ERUNTIME: tsr_hdf5_window_aim, or what `show` returns. */
tsr_status tsr_hdf5_table_show(const tsr_hdf5_table *table, void *workspace, int variable, int i, tsr_range rows,
                               tsr_hdf5_rows_fn show, void *data);

/* Fills a block: its rows, all columns. Thread-safe with a workspace for each thread; allocates nothing. TSR_EDATA,
 * TSR_ERUNTIME: tsr_hdf5_window_aim. */
tsr_status tsr_hdf5_table_fill(const tsr_hdf5_table *table, void *workspace, tsr_block *out);

#endif
