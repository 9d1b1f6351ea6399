/* Filters of images: the same as scipy.ndimage in every mode and both layouts, what is known of them in closed form,
 * and the same bits however items are cut. */
#include "image_maps.h"
#include "scipy_images.h"

#include <float.h>

enum { FILTERS = sizeof(scipy_filters) / sizeof(*scipy_filters), WRAP = SCIPY_MODES - 1 };

/* Both round sums of a dozen terms, in different orders. */
static void assert_near_scipy(const char *what, const double *made, const double *expected) {
    for (int i = 0; i < SCIPY_PIXELS; i++)
        if (fabs(made[i] - expected[i]) > 1e-13 * (fabs(expected[i]) + 1))
            fail_msg("%s: pixel %d is %.17g, not %.17g", what, i, made[i], expected[i]);
}

static void test_images_become_what_scipy_makes_of_them(void **state) {
    (void)state;
    for (int f = 0; f < FILTERS; f++)
        for (int m = 0; m < SCIPY_MODES; m++) {
            const image_shape shape = {37, SCIPY_ROWS, SCIPY_COLUMNS};
            double in[37 * SCIPY_PIXELS], out[37 * SCIPY_PIXELS];
            for (int i = 0; i < 37 * SCIPY_PIXELS; i++) in[i] = scipy_image[i % SCIPY_PIXELS];
            image_settings settings;
            snprintf(settings, sizeof(settings), "%s, mode: %s", scipy_filters[f].settings, scipy_modes[m]);
            filter_images(scipy_filters[f].map, settings, shape, in, out);
            for (int k = 0; k < 37; k++) assert_near_scipy(settings, out + k * SCIPY_PIXELS, scipy_filters[f].pixel[m]);
        }
}

static void test_rows_of_a_picture_become_what_scipy_makes_of_it(void **state) {
    (void)state;
    for (int f = 0; f < FILTERS; f++)
        for (int m = 0; m < WRAP; m++)
            for (int block = 1; block <= SCIPY_ROWS; block++) {
                double out[SCIPY_PIXELS];
                image_settings settings;
                snprintf(settings, sizeof(settings), "%s, mode: %s", scipy_filters[f].settings, scipy_modes[m]);
                filter_picture(scipy_filters[f].map, settings, SCIPY_ROWS, SCIPY_COLUMNS, block, scipy_image, out);
                assert_near_scipy(settings, out, scipy_filters[f].pixel[m]);
            }
}

/* ---- both layouts, and cuts ---- */

static const struct {
    const char *map, *settings;
} both[] = {
    {"gaussian", "sigma: 1.5"},
    {"gaussian", "sigma: [0, 2], truncate: 3, mode: [mirror, nearest]"},
    {"median", "size: 3, mode: mirror"},
    {"median", "size: 5, mode: constant, cval: -1"},
    {"median", "size: 7"},
    {"sobel", "mode: nearest"},
    {"sobel", "gradient: x"},
    {"laplace", "mode: [reflect, wrap]"},
    {"convolve", "kernel: [[1, 0.5, -2, 0.25, 3], [2, 4, 0, -1, 5], [7, 1, 0.5, 2, -3]]"},
};

static void test_an_image_and_a_picture_of_its_rows_are_filtered_alike(void **state) {
    (void)state;
    enum { HEIGHT = 23, WIDTH = 31 };
    static double in[HEIGHT * WIDTH], image[HEIGHT * WIDTH], picture[HEIGHT * WIDTH];
    fill_pixels(5, HEIGHT * WIDTH, in);
    for (size_t f = 0; f < sizeof(both) / sizeof(*both); f++) {
        filter_images(both[f].map, both[f].settings, (image_shape){1, HEIGHT, WIDTH}, in, image);
        filter_picture(both[f].map, both[f].settings, HEIGHT, WIDTH, 8, in, picture);
        for (int i = 0; i < HEIGHT * WIDTH; i++)
            if (fabs(image[i] - picture[i]) > 1e-12) /* of sums of pixels up to 100 */
                fail_msg("%s: pixel %d is %a as an image, %a as a picture", both[f].settings, i, image[i], picture[i]);
    }
}

static void test_blocks_of_images_do_not_matter(void **state) {
    (void)state;
    enum { ITEMS = 230, HEIGHT = 9, WIDTH = 11 };
    static double in[HEIGHT * WIDTH * ITEMS];
    fill_pixels(6, HEIGHT * WIDTH * ITEMS, in);
    tsr_field *fields = pixel_fields(HEIGHT * WIDTH);
    for (size_t f = 0; f < sizeof(both) / sizeof(*both); f++) {
        mapping made = mapping_made(both[f].map, image_setting(both[f].settings, "[9, 11]"), fields);
        assert_blocks_do_not_matter(&made, in, ITEMS);
        mapping_close(&made);
    }
    free(fields);
}

