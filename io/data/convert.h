/* Numbers as files hold them become doubles: integers of 8 to 64 bits and IEEE floats of 32 and 64, in either byte
 * order. All of them keep their value, but integers of more than 53 bits, which are rounded to the nearest double. Pure
 * functions; thread-safe; nothing is allocated. Bytes need no alignment. */
#ifndef TSR_IO_CONVERT_H
#define TSR_IO_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    TSR_NUMBER_U8,
    TSR_NUMBER_I8,
    TSR_NUMBER_U16,
    TSR_NUMBER_I16,
    TSR_NUMBER_U32,
    TSR_NUMBER_I32,
    TSR_NUMBER_U64,
    TSR_NUMBER_I64,
    TSR_NUMBER_F32,
    TSR_NUMBER_F64,
    TSR_NUMBER_TYPES
} tsr_number_type;

typedef struct {
    tsr_number_type type;
    bool is_swapped; /* stored in the byte order that this machine has not */
} tsr_stored_number;

size_t tsr_number_bytes(tsr_number_type type);

/* One column: value i is at from + i * stride. */
void tsr_convert_column(tsr_stored_number number, const void *from, size_t stride, int64_t items, double *out);

/* Rows of neighbouring values become columns: value (r, c) is at from + r * row_bytes + c * size, and goes to
 * out[c * stride + r]. */
typedef struct {
    const void *from;
    size_t row_bytes;
    int64_t rows;
    int64_t columns;
} tsr_number_rows;
void tsr_convert_rows(tsr_stored_number number, const tsr_number_rows *rows, int64_t stride, double *out);

#endif
