/* Rows kept in an HDF5 file: one chunked dataset a column, or one for all, in the order of the items, written by all
 * ranks. The bytes of the file depend on the job and its input alone.
 *
 * In a job:
 *     sink: {hdf5: late.h5}
 *     sink: {hdf5: {file: late.h5, columns: [delay, distance], type: float32}}
 *     sink: {hdf5: {file: threes.h5, as: table, shape: [28, 28], type: uint8}}
 *
 *   file       relative to where the run is started, like --out
 *   columns    default: all that reach the tallies
 *   as         columns: a dataset for each; table: one dataset, called `name`, of all
 *   shape      of a row of a table; default: all columns side by side
 *   type       of numbers; one that does not fit ends the run and names its item. Floats are rounded to the nearest.
 *              Words are texts of fixed length, missing ones empty
 *   item       whether the number of every row's item in its source is kept too, as the axis of the rows; default yes
 *   chunk      rows of a chunk
 *   compression  of chunks: 1 .. 9; default 0, none
 *   replace    whether a file of that name may be there already; default no
 *
 * The file grows under the name FILE.part and is renamed once all rows are on the disk. */
#ifndef TSR_IO_HDF5_SINK_H
#define TSR_IO_HDF5_SINK_H

#include "engine/sink.h"

extern const tsr_sink tsr_sink_hdf5;

#endif
