/* The names of columns that have none: places within a row. Pure; thread-safe. */
#ifndef TSR_IO_COLUMN_NAME_H
#define TSR_IO_COLUMN_NAME_H

#include <stddef.h>
#include <stdint.h>

/* A place within a row of an array of `rank` axes: "c7" (counted from 1) of a matrix, "p03_14" (from 0) of an image, ""
 * where a row is one element. Axis 0 counts rows; element: of a row, in C order. */
void tsr_column_name_place(int rank, const int64_t *extent, int64_t element, size_t bytes, char *out);

/* Appends a part to a name, with '_' between them unless one is empty. */
void tsr_column_name_join(const char *part, size_t bytes, char *out);

#endif
