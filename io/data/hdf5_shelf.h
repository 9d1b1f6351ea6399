/* HDF5's handles of the files of a dataset, a few of them open at a time.
 * HDF5 is called: create, destroy and find under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_SHELF_H
#define TSR_IO_HDF5_SHELF_H

#include "io/data/files.h"

#include <hdf5.h>

typedef struct tsr_hdf5_shelf tsr_hdf5_shelf;

/* Handles of an open file. */
typedef struct {
    hid_t file;
    hid_t dataset;
} tsr_hdf5_handles;

/* names: [variables] of the datasets that are read in each file; kept, as are the files. Allocates. TSR_ERUNTIME. */
tsr_status tsr_hdf5_shelf_create(const tsr_files *files, char *const *names, int variables, tsr_hdf5_shelf **out);
void tsr_hdf5_shelf_destroy(tsr_hdf5_shelf **shelf);

/* The handles of a dataset in file i; valid until the lock is given back. TSR_EDATA: HDF5 cannot open it. */
tsr_status tsr_hdf5_shelf_find(tsr_hdf5_shelf *shelf, int i, int variable, tsr_hdf5_handles *out);

/* Fails with TSR_EDATA: "'<path>'[, <dataset>] <sentence>: <HDF5's innermost message>"; dataset may be NULL. Right
 * after the call that failed. */
tsr_status tsr_hdf5_refuse(const char *path, const char *dataset, const char *sentence);

#endif
