/* Variables of classic netCDF files as a table of columns. */
#ifndef TSR_IO_NETCDF_TABLE_H
#define TSR_IO_NETCDF_TABLE_H

#include "engine/param.h"
#include "io/data/raw_table.h"

/* By the parameters of the source netcdf. Not collective; allocates *out, to be destroyed by tsr_raw_table_destroy.
 * TSR_EUSAGE: an unknown column; TSR_EDATA: a file that is none, variables that are not there, hold no numbers or do
 * not fit together, files that are not alike; TSR_ERUNTIME: no memory. */
tsr_status tsr_netcdf_table_open(const tsr_params *params, tsr_raw_table **out);

#endif
