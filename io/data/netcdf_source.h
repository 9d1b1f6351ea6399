/* The source netcdf: rows, or cells, of variables in netCDF files of the classic formats. netCDF-4 is HDF5, and read by
 * the source hdf5.
 *
 * In a job:
 *     source: {netcdf: {file: etopo5.cdf, dataset: ROSE, items: cells}}   # columns ETOPO05_Y, ETOPO05_X, ROSE */
#ifndef TSR_IO_NETCDF_SOURCE_H
#define TSR_IO_NETCDF_SOURCE_H

#include "engine/source.h"

extern const tsr_source tsr_source_netcdf;

#endif
