/* Values as the bytes of a sink's file. */
#include "io/sink/rows_cells.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const labels[] = {"Bern", "Oslo", "\xc3\xa9", NULL};
static const tsr_field fields[] = {{.name = "x", .unit = "1"}, {.name = "city", .unit = "1", .categories = labels}};
static const tsr_rows_layout layout = {.columns = 2, .index = {0, 1}, .field = {&fields[0], &fields[1]}};

/* Packs one value; out: the cell. */
static tsr_status pack(tsr_rows_type type, size_t bytes, double value, unsigned char *out) {
    double data[16] = {0};
    const int first = type == TSR_ROWS_WORD;
    const tsr_block block = {.item = 40, .items = 3, .stride = 8, .columns = 2, .data = data};
    const tsr_rows_set set = {
        .name = "x", .first = first, .columns = 1, .type = type, .cell_bytes = bytes, .row_bytes = (int64_t)bytes};
    data[first * 8 + 2] = value;
    memset(out, 0xee, bytes + 1);
    const tsr_status status = tsr_rows_pack(&layout, &set, &block, (tsr_range){2, 3}, out);
    assert_int_equal(out[bytes], 0xee);
    return status;
}

static void every_type_takes_its_whole_range_and_no_more(void **unused) {
    (void)unused;
    static const struct {
        tsr_rows_type type;
        size_t bytes;
        double least, most;
    } rows[] = {
        {TSR_ROWS_INT64, 8, -0x1p63, 0x1.fffffffffffffp62},
        {TSR_ROWS_INT32, 4, -0x1p31, 0x1p31 - 1},
        {TSR_ROWS_INT16, 2, -32768, 32767},
        {TSR_ROWS_INT8, 1, -128, 127},
        {TSR_ROWS_UINT32, 4, 0, 0x1p32 - 1},
        {TSR_ROWS_UINT16, 2, 0, 65535},
        {TSR_ROWS_UINT8, 1, 0, 255},
    };
    unsigned char cell[16];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t bytes = rows[i].bytes;
        const double ends[] = {rows[i].least, rows[i].most};
        for (int k = 0; k < 2; k++) {
            assert_int_equal(pack(rows[i].type, bytes, ends[k], cell), TSR_OK);
            const int64_t wanted = (int64_t)ends[k]; /* little-endian, two's complement */
            assert_memory_equal(cell, &wanted, bytes);
        }
        const double others[] = {nextafter(rows[i].least, -INFINITY), nextafter(rows[i].most, INFINITY), 0.5, NAN,
                                 INFINITY};
        for (int k = 0; k < 5; k++) {
            assert_int_equal(pack(rows[i].type, bytes, others[k], cell), TSR_EDATA);
            assert_non_null(strstr(tsr_error_get()->message, "column x of item 42 is"));
        }
    }
}

static void floats_are_rounded_and_overflow_is_refused(void **unused) {
    (void)unused;
    static const struct {
        double value;
        tsr_status status;
    } rows[] = {{0.1, TSR_OK},
                {-INFINITY, TSR_OK},
                {0x1.fffffep127, TSR_OK},
                {0x1.fffffe8p127, TSR_OK},
                {0x1.ffffffp127, TSR_EDATA},
                {-1e39, TSR_EDATA}};
    unsigned char cell[16];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        float found;
        assert_int_equal(pack(TSR_ROWS_FLOAT32, 4, rows[i].value, cell), rows[i].status);
        memcpy(&found, cell, sizeof(found));
        if (rows[i].status == TSR_OK) assert_true(found == (float)rows[i].value);
    }
}

static void every_nan_is_the_same_nan(void **unused) {
    (void)unused;
    unsigned char one[16], other[16];
    assert_int_equal(pack(TSR_ROWS_FLOAT64, 8, NAN, one), TSR_OK);
    assert_int_equal(pack(TSR_ROWS_FLOAT64, 8, -NAN, other), TSR_OK);
    assert_memory_equal(one, other, 8);
}

static void words_are_labels_with_zeros_behind_them(void **unused) {
    (void)unused;
    unsigned char cell[16];
    assert_int_equal(pack(TSR_ROWS_WORD, 4, 1, cell), TSR_OK);
    assert_memory_equal(cell, "Oslo", 4);
    assert_int_equal(pack(TSR_ROWS_WORD, 4, 2, cell), TSR_OK);
    assert_memory_equal(cell, "\xc3\xa9\0\0", 4);
    assert_int_equal(pack(TSR_ROWS_WORD, 4, NAN, cell), TSR_OK);
    assert_memory_equal(cell, "\0\0\0\0", 4);
    assert_int_equal(pack(TSR_ROWS_WORD, 4, 3, cell), TSR_EDATA);
    assert_int_equal(pack(TSR_ROWS_WORD, 4, 0.5, cell), TSR_EDATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_takes_its_whole_range_and_no_more),
        cmocka_unit_test(floats_are_rounded_and_overflow_is_refused),
        cmocka_unit_test(every_nan_is_the_same_nan),
        cmocka_unit_test(words_are_labels_with_zeros_behind_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
