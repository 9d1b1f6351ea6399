/* What is in a file of data: its tables, and how a job would read each of them. */
#ifndef TSR_IO_INVENTORY_H
#define TSR_IO_INVENTORY_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { TSR_INVENTORY_BYTES = 128 };

/* One table: a dataset, a variable, an array, all rows of a text. */
typedef struct {
    char *name; /* "" where the file is the table */
    char shape[TSR_INVENTORY_BYTES];
    char type[TSR_INVENTORY_BYTES];
    char storage[TSR_INVENTORY_BYTES]; /* layout, chunks, compression, delimiter */
    char unit[TSR_INVENTORY_BYTES];    /* "" if none */
    char *source;                      /* YAML of a source that reads all its columns; NULL: no source can */
    char *job;                         /* the same for a job: only what numbers can be made of; NULL: none */
    bool is_first;                     /* what a job would rather read than others */
} tsr_inventory_row;

typedef struct {
    char format[TSR_INVENTORY_BYTES];
    int64_t bytes;
    int count;
    tsr_inventory_row *row; /* [count] */
} tsr_inventory;

/* Looks at a file: HDF5, netCDF, NumPy, or else text with delimiters. Not collective; allocates; clear in any case.
 * TSR_EDATA: there is no such file, or it is none of these; TSR_ERUNTIME: no memory. */
tsr_status tsr_inventory_read(const char *path, tsr_inventory *out);
void tsr_inventory_clear(tsr_inventory *inventory);

/* For those who look into a format: adds a row whose texts are copied; name, source and job may be NULL. */
tsr_status tsr_inventory_add(tsr_inventory *inventory, const tsr_inventory_row *row);

/* A text as a YAML scalar within quotes: 'it''s'. Allocates; NULL: no memory. */
char *tsr_inventory_quote(const char *text);

/* The formats. path: of a file that begins like one. */
tsr_status tsr_inventory_read_csv(const char *path, tsr_inventory *out);
tsr_status tsr_inventory_read_hdf5(const char *path, tsr_inventory *out);
tsr_status tsr_inventory_read_netcdf(const char *path, tsr_inventory *out);
tsr_status tsr_inventory_read_npy(const char *path, tsr_inventory *out);

#endif
