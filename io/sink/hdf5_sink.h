/* Rows kept in an HDF5 file: one chunked dataset a column, in the order of the items, written by all ranks.
 *
 * In a job:
 *     sink: {hdf5: late.h5}
 *     sink: {hdf5: {file: late.h5, columns: [delay, distance], chunk: 65536}}
 *
 *   file       relative to where the run is started, like --out
 *   columns    default: all that reach the tallies
 *   chunk      rows of a chunk
 *   replace    whether a file of that name may be there already; default no
 *
 * The file grows under the name FILE.part and is renamed once all rows are on the disk. */
#ifndef TSR_IO_HDF5_SINK_H
#define TSR_IO_HDF5_SINK_H

#include "engine/sink.h"

extern const tsr_sink tsr_sink_hdf5;

#endif
