/* A dataset in CSV files: one item a row, one column a column.
 *
 * In a job:
 *     source: {csv: data/prices.csv}                                      # every column of numbers
 *     source: {csv: {file: data/prices.csv, columns: [DAX, SMI]}}         # these two, in this order
 *     source: {csv: {file: data/prices.txt, delimiter: ";", header: no}}  # columns are called c1, c2, ...
 *     source: {csv: {file: data/flights-*.csv, columns: [date, origin, delay], missing: [NA, -999]}}
 *
 *   file       one or more paths, relative to the job file, which may have * ? [a-z] in them: their rows follow each
 *              other. All files have the same names of columns
 *   columns    names of the header; default: all columns of numbers, and those that `text` names
 *   text       columns that are words, though they may look like numbers (zip codes)
 *   delimiter  one character between cells, or the word tab; default ",", in files called *.tsv tab
 *   header     whether the first row holds the names; default yes. A column without a name is called c1, c2, ...
 *   missing    what stands for a missing value; default: the empty cell, NA, N/A, n/a, #N/A, NaN, nan, -nan, NULL, null
 *              and None; `missing: refuse` refuses all of them
 *
 * The first value of a column that is not missing, among the first 1000 rows, tells whether it has numbers, dates or
 * words. Numbers are decimal with a point, in any locale (engine/number.h), and become the nearest double; infinities
 * are refused. Dates become seconds since 1970 (io/csv/csv_date.h). Words become categories: 0, 1, 2, ... in the
 * alphabetical order of bytes. Missing values become NaN.
 *
 * The files are read once when the source is created: then rows are counted, the words of chosen columns are collected,
 * and quotes out of place and rows with another number of cells are refused. What cells hold is read, and refused, when
 * their rows are. Both say file, line and column. */
#ifndef TSR_IO_CSV_SOURCE_H
#define TSR_IO_CSV_SOURCE_H

#include "engine/source.h"

/* Keeps an index of the files (io/csv/csv_index.h) and the labels of words, never rows. TSR_EUSAGE: an unknown column
 * or a delimiter that cannot be one; TSR_EDATA: a file is missing, unreadable or malformed; TSR_ERUNTIME: no memory. */
extern const tsr_source tsr_source_csv;

#endif
