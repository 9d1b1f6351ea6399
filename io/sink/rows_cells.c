#include "io/sink/rows_cells.h"

#include <math.h>
#include <string.h>

/* Least and largest whole number of a type, which doubles hold, but for the largest int64. */
static const struct {
    const char *name;
    double least;
    double end;
} whole[] = {
    [TSR_ROWS_INT64] = {"int64", -0x1p63, 0x1p63}, [TSR_ROWS_INT32] = {"int32", -0x1p31, 0x1p31},
    [TSR_ROWS_INT16] = {"int16", -0x1p15, 0x1p15}, [TSR_ROWS_INT8] = {"int8", -128, 128},
    [TSR_ROWS_UINT32] = {"uint32", 0, 0x1p32},     [TSR_ROWS_UINT16] = {"uint16", 0, 0x1p16},
    [TSR_ROWS_UINT8] = {"uint8", 0, 256},
};

typedef struct {
    const tsr_rows_set *set;
    const tsr_field *field;
    const double *value; /* of row 0 of the block */
} column;

static tsr_status refuse(const tsr_block *block, const column *from, int64_t row) {
    const double value = from->value[row];
    const tsr_rows_type type = from->set->type;
    const char *name = type == TSR_ROWS_FLOAT32 ? "float32" : type == TSR_ROWS_WORD ? "a label" : whole[type].name;
    return TSR_FAIL(TSR_EDATA,
                    "column %.80s of item %lld is %.17g, which %s cannot hold; choose another type for the sink",
                    from->field->name, (long long)tsr_block_item(block, row), isnan(value) ? NAN : value, name);
}

#define PUT(type_name)                                                                                                 \
    do {                                                                                                               \
        const type_name cell = (type_name)value;                                                                       \
        memcpy(out, &cell, sizeof(cell));                                                                              \
    } while (0)

static void put_whole(tsr_rows_type type, double value, unsigned char *out) {
    switch (type) {
    case TSR_ROWS_INT64: PUT(int64_t); break;
    case TSR_ROWS_INT32: PUT(int32_t); break;
    case TSR_ROWS_INT16: PUT(int16_t); break;
    case TSR_ROWS_INT8: PUT(int8_t); break;
    case TSR_ROWS_UINT32: PUT(uint32_t); break;
    case TSR_ROWS_UINT16: PUT(uint16_t); break;
    default: PUT(uint8_t); break;
    }
}

/* The nearest float, if that is finite. */
static bool put_float(double value, unsigned char *out) {
    PUT(float);
    return !isfinite(value) || fabs(value) < 0x1.ffffffp127;
}

static bool put_word(const tsr_field *field, size_t bytes, double value, int64_t labels, unsigned char *out) {
    memset(out, 0, bytes);
    if (isnan(value)) return true;
    if (!(value >= 0 && value < (double)labels && value == floor(value))) return false;
    const char *label = field->categories[(int64_t)value];
    memcpy(out, label, strlen(label));
    return true;
}

static int64_t count_labels(const tsr_field *field) {
    int64_t count = 0;
    while (field->categories != NULL && field->categories[count] != NULL) count++;
    return count;
}

/* out: of the column in the first row; the next rows follow at the distance of the set's. */
static tsr_status pack_column(const tsr_block *block, const column *from, tsr_range rows, unsigned char *out) {
    const tsr_rows_set *set = from->set;
    const int64_t labels = set->type == TSR_ROWS_WORD ? count_labels(from->field) : 0;
    for (int64_t row = rows.begin; row < rows.end; row++, out += set->row_bytes) {
        const double there = from->value[row], value = isnan(there) ? NAN : there; /* its sign is the processor's */
        bool fits = true;
        if (set->type == TSR_ROWS_FLOAT64)
            memcpy(out, &value, sizeof(value));
        else if (set->type == TSR_ROWS_FLOAT32)
            fits = put_float(value, out);
        else if (set->type == TSR_ROWS_WORD)
            fits = put_word(from->field, set->cell_bytes, value, labels, out);
        else if ((fits = value >= whole[set->type].least && value < whole[set->type].end && value == floor(value)))
            put_whole(set->type, value, out);
        if (!fits) return refuse(block, from, row);
    }
    return TSR_OK;
}

static void pack_items(const tsr_block *block, tsr_range rows, unsigned char *out) {
    for (int64_t row = rows.begin; row < rows.end; row++, out += sizeof(int64_t)) {
        const int64_t item = tsr_block_item(block, row);
        memcpy(out, &item, sizeof(item));
    }
}

tsr_status tsr_rows_pack(const tsr_rows_layout *layout, const tsr_rows_set *set, const tsr_block *block, tsr_range rows,
                         unsigned char *out) {
    if (set->type == TSR_ROWS_ITEM) {
        pack_items(block, rows, out);
        return TSR_OK;
    }
    for (int c = 0; c < set->columns; c++) {
        const column from = {.set = set,
                             .field = layout->field[set->first + c],
                             .value = tsr_column(block, layout->index[set->first + c])};
        TSR_TRY(pack_column(block, &from, rows, out + (size_t)c * set->cell_bytes));
    }
    return TSR_OK;
}
