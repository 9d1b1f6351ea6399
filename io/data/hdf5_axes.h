/* Where along its axes the cells of an HDF5 dataset lie: dimension scales, and coordinate variables of netCDF.
 * HDF5 is called: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_AXES_H
#define TSR_IO_HDF5_AXES_H

#include "io/data/hdf5_open.h"

/* Reads the coordinates of the dataset at hand in file i into table->along, and adds a column for each axis if the file
 * is the first. Axes without numbers have indices, from 0 on. TSR_EDATA: a scale that cannot be read, or of another
 * length than its axis; too long an axis; TSR_ERUNTIME: no memory. */
tsr_status tsr_hdf5_axes_read(tsr_hdf5_opening *opening, int i);

/* The labels of the dataset's second axis: words of a dimension scale, or of an attribute `columns` or `column_names`:
 * [count], each to be freed. False: there are none. */
bool tsr_hdf5_axes_labels(hid_t dataset, int64_t count, char **out);

#endif