/* Rows are read with those above and below; 1300 of them are also more than are worked on at once. */
static void test_blocks_of_rows_do_not_matter(void **state) {
    (void)state;
    enum { ITEMS = 1300, WIDTH = 9 };
    static double in[WIDTH * ITEMS];
    fill_pixels(7, WIDTH * ITEMS, in);
    tsr_field *fields = pixel_fields(WIDTH);
    for (size_t f = 0; f < sizeof(both) / sizeof(*both); f++) {
        mapping made = mapping_made(both[f].map, image_setting(both[f].settings, "rows"), fields);
        assert_blocks_do_not_matter(&made, in, ITEMS);
        mapping_close(&made);
    }
    free(fields);
}

/* A picture of fewer rows than the filter looks up or down: rows stand in for others more than once. */
static void test_a_low_picture_is_continued_again_and_again(void **state) {
    (void)state;
    enum { WIDTH = 9, TALL = 3 * 8 };
    double in[TALL * WIDTH], low[3 * WIDTH], tall[TALL * WIDTH];
    fill_pixels(8, TALL * WIDTH, in);
    for (int y = 3; y < TALL; y++)
        for (int x = 0; x < WIDTH; x++) in[y * WIDTH + x] = in[(y % 6 < 3 ? y % 3 : 2 - y % 3) * WIDTH + x];
    filter_picture("gaussian", "sigma: [2, 0]", 3, WIDTH, 2, in, low);
    filter_picture("gaussian", "sigma: [2, 0]", TALL, WIDTH, 100, in, tall);
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < WIDTH; x++) assert_true(low[y * WIDTH + x] == tall[(y + 12) * WIDTH + x]);
}

/* ---- closed forms ---- */

static void test_a_convolution_spreads_each_pixel_by_the_kernel(void **state) {
    (void)state;
    const double kernel[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    double in[49] = {0}, out[49];
    in[3 * 7 + 3] = 1;
    filter_images("convolve", "kernel: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]", (image_shape){1, 7, 7}, in, out);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            const bool is_near = y >= 2 && y <= 4 && x >= 2 && x <= 4;
            assert_true(out[y * 7 + x] == (is_near ? kernel[(y - 2) * 3 + x - 2] : 0));
        }
}

static void test_a_gaussian_spreads_a_pixel_by_products_of_its_weights(void **state) {
    (void)state;
    enum { SIDE = 17 };
    double in[SIDE * SIDE] = {0}, out[SIDE * SIDE], weight[5], sum = 0;
    in[8 * SIDE + 8] = 1;
    filter_images("gaussian", "sigma: 1", (image_shape){1, SIDE, SIDE}, in, out);
    for (int i = -4; i <= 4; i++) sum += weight[abs(i)] = exp(-i * i / 2.0);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const int dy = abs(y - 8), dx = abs(x - 8);
            const double expected = dy > 4 || dx > 4 ? 0 : weight[dy] * weight[dx] / (sum * sum);
            assert_true(fabs(out[y * SIDE + x] - expected) < 1e-16);
            assert_true(out[y * SIDE + x] == out[x * SIDE + y] && out[y * SIDE + x] == out[(16 - y) * SIDE + x]);
        }
}

/* The last weight is that at truncate * sigma, rounded: here always half a pixel up. */
static void test_a_gaussian_of_every_radius_has_all_its_weights(void **state) {
    (void)state;
    enum { WIDTH = 41, RADIUS_MOST = 19 };
    for (int radius = 1; radius <= RADIUS_MOST; radius++) {
        const double sigma = (radius - 0.5) / 4;
        double in[WIDTH] = {0}, out[WIDTH], sum = 0;
        image_settings settings;
        in[20] = 1;
        snprintf(settings, sizeof(settings), "sigma: [0, %.17g]", sigma);
        filter_images("gaussian", settings, (image_shape){1, 1, WIDTH}, in, out);
        for (int i = -radius; i <= radius; i++) sum += exp(-i * i / (2 * sigma * sigma));
        for (int i = -20; i <= 20; i++) {
            const double expected = abs(i) > radius ? 0 : exp(-i * i / (2 * sigma * sigma)) / sum;
            assert_true(fabs(out[20 + i] - expected) <= 20 * DBL_EPSILON * expected);
        }
    }
}

