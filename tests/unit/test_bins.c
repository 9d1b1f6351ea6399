/* Bins: a value is in the bin whose edges enclose it, left edge included, however the edges were rounded or given. */
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

/* ---- tables of edges ---- */

enum { TABLES = 9, EDGES_MAX = 100001 };

/* Strictly increasing edges [*count + 1] of some kind: spaced in every way, few and many, of any sign and size. */
static double *make_edges(int table, int32_t *count) {
    static const double irregular[] = {-DBL_MAX / 4, -1e10, -0x1p-1074,    0.0, 0x1p-1074,
                                       1e-300,       1.0,   1.0 + 0x1p-52, 5.0};
    static const int32_t counts[TABLES] = {8, 1, 100, 100000, 300, 1000, 5000, 4000, 2};
    double *edge = malloc(EDGES_MAX * sizeof(*edge));
    *count = counts[table];
    for (int32_t i = 0; i <= *count; i++) {
        const double at = (double)i / *count;
        switch (table) {
        case 0: edge[i] = irregular[i]; break;
        case 1: edge[i] = i == 0 ? -3.0 : 7.0; break;
        case 2: edge[i] = -5.0 + 10.0 * at; break;
        case 3: edge[i] = -1.0 + 2.0 * at; break;
        case 5: edge[i] = 1.0 + i * 0x1p-52; break;
        case 6: edge[i] = sinh(1400.0 * (at - 0.5)) * 0x1p-1000; break;
        case 7: edge[i] = i == 0 ? -1e300 : 1e9 + i * 1e-6; break;
        default: edge[i] = i == 0 ? -1.0 : 0x1p-1074 * i;
        }
    }
    if (table == 4) tsr_edges_space(1e-12, 1e12, *count, edge);
    return edge;
}

/* All edges and their neighbours, wild values, and values between the ends. */
static void check_edges(const tsr_bins *bins) {
    enum { VALUES = 3000 };
    double *values = sample(SAMPLE_MIXED, 3, VALUES), *uniform = sample_uniforms(4, VALUES);
    const int64_t step = bins->count / 500 + 1;
    int32_t slots[VALUES];
    for (int64_t i = 0; i <= bins->count; i += step) {
        const double edge = tsr_bins_edge(bins, i);
        const double near[] = {nextafter(edge, -INFINITY), edge, nextafter(edge, INFINITY)};
        for (int k = 0; k < 3; k++) assert_int_equal(slot_of(bins, near[k]), slot_by_edges(bins, near[k]));
        if (i < bins->count) assert_int_equal(slot_of(bins, edge), i);
    }
    assert_int_equal(slot_of(bins, bins->end), bins->count - 1);
    for (int64_t i = 0; i < VALUES; i++)
        if (i % 2 == 0) values[i] = bins->begin + uniform[i] * (bins->end - bins->begin);
    tsr_bins_find(bins, values, VALUES, slots);
    for (int64_t i = 0; i < VALUES; i++) assert_int_equal(slots[i], slot_by_edges(bins, values[i]));
    free(values);
    free(uniform);
}

static void test_a_table_of_edges_is_searched_right(void **state) {
    (void)state;
    for (int table = 0; table < TABLES; table++) {
        int32_t count;
        double *edge = make_edges(table, &count);
        tsr_edges *edges = NULL;
        for (int32_t i = 0; i < count; i++) assert_true(edge[i] < edge[i + 1]);
        assert_int_equal(tsr_edges_create(edge, count, &edges), TSR_OK);
        const tsr_bins bins = tsr_bins_between(edges);
        for (int32_t i = 0; i <= count; i++) assert_true(tsr_bins_edge(&bins, i) == edge[i]);
        check_edges(&bins);
        tsr_edges_destroy(&edges);
        free(edge);
    }
}

static void test_logarithmic_bins_are_found_in_two_steps(void **state) {
    (void)state;
    static const int32_t counts[] = {1, 10, 100, 3000, 16000};
    double *edge = malloc(EDGES_MAX * sizeof(*edge));
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        tsr_edges *edges = NULL;
        tsr_edges_space(1e-3, 2e4, counts[k], edge);
        assert_int_equal(tsr_edges_create(edge, counts[k], &edges), TSR_OK);
        assert_true(edges->most <= 2);
        tsr_edges_destroy(&edges);
    }
    free(edge);
}

/* ---- geometric progressions ---- */

static void test_decades_are_decades(void **state) {
    (void)state;
    static const double decade[] = {1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0,
                                    10.,  100., 1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9};
    double edge[181];
    for (int per_decade = 1; per_decade <= 10; per_decade++) {
        tsr_edges_space(1e-9, 1e9, 18 * per_decade, edge);
        for (int d = 0; d <= 18; d++) assert_true(edge[d * per_decade] == decade[d]);
    }
    tsr_edges_space(1.0, 1024.0, 10, edge);
    for (int i = 0; i <= 10; i++) assert_true(edge[i] == ldexp(1.0, i));
}

static void test_edges_are_in_geometric_progression(void **state) {
    (void)state;
    static const double ends[][2] = {{1e-150, 1e150}, {1.0, 1.0001}, {3.3e-7, 8.1e5}, {1e140, 1e150}, {0.07, 0.71}};
    static const int32_t counts[] = {2, 7, 100, 1000};
    double edge[1001];
    for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++)
        for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
            const long double begin = ends[e][0], end = ends[e][1];
            tsr_edges_space(ends[e][0], ends[e][1], counts[k], edge);
            assert_true(edge[0] == ends[e][0] && edge[counts[k]] == ends[e][1]);
            for (int32_t i = 0; i <= counts[k]; i++) {
                const long double wanted = begin * powl(end / begin, (long double)i / counts[k]);
                assert_true(fabsl(edge[i] / wanted - 1.0L) < 6e-15L);
            }
        }
}

/* Found once and written down, so that a machine that computes others is noticed. */
static void test_logarithmic_edges_have_known_bits(void **state) {
    (void)state;
    static const double known[] = {1e-3,
                                   0x1.245a9808d837ep-7,
                                   0x1.460b9222192f8p-4,
                                   0x1.6b9e80e818cdap-1,
                                   0x1.9585efe07e1f2p+2,
                                   0x1.c4419ddabe532p+5,
                                   0x1.f860025f543c5p+8,
                                   4.5e3};
    double edge[8];
    tsr_edges_space(1e-3, 4.5e3, 7, edge);
    for (int i = 0; i < 8; i++) assert_true(edge[i] == known[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_and_their_neighbours_fall_where_they_belong),
        cmocka_unit_test(test_any_value_is_found),
        cmocka_unit_test(test_ranges_that_doubles_cannot_divide_do_not_fit),
        cmocka_unit_test(test_a_table_of_edges_is_searched_right),
        cmocka_unit_test(test_logarithmic_bins_are_found_in_two_steps),
        cmocka_unit_test(test_decades_are_decades),
        cmocka_unit_test(test_edges_are_in_geometric_progression),
        cmocka_unit_test(test_logarithmic_edges_have_known_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
