#include "io/data/convert.h"

#include <string.h>

/* How many values of a row are converted at once, and how many rows go to a column at once: a line of the cache on
 * either side. */
enum { RUN = 64, LINE = 8, LINE_BYTES = 64 };

typedef void (*run_fn)(const unsigned char *from, int64_t count, double *out);
typedef void (*column_fn)(const unsigned char *from, size_t stride, int64_t count, double *out);

static inline uint8_t same(uint8_t bits) { return bits; }
static inline uint16_t keep_16(uint16_t bits) { return bits; }
static inline uint32_t keep_32(uint32_t bits) { return bits; }
static inline uint64_t keep_64(uint64_t bits) { return bits; }
static inline uint16_t swap_16(uint16_t bits) { return (uint16_t)(bits << 8 | bits >> 8); }
static inline uint32_t swap_32(uint32_t bits) { return __builtin_bswap32(bits); }
static inline uint64_t swap_64(uint64_t bits) { return __builtin_bswap64(bits); }

/* Plain loops over constant distances, so that they become vectors. */
#define CONVERTERS(name, bits_type, value_type, order)                                                                 \
    static inline double load_##name(const unsigned char *from) {                                                      \
        bits_type bits;                                                                                                \
        value_type value;                                                                                              \
        memcpy(&bits, from, sizeof(bits));                                                                             \
        bits = order(bits);                                                                                            \
        memcpy(&value, &bits, sizeof(value));                                                                          \
        return (double)value;                                                                                          \
    }                                                                                                                  \
    static void run_##name(const unsigned char *restrict from, int64_t count, double *restrict out) {                  \
        for (int64_t i = 0; i < count; i++) out[i] = load_##name(from + (size_t)i * sizeof(bits_type));                \
    }                                                                                                                  \
    static void column_##name(const unsigned char *restrict from, size_t stride, int64_t count,                        \
                              double *restrict out) {                                                                  \
        for (int64_t i = 0; i < count; i++) out[i] = load_##name(from + (size_t)i * stride);                           \
    }

CONVERTERS(u8, uint8_t, uint8_t, same)
CONVERTERS(i8, uint8_t, int8_t, same)
CONVERTERS(u16, uint16_t, uint16_t, keep_16)
CONVERTERS(i16, uint16_t, int16_t, keep_16)
CONVERTERS(u32, uint32_t, uint32_t, keep_32)
CONVERTERS(i32, uint32_t, int32_t, keep_32)
CONVERTERS(u64, uint64_t, uint64_t, keep_64)
CONVERTERS(i64, uint64_t, int64_t, keep_64)
CONVERTERS(f32, uint32_t, float, keep_32)
CONVERTERS(swapped_u16, uint16_t, uint16_t, swap_16)
CONVERTERS(swapped_i16, uint16_t, int16_t, swap_16)
CONVERTERS(swapped_u32, uint32_t, uint32_t, swap_32)
CONVERTERS(swapped_i32, uint32_t, int32_t, swap_32)
CONVERTERS(swapped_u64, uint64_t, uint64_t, swap_64)
CONVERTERS(swapped_i64, uint64_t, int64_t, swap_64)
CONVERTERS(swapped_f32, uint32_t, float, swap_32)
CONVERTERS(swapped_f64, uint64_t, double, swap_64)

typedef struct {
    run_fn run;
    column_fn column;
} converter;

static void column_f64(const unsigned char *restrict from, size_t stride, int64_t count, double *restrict out) {
    for (int64_t i = 0; i < count; i++) memcpy(&out[i], from + (size_t)i * stride, sizeof(*out));
}

/* Doubles are what they should be: nothing is faster than this. */
static void copy_f64(const unsigned char *from, int64_t count, double *out) {
    memcpy(out, from, (size_t)count * sizeof(*out));
}

static const converter converters[TSR_NUMBER_TYPES][2] = {
    [TSR_NUMBER_U8] = {{run_u8, column_u8}, {run_u8, column_u8}},
    [TSR_NUMBER_I8] = {{run_i8, column_i8}, {run_i8, column_i8}},
    [TSR_NUMBER_U16] = {{run_u16, column_u16}, {run_swapped_u16, column_swapped_u16}},
    [TSR_NUMBER_I16] = {{run_i16, column_i16}, {run_swapped_i16, column_swapped_i16}},
    [TSR_NUMBER_U32] = {{run_u32, column_u32}, {run_swapped_u32, column_swapped_u32}},
    [TSR_NUMBER_I32] = {{run_i32, column_i32}, {run_swapped_i32, column_swapped_i32}},
    [TSR_NUMBER_U64] = {{run_u64, column_u64}, {run_swapped_u64, column_swapped_u64}},
    [TSR_NUMBER_I64] = {{run_i64, column_i64}, {run_swapped_i64, column_swapped_i64}},
    [TSR_NUMBER_F32] = {{run_f32, column_f32}, {run_swapped_f32, column_swapped_f32}},
    [TSR_NUMBER_F64] = {{copy_f64, column_f64}, {run_swapped_f64, column_swapped_f64}},
};

size_t tsr_number_bytes(tsr_number_type type) {
    static const size_t bytes[TSR_NUMBER_TYPES] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    return bytes[type];
}

void tsr_convert_column(tsr_stored_number number, const void *from, size_t stride, int64_t items, double *out) {
    const converter *with = &converters[number.type][number.is_swapped];
    if (stride == tsr_number_bytes(number.type))
        with->run(from, items, out);
    else
        with->column(from, stride, items, out);
}

/* [LINE][RUN] doubles to columns. */
static void turn(double (*values)[RUN], int64_t rows, int64_t columns, int64_t stride, double *restrict out) {
    if (rows == LINE)
        for (int64_t c = 0; c < columns; c++)
            for (int r = 0; r < LINE; r++) out[c * stride + r] = values[r][c];
    else
        for (int64_t c = 0; c < columns; c++)
            for (int64_t r = 0; r < rows; r++) out[c * stride + r] = values[r][c];
}

/* Of short rows a line of the cache holds more than one, so that columns can be picked one by one. */
static void pick_columns(tsr_stored_number number, const tsr_number_rows *rows, int64_t stride, double *out) {
    const size_t bytes = tsr_number_bytes(number.type);
    for (int64_t c = 0; c < rows->columns; c++)
        tsr_convert_column(number, (const unsigned char *)rows->from + (size_t)c * bytes, rows->row_bytes, rows->rows,
                           out + c * stride);
}

void tsr_convert_rows(tsr_stored_number number, const tsr_number_rows *rows, int64_t stride, double *out) {
    const converter *with = &converters[number.type][number.is_swapped];
    const size_t bytes = tsr_number_bytes(number.type);
    double values[LINE][RUN];
    if (rows->row_bytes < LINE_BYTES) {
        pick_columns(number, rows, stride, out);
        return;
    }
    for (int64_t c = 0; c < rows->columns; c += RUN) {
        const int64_t columns = rows->columns - c < RUN ? rows->columns - c : RUN;
        for (int64_t r = 0; r < rows->rows; r += LINE) {
            const int64_t lines = rows->rows - r < LINE ? rows->rows - r : LINE;
            const unsigned char *from = (const unsigned char *)rows->from + (size_t)r * rows->row_bytes;
            for (int64_t i = 0; i < lines; i++)
                with->run(from + (size_t)i * rows->row_bytes + (size_t)c * bytes, columns, values[i]);
            turn(values, lines, columns, stride, out + c * stride + r);
        }
    }
}
