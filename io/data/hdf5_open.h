/* Opening HDF5 datasets of one or many files as a table: which datasets, what they are made of, whether all files are
 * alike. Columns are hdf5_columns.h's. */
#ifndef TSR_IO_HDF5_OPEN_H
#define TSR_IO_HDF5_OPEN_H

#include "engine/param.h"
#include "io/data/hdf5_table.h"

/* A column that the datasets can give. */
typedef struct {
    char *name;
    char *unit;
    char *long_name;
    int axis;     /* whose coordinate it is, or -1 */
    int variable; /* or -1 */
    int64_t element;
    int cell;
    bool is_word;
    bool is_left_out; /* unless it is named: words beside numbers */
} tsr_hdf5_column;

typedef struct {
    int count;
    int room;
    tsr_hdf5_column *column;
} tsr_hdf5_columns;

/* What the opening of a table goes by. */
typedef struct {
    const tsr_params *params; /* of the source hdf5 */
    tsr_hdf5_table *table;    /* zeroed at first */
    const char *path;         /* of the file at hand */
    hid_t file;
    hid_t dataset;    /* at hand */
    const char *name; /* of that dataset */
    bool is_netcdf;   /* the file at hand */
    int64_t file_bytes;
    tsr_hdf5_columns columns; /* of the first file */
} tsr_hdf5_opening;

/* Opens all files, one after the other, and closes them again. Takes the lock of hdf5_lock.h. Not collective;
 * allocates; destroy the table in any case. TSR_EDATA: a file is missing, no HDF5, cut short, lacks a dataset (names
 * the nearest), holds no numbers, or is not like the first; TSR_EUSAGE; TSR_ERUNTIME: no memory. */
tsr_status tsr_hdf5_table_open(const tsr_params *params, tsr_hdf5_table *table);

/* TSR_EDATA: "'<path>', <dataset> <sentence>". */
tsr_status tsr_hdf5_opening_refuse(const tsr_hdf5_opening *opening, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