/* Smoothing by sigma and then again is smoothing by sqrt(2) sigma, up to where weights end (4 sigma: 6e-5). */
static void test_two_gaussians_are_one_that_is_wider(void **state) {
    (void)state;
    enum { SIDE = 41 };
    static double in[SIDE * SIDE], once[SIDE * SIDE], twice[SIDE * SIDE], wide[SIDE * SIDE];
    fill_pixels(9, SIDE * SIDE, in);
    const image_shape shape = {1, SIDE, SIDE};
    filter_images("gaussian", "sigma: 1.5, truncate: 8", shape, in, once);
    filter_images("gaussian", "sigma: 1.5, truncate: 8", shape, once, twice);
    filter_images("gaussian", "sigma: 2.1213203435596424, truncate: 8", shape, in, wide);
    for (int i = 0; i < SIDE * SIDE; i++) assert_true(fabs(twice[i] - wide[i]) < 2e-3 * 100);
}

static void test_what_is_constant_stays_constant_or_vanishes(void **state) {
    (void)state;
    double in[99], out[99];
    for (int i = 0; i < 99; i++) in[i] = 1e6 / 3;
    for (size_t f = 0; f < sizeof(both) / sizeof(*both); f++) {
        if (strcmp(both[f].map, "convolve") == 0 || strstr(both[f].settings, "constant") != NULL) continue;
        filter_images(both[f].map, both[f].settings, (image_shape){1, 9, 11}, in, out);
        const bool vanishes = strcmp(both[f].map, "sobel") == 0 || strcmp(both[f].map, "laplace") == 0;
        for (int i = 0; i < 99; i++)
            assert_true(fabs(out[i] - (vanishes ? 0 : in[i])) <= (vanishes ? 0 : 4 * DBL_EPSILON * in[i]));
    }
}

static void test_sobel_tells_eight_times_the_slope(void **state) {
    (void)state;
    double in[99], x[99], y[99], magnitude[99];
    for (int i = 0; i < 99; i++) in[i] = 3.0 * (i % 11) + 4.0 * (i / 11); /* NOLINT: rows */
    const image_shape shape = {1, 9, 11};
    filter_images("sobel", "gradient: x", shape, in, x);
    filter_images("sobel", "gradient: y", shape, in, y);
    filter_images("sobel", "{}", shape, in, magnitude);
    for (int i = 0; i < 99; i++) {
        const int row = i / 11, column = i % 11;
        if (row == 0 || row == 8 || column == 0 || column == 10) continue;
        assert_true(x[i] == 24 && y[i] == 32 && magnitude[i] == 40);
    }
}

static void test_the_laplacian_of_a_paraboloid_is_four(void **state) {
    (void)state;
    double in[99], out[99];
    for (int i = 0; i < 99; i++) in[i] = (i % 11) * (i % 11) + (double)(i / 11) * (i / 11);
    filter_images("laplace", "{}", (image_shape){1, 9, 11}, in, out);
    for (int i = 0; i < 99; i++)
        if (i / 11 > 0 && i / 11 < 8 && i % 11 > 0 && i % 11 < 10) assert_true(out[i] == 4);
}

/* Longer than what is worked on at once, with the largest radius: still every weight in its place. */
static void test_wide_images_and_far_looks_are_cut_without_a_trace(void **state) {
    (void)state;
    enum { WIDTH = 700 };
    static double in[WIDTH], out[WIDTH], weight[128];
    double sum = 0;
    in[350] = 1;
    filter_images("gaussian", "sigma: [0, 31.75]", (image_shape){1, 1, WIDTH}, in, out);
    for (int i = -127; i <= 127; i++) sum += weight[abs(i)] = exp(-i * i / (2 * 31.75 * 31.75));
    for (int x = 0; x < WIDTH; x++) {
        const int far = abs(x - 350);
        assert_true(fabs(out[x] - (far > 127 ? 0 : weight[far] / sum)) < 1e-16);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images_become_what_scipy_makes_of_them),
        cmocka_unit_test(test_rows_of_a_picture_become_what_scipy_makes_of_it),
        cmocka_unit_test(test_an_image_and_a_picture_of_its_rows_are_filtered_alike),
        cmocka_unit_test(test_blocks_of_images_do_not_matter),
        cmocka_unit_test(test_blocks_of_rows_do_not_matter),
        cmocka_unit_test(test_a_low_picture_is_continued_again_and_again),
        cmocka_unit_test(test_a_convolution_spreads_each_pixel_by_the_kernel),
        cmocka_unit_test(test_a_gaussian_spreads_a_pixel_by_products_of_its_weights),
        cmocka_unit_test(test_a_gaussian_of_every_radius_has_all_its_weights),
        cmocka_unit_test(test_two_gaussians_are_one_that_is_wider),
        cmocka_unit_test(test_what_is_constant_stays_constant_or_vanishes),
        cmocka_unit_test(test_sobel_tells_eight_times_the_slope),
        cmocka_unit_test(test_the_laplacian_of_a_paraboloid_is_four),
        cmocka_unit_test(test_wide_images_and_far_looks_are_cut_without_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
