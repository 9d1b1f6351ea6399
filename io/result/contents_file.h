/* Contents in a file: HDF5 laid out so that netCDF tools open it too.
 * Creation order is tracked everywhere; dimensions are dimension scales; words are characters with one more dimension;
 * attributes are fixed-length strings ending in NUL, or numbers. Source: netCDF-4 file format specification,
 * docs.unidata.ucar.edu/netcdf-c, "file format specifications". */
#ifndef TSR_IO_CONTENTS_FILE_H
#define TSR_IO_CONTENTS_FILE_H

#include "io/result/contents.h"
#include "io/result/h5.h"

/* Writes contents into a new file. Not collective. TSR_EIO with HDF5's reason; TSR_ERUNTIME: no memory. */
tsr_status tsr_contents_write(const tsr_contents *contents, hid_t file);

#endif
