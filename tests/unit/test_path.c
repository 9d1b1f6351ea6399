/* path: whatever decides a path first, its increments are independent standard normals, and the textbook's. */
#include "engine/path.h"

#include "engine/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t all_steps[] = {1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 33, 64, 252};
enum { SIZES = sizeof(all_steps) / sizeof(*all_steps), LANES = TSR_PATH_LANES };

/* Paths of `steps` unit normals, one for each item: the columns of the orthogonal map; to be freed. [steps][stride] */
static double *matrix_of(tsr_path_order order, int64_t steps, int64_t *stride) {
    *stride = (steps + LANES - 1) / LANES * LANES;
    double *matrix = calloc((size_t)(steps * *stride), sizeof(*matrix));
    double *scratch = malloc((size_t)(steps * LANES) * sizeof(*scratch));
    for (int64_t k = 0; k < steps; k++) matrix[k * *stride + k] = 1.0;
    tsr_path *path = NULL;
    assert_int_equal(tsr_path_create(order, steps, &path), TSR_OK);
    tsr_path_build(path, steps, *stride, matrix, scratch);
    tsr_path_destroy(&path);
    free(scratch);
    return matrix;
}

static void assert_orthogonal(tsr_path_order order, int64_t steps) {
    int64_t stride;
    double *matrix = matrix_of(order, steps, &stride);
    for (int64_t s = 0; s < steps; s++)
        for (int64_t t = 0; t <= s; t++) {
            double product = 0;
            for (int64_t k = 0; k < steps; k++) product += matrix[s * stride + k] * matrix[t * stride + k];
            assert_true(fabs(product - (s == t ? 1.0 : 0.0)) < 1e-13);
        }
    free(matrix);
}

static void test_increments_have_the_covariance_of_independent_normals(void **state) {
    (void)state;
    for (int i = 0; i < SIZES; i++) {
        assert_orthogonal(TSR_PATH_BRIDGE, all_steps[i]);
        assert_orthogonal(TSR_PATH_PCA, all_steps[i]);
    }
}

static void test_the_end_of_a_bridge_hangs_on_its_first_normal_alone(void **state) {
    (void)state;
    for (int i = 0; i < SIZES; i++) {
        int64_t stride;
        double *matrix = matrix_of(TSR_PATH_BRIDGE, all_steps[i], &stride);
        for (int64_t k = 0; k < all_steps[i]; k++) {
            double sum = 0;
            for (int64_t t = 0; t < all_steps[i]; t++) sum += matrix[t * stride + k];
            assert_true(fabs(sum - (k == 0 ? sqrt((double)all_steps[i]) : 0.0)) < 1e-13);
        }
        free(matrix);
    }
}

/* Glasserman, figure 3.2: values of a path of 2^m steps, the midpoints of all intervals of one length after the other.
 */
static void test_a_bridge_is_that_of_the_textbook(void **state) {
    (void)state;
    enum { STEPS = 64 };
    const tsr_stream stream = tsr_stream_make(1, "path", 0);
    double normal[STEPS], w[STEPS + 1] = {0}, increments[STEPS * LANES], scratch[STEPS * LANES];
    for (int64_t k = 0; k < STEPS; k++) {
        normal[k] = tsr_stream_normal(&stream, 0, k);
        for (int i = 0; i < LANES; i++) increments[k * LANES + i] = normal[k];
    }
    w[STEPS] = sqrt(STEPS) * normal[0];
    for (int half = STEPS / 2, k = 1; half > 0; half /= 2)
        for (int t = half; t < STEPS; t += 2 * half, k++)
            w[t] = 0.5 * (w[t - half] + w[t + half]) + sqrt(0.5 * half) * normal[k];
    tsr_path *path = NULL;
    assert_int_equal(tsr_path_create(TSR_PATH_BRIDGE, STEPS, &path), TSR_OK);
    tsr_path_build(path, 1, LANES, increments, scratch);
    for (int t = 0; t < STEPS; t++) assert_true(fabs(increments[t * LANES] - (w[t + 1] - w[t])) < 1e-13);
    tsr_path_destroy(&path);
}

/* The values of the path, as functions of normal k, are an eigenvector of the covariance min(s, t), of eigenvalues that
 * fall and sum up to its trace. */
static void test_components_are_eigenvectors_in_falling_order(void **state) {
    (void)state;
    for (int i = 0; i < SIZES; i++) {
        const int64_t steps = all_steps[i];
        int64_t stride;
        double *path = matrix_of(TSR_PATH_PCA, steps, &stride), last = INFINITY, trace = 0;
        for (int64_t t = 1; t < steps; t++)
            for (int64_t k = 0; k < steps; k++) path[t * stride + k] += path[(t - 1) * stride + k];
        for (int64_t k = 0; k < steps; k++) {
            double value = 0;
            for (int64_t t = 0; t < steps; t++) value += path[t * stride + k] * path[t * stride + k];
            for (int64_t s = 0; s < steps; s++) {
                double product = 0;
                for (int64_t t = 0; t < steps; t++) product += (double)(s < t ? s + 1 : t + 1) * path[t * stride + k];
                assert_true(fabs(product - value * path[s * stride + k]) < 1e-10 * (double)(steps * steps));
            }
            assert_true(value < last);
            last = value;
            trace += value;
        }
        assert_true(fabs(trace / (0.5 * (double)steps * (double)(steps + 1)) - 1.0) < 1e-13);
        free(path);
    }
}

static void test_a_path_does_not_hang_on_its_neighbours(void **state) {
    (void)state;
    enum { STEPS = 21, ITEMS = 100, STRIDE = 112 };
    const tsr_stream stream = tsr_stream_make(2, "path", 0);
    static double whole[STEPS * STRIDE], part[STEPS * STRIDE], scratch[STEPS * LANES];
    for (tsr_path_order order = TSR_PATH_BRIDGE; order <= TSR_PATH_PCA; order++) {
        tsr_path *path = NULL;
        assert_int_equal(tsr_path_create(order, STEPS, &path), TSR_OK);
        for (int k = 0; k < STEPS; k++)
            for (int i = 0; i < ITEMS; i++) whole[k * STRIDE + i] = tsr_stream_normal(&stream, i, k);
        for (int begin = 0; begin < ITEMS; begin += 33) {
            const int items = begin + 33 < ITEMS ? 33 : ITEMS - begin;
            for (int k = 0; k < STEPS; k++)
                for (int i = 0; i < items; i++) part[k * STRIDE + i] = tsr_stream_normal(&stream, begin + i, k);
            tsr_path_build(path, items, STRIDE, part, scratch);
            static double expected[STEPS * STRIDE];
            memcpy(expected, whole, sizeof(whole));
            tsr_path_build(path, ITEMS, STRIDE, expected, scratch);
            for (int k = 0; k < STEPS; k++)
                assert_memory_equal(&part[k * STRIDE], &expected[k * STRIDE + begin], (size_t)items * sizeof(double));
        }
        tsr_path_destroy(&path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_increments_have_the_covariance_of_independent_normals),
        cmocka_unit_test(test_the_end_of_a_bridge_hangs_on_its_first_normal_alone),
        cmocka_unit_test(test_a_bridge_is_that_of_the_textbook),
        cmocka_unit_test(test_components_are_eigenvectors_in_falling_order),
        cmocka_unit_test(test_a_path_does_not_hang_on_its_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
