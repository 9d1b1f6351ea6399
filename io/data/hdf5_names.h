/* The names of the datasets of an HDF5 file: which there are, which one is meant.
 * HDF5 is called: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_NAMES_H
#define TSR_IO_HDF5_NAMES_H

#include "engine/status.h"

#include <hdf5.h>

/* The paths of datasets, at most some thousands, in the order of their names; without a slash at the beginning. */
typedef struct {
    int count;
    char **name; /* [count + 1], ends with NULL */
} tsr_hdf5_names;

/* All datasets of a file. Allocates; clear in any case. TSR_EDATA: HDF5 cannot go through the file; TSR_ERUNTIME. */
tsr_status tsr_hdf5_names_read(hid_t file, const char *path, tsr_hdf5_names *out);
void tsr_hdf5_names_clear(tsr_hdf5_names *names);

/* The only dataset of a file that holds numbers along at least one axis and is no dimension scale; *out is to be freed.
 * TSR_EDATA: there are none, or more than one: the sentence has their names. */
tsr_status tsr_hdf5_names_only(hid_t file, const char *path, char **out);

/* TSR_EDATA: a file has no such dataset; the sentence has the nearest name. */
tsr_status tsr_hdf5_names_refuse(hid_t file, const char *path, const char *wanted);

#endif
