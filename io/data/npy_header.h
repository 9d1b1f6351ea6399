/* The header of a NumPy file: what lies in it, and where. Versions 1.0 to 3.0 of the format.
 * Source: numpy/lib/format.py, "NPY format". */
#ifndef TSR_IO_NPY_HEADER_H
#define TSR_IO_NPY_HEADER_H

#include "engine/status.h"
#include "io/data/convert.h"

enum { TSR_NPY_RANK_MAX = 32, TSR_NPY_NAME_BYTES = 128, TSR_NPY_HEADER_BYTES_MAX = 1 << 20 };

/* One number of an element. */
typedef struct {
    char name[TSR_NPY_NAME_BYTES]; /* "" where the element is this number; "field", "outer_field", "field_2" */
    int64_t offset;                /* bytes within the element */
    tsr_stored_number number;
} tsr_npy_cell;

typedef struct {
    int64_t begin; /* of the data, in the file */
    bool is_fortran;
    int rank;
    int64_t shape[TSR_NPY_RANK_MAX];
    int64_t elements;
    int64_t bytes; /* of an element */
    int cells;
    tsr_npy_cell *cell;
    char type[64]; /* as it is written: "<f8", or "6 fields" */
} tsr_npy_header;

/* The bytes at the beginning of a file: text [bytes], which may be fewer than the header has; *wanted: how many it has.
 * Thread-safe; allocates; clear also after a failure. TSR_EDATA: with a sentence that has no name of a file: no NumPy
 * file, a version that is not known, a type that holds no numbers; TSR_ERUNTIME: no memory. */
tsr_status tsr_npy_header_read(const unsigned char *text, size_t bytes, size_t *wanted, tsr_npy_header *out);
/* The header of an open file; path: for messages, which have it. The same failures. */
tsr_status tsr_npy_file_read(int file, const char *path, tsr_npy_header *out);

/* Puts "'path': " before the sentence of a failure of class TSR_EDATA; returns the status. */
tsr_status tsr_npy_about(const char *path, tsr_status status);

void tsr_npy_header_clear(tsr_npy_header *header);

#endif
