/* Named axes in the file of a sink, as netCDF and xarray know them: HDF5's dimension scales. HDF5 is called. */
#ifndef TSR_IO_ROWS_AXES_H
#define TSR_IO_ROWS_AXES_H

#include "io/sink/rows_layout.h"

#include <hdf5.h>

/* Makes the datasets of the layout, which are in the file, have named axes: "item" or "row"; of a table "column", with
 * the columns' names, or as its shape has two lengths "y" and "x", else "axis_1", ... TSR_EIO. */
tsr_status tsr_rows_axes_add(const tsr_rows_layout *layout, int64_t rows, hid_t file);

/* What is made from a list of properties (of a file or a dataset) has its attributes in their order, which netCDF needs
 * to write to it, and does not tell when it was made. TSR_EIO. */
tsr_status tsr_rows_list_tame(hid_t list);

#endif
