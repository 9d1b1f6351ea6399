/* What an element of an HDF5 dataset is made of: one number or word, or, of a compound type, several with names.
 * HDF5 is called: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_ELEMENT_H
#define TSR_IO_HDF5_ELEMENT_H

#include "engine/status.h"
#include "io/data/convert.h"

#include <hdf5.h>

enum { TSR_HDF5_CELLS_MAX = 65536 };

/* One number, or one word of fixed length, within an element. */
typedef struct {
    char *name;    /* "" when the element is this number; "member" or "outer_member", "member_3" of an array */
    size_t offset; /* bytes, within an element */
    tsr_stored_number number;
    size_t word_bytes; /* of a word, which ends with its first zero byte or with blanks; 0: a number */
} tsr_hdf5_cell;

typedef struct {
    size_t bytes;    /* of an element as it is read */
    bool is_foreign; /* a number that only HDF5 can convert: it is read as a double */
    int numbers;     /* cells that are numbers */
    int count;       /* of cells */
    tsr_hdf5_cell *cell;
    const char *why; /* there are no cells: "references", ... */
} tsr_hdf5_element;

/* Looks at a dataset's type. Members that are neither, or of a kind that only HDF5 can
 * convert, are left out. Allocates; clear in any case.
 * TSR_EDATA: a type that is nested too deeply or has too many members; TSR_ERUNTIME: no memory. */
tsr_status tsr_hdf5_element_read(hid_t type, tsr_hdf5_element *out);
void tsr_hdf5_element_clear(tsr_hdf5_element *element);

/* The type in memory as which elements are read from a dataset of the given type; to be closed with H5Tclose. A
 * negative number: HDF5 fails. */
hid_t tsr_hdf5_element_memory(const tsr_hdf5_element *element, hid_t type);

#endif
