/* Bins: a value is in the bin whose edges enclose it, left edge included, however the edges were rounded. */
#include "engine/tallies/bins.h"
#include "samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    double begin, end;
    int32_t count;
} ranges[] = {{0.0, 1.0, 10},           {-3.0, 3.0, 100},        {0.1, 0.7, 3},
              {1e9, 1e9 + 1.0, 1000},   {-1e-290, 1e-290, 1000}, {0.0, 1e300, 1000000},
              {-0x1p1022, 0x1p1022, 7}, {5.0, 5.0 + 0x1p-40, 1}};
enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

static int32_t slot_of(const tsr_bins *bins, double value) {
    int32_t slot;
    tsr_bins_find(bins, &value, 1, &slot);
    return slot;
}

/* By definition, without arithmetic on the value. */
static int32_t slot_by_edges(const tsr_bins *bins, double value) {
    if (isnan(value)) return bins->count + TSR_BINS_NAN;
    if (value < bins->begin) return bins->count + TSR_BINS_BELOW;
    if (value > bins->end) return bins->count + TSR_BINS_ABOVE;
    int32_t low = 0, high = bins->count;
    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        if (value >= tsr_bins_edge(bins, middle))
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void test_edges_and_their_neighbours_fall_where_they_belong(void **state) {
    (void)state;
    for (int r = 0; r < RANGES; r++) {
        assert_true(tsr_bins_fit(ranges[r].begin, ranges[r].end, ranges[r].count));
        tsr_bins bins = tsr_bins_make(ranges[r].begin, ranges[r].end, ranges[r].count);
        int64_t step = bins.count > 10000 ? 97 : 1;
        for (int64_t i = 0; i <= bins.count; i += step) {
            double edge = tsr_bins_edge(&bins, i);
            double near[] = {nextafter(edge, -INFINITY), edge, nextafter(edge, INFINITY)};
            for (int k = 0; k < 3; k++) assert_int_equal(slot_of(&bins, near[k]), slot_by_edges(&bins, near[k]));
            if (i < bins.count) assert_int_equal(slot_of(&bins, edge), i);
        }
        assert_int_equal(slot_of(&bins, bins.end), bins.count - 1);
    }
}

static void test_any_value_is_found(void **state) {
    (void)state;
    enum { ITEMS = 4000 };
    int32_t slots[ITEMS];
    for (int r = 0; r < RANGES; r++) {
        tsr_bins bins = tsr_bins_make(ranges[r].begin, ranges[r].end, ranges[r].count);
        double *values = sample_uniforms(7, ITEMS), *wild = sample(SAMPLE_MIXED, 8, ITEMS);
        for (int64_t i = 0; i < ITEMS; i++)
            values[i] = i % 4 == 0 ? wild[i] : bins.begin + (1.2 * values[i] - 0.1) * (bins.end - bins.begin);
        tsr_bins_find(&bins, values, ITEMS, slots);
        for (int64_t i = 0; i < ITEMS; i++) assert_int_equal(slots[i], slot_by_edges(&bins, values[i]));
        free(values);
        free(wild);
    }
}

static void test_ranges_that_doubles_cannot_divide_do_not_fit(void **state) {
    (void)state;
    assert_false(tsr_bins_fit(1e9, 1e9 + 1e-6, 1000));
    assert_false(tsr_bins_fit(-DBL_MAX, DBL_MAX, 10));
    assert_false(tsr_bins_fit(0.0, 0x1p-1070, 10));
    assert_false(tsr_bins_fit(1.0, 1.0, 1));
    assert_false(tsr_bins_fit(0.0, INFINITY, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_and_their_neighbours_fall_where_they_belong),
        cmocka_unit_test(test_any_value_is_found),
        cmocka_unit_test(test_ranges_that_doubles_cannot_divide_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
