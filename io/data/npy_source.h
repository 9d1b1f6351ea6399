/* The source npy: rows, or cells, of arrays in NumPy files.
 *
 * In a job:
 *     source: {npy: paths.npy}                                     # a matrix: an item is a row, columns are c1, c2,
 * ... source: {npy: {file: "part-*.npy", columns: [price, size]}}  # fields of a structured array, many files source:
 * {npy: {file: cube.npy, items: cells}}                # an item is an element with its indices i0, i1, i2
 *
 * Integers of 8 to 64 bits, booleans and floats of 32 and 64 bits in either byte order, C and Fortran order. */
#ifndef TSR_IO_NPY_SOURCE_H
#define TSR_IO_NPY_SOURCE_H

#include "engine/source.h"

extern const tsr_source tsr_source_npy;

#endif
