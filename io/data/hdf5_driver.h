/* Files as HDF5 reads them here: a driver of our own, read-only, that can also tell where a chunk lies without reading
 * it. HDF5 1.10 has no other way to ask for one chunk that does not go through all of them.
 * Not thread-safe: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_DRIVER_H
#define TSR_IO_HDF5_DRIVER_H

#include "engine/status.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* Opens a file; to be closed with tsr_h5_drop. A negative number: HDF5 cannot open it, and its error stack tells why.
 */
hid_t tsr_hdf5_driver_open(const char *path);

/* Where the bytes of a chunk lie, as they are stored. */
typedef struct {
    int64_t address; /* in the file */
    int64_t bytes;
    uint32_t skipped; /* bit i: filter i was not applied */
} tsr_hdf5_place;

/* The chunk that begins at `origin` [rank]. file: opened by the driver, dataset: of it. Costs a look into an index in
 * memory. False: it is not stored, or HDF5 fails; H5Dread tells which of the two. */
bool tsr_hdf5_driver_find(hid_t file, hid_t dataset, const hsize_t *origin, tsr_hdf5_place *out);

#endif
