/* The source hdf5: rows, or cells, of datasets in HDF5 and netCDF-4 files. */
#ifndef TSR_IO_HDF5_SOURCE_H
#define TSR_IO_HDF5_SOURCE_H

#include "engine/source.h"

extern const tsr_source tsr_source_hdf5;

#endif
