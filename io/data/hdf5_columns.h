/* The columns that HDF5 datasets can give: their names, and which of them a job chooses.
 * HDF5 is called: under the lock of hdf5_lock.h, but for the choice. */
#ifndef TSR_IO_HDF5_COLUMNS_H
#define TSR_IO_HDF5_COLUMNS_H

#include "io/data/hdf5_open.h"

/* Adds the coordinate of an axis. Copies the texts; unit and long_name may be empty. TSR_ERUNTIME: no memory. */
tsr_status tsr_hdf5_columns_add_axis(tsr_hdf5_opening *opening, int axis, const char *name, const char *unit,
                                     const char *long_name);

/* Adds what the dataset at hand, variable v of the table, has in a row. TSR_EDATA: too many; TSR_ERUNTIME. */
tsr_status tsr_hdf5_columns_add(tsr_hdf5_opening *opening, int variable);

/* Makes the fields, strips and coordinates of the table from what was added: the columns that the job names, in its
 * order, or all. TSR_EUSAGE: no such column (names the nearest), or twice; TSR_EDATA: two columns of one name;
 * TSR_ERUNTIME. */
tsr_status tsr_hdf5_columns_choose(tsr_hdf5_opening *opening);

void tsr_hdf5_columns_clear(tsr_hdf5_columns *columns);

#endif
