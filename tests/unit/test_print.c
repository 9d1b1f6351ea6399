/* The print of a tile changes with every bit of it, and is what the header says, whatever the vectors. */
#include "engine/print.h"

#include "engine/vmath.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 2, ITEMS = 100, MANY = 1024, TILE = 17 };

static void fill(double *value, int64_t items) {
    for (int64_t i = 0; i < items; i++) value[i] = sin((double)i) * pow(10, (double)(i % 20 - 10));
}

/* A tile of one block of each column. */
static uint64_t print_of(double column[COLUMNS][ITEMS]) {
    tsr_print_lanes lanes[COLUMNS] = {0};
    for (int c = 0; c < COLUMNS; c++) tsr_print_add(&lanes[c], column[c], ITEMS);
    return tsr_print_end(lanes, COLUMNS, ITEMS, TILE);
}

static uint64_t print_of_one(const double *value, int64_t items, int64_t tile) {
    tsr_print_lanes lanes = {0};
    tsr_print_add(&lanes, value, items);
    return tsr_print_end(&lanes, 1, items, tile);
}

static void flip(double *value, int bit) {
    *value = tsr_double_from_bits(tsr_bits_from_double(*value) ^ (UINT64_C(1) << bit));
}

static void every_flipped_bit_gives_another_print(void **unused) {
    (void)unused;
    static double column[COLUMNS][ITEMS];
    for (int c = 0; c < COLUMNS; c++) fill(column[c], ITEMS);
    const uint64_t before = print_of(column);
    for (int c = 0; c < COLUMNS; c++)
        for (int i = 0; i < ITEMS; i++)
            for (int bit = 0; bit < 64; bit++) {
                flip(&column[c][i], bit);
                assert_true(print_of(column) != before);
                flip(&column[c][i], bit);
            }
    assert_true(print_of(column) == before);
}

/* In whole rows, too. */
static void every_flipped_bit_of_a_full_block_gives_another_print(void **unused) {
    (void)unused;
    static double value[MANY];
    fill(value, MANY);
    for (int i = 0; i < MANY; i++)
        for (int bit = 0; bit < 64; bit += 7) {
            const uint64_t before = print_of_one(value, MANY, TILE);
            flip(&value[i], bit);
            assert_true(print_of_one(value, MANY, TILE) != before);
            flip(&value[i], bit);
        }
}

/* What the header says, word by word. */
static void add_plainly(tsr_print_lanes *lanes, const double *value, int64_t items) {
    for (int64_t i = 0; i < items; i++) {
        const uint64_t canonical = tsr_bits_from_double(isnan(value[i]) ? (double)NAN : value[i]);
        lanes->lane[i % 32] ^= canonical;
        const bool is_time = (i + 1) % 256 == 0 || i + 1 == items;
        for (int l = 0; is_time && l < 32; l++) lanes->sum[l] += lanes->lane[l];
    }
}

static void lanes_are_those_of_the_header(void **unused) {
    (void)unused;
    static double value[MANY];
    fill(value, MANY);
    tsr_print_lanes found = {0}, wanted = {0};
    for (int64_t items = 1; items <= MANY; items += items < 300 ? 1 : 29) {
        assert_true(tsr_print_add(&found, value, items));
        add_plainly(&wanted, value, items);
        assert_memory_equal(&found, &wanted, sizeof(found));
    }
    value[3] = -(double)NAN;
    value[500] = INFINITY;
    value[700] = tsr_double_from_bits(0x7ff8000000000123u);
    for (int64_t items = 1; items <= MANY; items += items < 300 ? 1 : 29) {
        assert_true(tsr_print_add(&found, value, items) == (items < 4));
        add_plainly(&wanted, value, items);
        assert_memory_equal(&found, &wanted, sizeof(found));
    }
}

static void where_a_value_stands_matters(void **unused) {
    (void)unused;
    static double value[MANY];
    fill(value, MANY);
    const uint64_t before = print_of_one(value, MANY, TILE);
    static const int64_t swapped[][2] = {{0, 1}, {31, 32}, {0, 256}, {5, 1023}, {255, 256}};
    for (size_t k = 0; k < sizeof(swapped) / sizeof(swapped[0]); k++) {
        const int64_t i = swapped[k][0], j = swapped[k][1];
        const double kept = value[i];
        value[i] = value[j];
        value[j] = kept;
        assert_true(print_of_one(value, MANY, TILE) != before);
        value[j] = value[i];
        value[i] = kept;
    }
    assert_true(print_of_one(value, MANY, TILE) == before);
}

static void columns_tiles_and_numbers_of_items_are_told_apart(void **unused) {
    (void)unused;
    static double column[COLUMNS][ITEMS], swapped[COLUMNS][ITEMS], zero[MANY];
    fill(column[0], ITEMS);
    memcpy(swapped[1], column[0], sizeof(column[0]));
    assert_true(print_of(column) != print_of(swapped));
    assert_true(print_of_one(column[0], ITEMS, 1) != print_of_one(column[0], ITEMS, 2));
    assert_true(print_of_one(zero, 10, 0) != print_of_one(zero, 11, 0));
    /* Two tiles that have changed places are seen in the sum of their prints. */
    const uint64_t right = print_of_one(column[0], ITEMS, 1) + print_of_one(zero, ITEMS, 2);
    assert_true(right != print_of_one(column[0], ITEMS, 2) + print_of_one(zero, ITEMS, 1));
}

static void one_value_that_is_not_finite_is_seen_wherever_it_is(void **unused) {
    (void)unused;
    enum { FEW = 600 };
    const double bad[] = {NAN, -NAN, INFINITY, -INFINITY};
    tsr_print_lanes lanes = {0};
    double value[FEW];
    for (int i = 0; i < FEW; i++) value[i] = i - 100.0;
    for (int items = 1; items <= FEW; items += items < 70 ? 1 : 37) {
        assert_true(tsr_print_add(&lanes, value, items));
        for (int i = 0; i < items; i++) {
            const double kept = value[i];
            value[i] = bad[i % 4];
            assert_false(tsr_print_add(&lanes, value, items));
            value[i] = kept;
        }
    }
}

static void finite_values_whose_products_are_out_of_range_are_finite(void **unused) {
    (void)unused;
    tsr_print_lanes lanes = {0};
    double value[MANY];
    for (int i = 0; i < MANY; i++) value[i] = i < 500 ? DBL_MAX : -DBL_MAX;
    assert_true(tsr_print_add(&lanes, value, MANY));
    value[0] = INFINITY;
    value[32] = 0;
    assert_false(tsr_print_add(&lanes, value, MANY));
    value[0] = 0;
    assert_true(tsr_print_add(&lanes, value, MANY));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_gives_another_print),
        cmocka_unit_test(every_flipped_bit_of_a_full_block_gives_another_print),
        cmocka_unit_test(lanes_are_those_of_the_header),
        cmocka_unit_test(where_a_value_stands_matters),
        cmocka_unit_test(columns_tiles_and_numbers_of_items_are_told_apart),
        cmocka_unit_test(one_value_that_is_not_finite_is_seen_wherever_it_is),
        cmocka_unit_test(finite_values_whose_products_are_out_of_range_are_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
