/* Contents in a file: HDF5 laid out so that netCDF tools open it too.
 * Creation order is tracked everywhere; dimensions are dimension scales; words are characters with one more dimension;
 * attributes are fixed-length strings ending in NUL, or numbers. Source: netCDF-4 file format specification,
 * docs.unidata.ucar.edu/netcdf-c, "file format specifications". */
#ifndef TSR_IO_CONTENTS_FILE_H
#define TSR_IO_CONTENTS_FILE_H

#include "io/result/contents.h"
#include "io/result/h5.h"

/* Writes shared contents into a new file. Collective, every rank with the same contents; rank 0 holds the data of all
 * variables and writes it, the others select nothing. TSR_EIO with HDF5's reason. All ranks leave with the same
 * verdict. */
tsr_status tsr_contents_write(const tsr_contents *contents, hid_t file, tsr_comm *comm);

/* Reads every variable back and compares it bit by bit. Not collective: on rank 0. TSR_EIO: something differs. */
tsr_status tsr_contents_compare(const tsr_contents *contents, hid_t file);

/* Bytes that the file will not exceed. */
int64_t tsr_contents_file_bytes(const tsr_contents *contents);

#endif
