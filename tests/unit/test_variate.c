/* variate: gammas have the law of gammas for every shape, and belong to their item alone. */
#include "engine/variate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 1 << 15 };
static const double shapes[] = {0.05, 0.5, 1.0, 1.5, 2.5, 10.0, 1e4};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };
static double values[ITEMS], others[ITEMS];
static tsr_sampling any_number, one_or_two, *sampling; /* sampling: one of the others */
static tsr_draws *draws;

static int begin_tests(void **state) {
    (void)state;
    any_number = one_or_two = (tsr_sampling){.stream = tsr_stream_make(20261121, "variate", 0)};
    one_or_two.demand = (tsr_demand){.uniforms = 2, .normals = 2};
    sampling = &any_number;
    return tsr_draws_create(0, &draws) == TSR_OK ? 0 : -1;
}

static int end_tests(void **state) {
    (void)state;
    tsr_draws_destroy(&draws);
    return 0;
}

/* The variates of items first .. first + items - 1, in blocks of at most block_items. */
static void fill(double shape, int64_t draw, int64_t first, int64_t items, int64_t block_items, double *out) {
    for (int64_t done = 0; done < items; done += block_items) {
        const int64_t count = items - done < block_items ? items - done : block_items;
        tsr_draws_begin(draws, sampling, first + done, count);
        tsr_gamma(draws, shape, draw, out + done);
    }
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Kolmogorov and Smirnov: sqrt(n) D stays below 1.95 with probability 0.999. */
static void test_the_law_is_that_of_every_shape(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        double distance = 0.0;
        fill(shapes[s], 10 * s, 0, ITEMS, TSR_BLOCK_ITEMS_MAX, values);
        qsort(values, ITEMS, sizeof(double), compare);
        for (int i = 0; i < ITEMS; i++) {
            const double probability = gsl_cdf_gamma_P(values[i], shapes[s], 1.0);
            distance = fmax(distance, fmax((i + 1.0) / ITEMS - probability, probability - (double)i / ITEMS));
        }
        if (!(sqrt(ITEMS) * distance < 1.95)) fail_msg("shape %g: %g", shapes[s], sqrt(ITEMS) * distance);
    }
}

/* Mean and variance are the shape, the fourth central moment 3 shape^2 + 6 shape; bounds of four standard errors. */
static void test_mean_and_variance_are_the_shape(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        const double shape = shapes[s];
        double mean = 0.0, variance = 0.0;
        fill(shape, 10 * s + 4, 0, ITEMS, TSR_BLOCK_ITEMS_MAX, values);
        for (int i = 0; i < ITEMS; i++) mean += values[i] / ITEMS;
        for (int i = 0; i < ITEMS; i++) variance += pow(values[i] - shape, 2.0) / ITEMS;
        assert_true(fabs(mean - shape) < 4.0 * sqrt(shape / ITEMS));
        assert_true(fabs(variance - shape) < 4.0 * sqrt((2.0 * shape * shape + 6.0 * shape) / ITEMS));
    }
}

static void assert_split_alike(double shape) {
    static const int64_t blocks[] = {1, 7, 64, 1000};
    const int64_t first = (INT64_C(1) << 35) + 3, items = 2500;
    fill(shape, 0, first, items, TSR_BLOCK_ITEMS_MAX, values);
    for (int b = 0; b < 4; b++) {
        fill(shape, 0, first, items, blocks[b], others);
        assert_memory_equal(values, others, (size_t)items * sizeof(double));
    }
}

static void test_any_split_into_blocks_gives_the_same_variates(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) assert_split_alike(shapes[s]);
    sampling = &one_or_two;
    assert_split_alike(0.5);
    sampling = &any_number;
}

static void test_variates_of_other_draws_are_independent(void **state) {
    (void)state;
    double product = 0.0;
    fill(0.7, 0, 0, ITEMS, TSR_BLOCK_ITEMS_MAX, values);
    fill(0.7, 2, 0, ITEMS, TSR_BLOCK_ITEMS_MAX, others);
    for (int i = 0; i < ITEMS; i++) {
        assert_true(values[i] != others[i]);
        product += (values[i] - 0.7) * (others[i] - 0.7) / ITEMS;
    }
    assert_true(fabs(product) < 4.0 * 0.7 / sqrt(ITEMS));
}

static void test_ordinary_columns_survive_a_variate_next_to_them(void **state) {
    (void)state;
    tsr_draws_begin(draws, sampling, 0, TSR_BLOCK_ITEMS_MAX);
    const double *uniform = tsr_uniform(draws, 0), *normal = tsr_normal(draws, 0);
    tsr_gamma(draws, 0.5, 4, values);
    for (int64_t i = 0; i < TSR_BLOCK_ITEMS_MAX; i++) {
        assert_true(uniform[i] == tsr_uniform_of(draws, i, 0));
        assert_true(normal[i] == tsr_normal_of(draws, i, 0));
    }
}

static void test_what_is_no_shape_gives_nan(void **state) {
    (void)state;
    static const double none[] = {0.0, -0.0, -0.2, -3.0, INFINITY, -INFINITY, NAN};
    for (int i = 0; i < 7; i++) {
        fill(none[i], 0, 0, 9, 9, values);
        for (int j = 0; j < 9; j++) assert_true(isnan(values[j]));
    }
}

/* FNV-1a over the bits, for comparing compilers, vector widths and levels of optimisation. */
static void test_variates_have_the_recorded_bits(void **state) {
    (void)state;
    uint64_t digest = 0xcbf29ce484222325u;
    for (int s = 0; s < SHAPES; s++) {
        fill(shapes[s], 6, 0, 20000, TSR_BLOCK_ITEMS_MAX, values);
        for (int i = 0; i < 20000; i++) digest = (digest ^ tsr_bits_from_double(values[i])) * 0x100000001b3u;
    }
    const uint64_t recorded = 0xf30e882eebc1c83bu;
    if (digest != recorded) fail_msg("the bits give 0x%016llx", (unsigned long long)digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_law_is_that_of_every_shape),
        cmocka_unit_test(test_mean_and_variance_are_the_shape),
        cmocka_unit_test(test_any_split_into_blocks_gives_the_same_variates),
        cmocka_unit_test(test_variates_of_other_draws_are_independent),
        cmocka_unit_test(test_ordinary_columns_survive_a_variate_next_to_them),
        cmocka_unit_test(test_what_is_no_shape_gives_nan),
        cmocka_unit_test(test_variates_have_the_recorded_bits),
    };
    return cmocka_run_group_tests(tests, begin_tests, end_tests);
}
