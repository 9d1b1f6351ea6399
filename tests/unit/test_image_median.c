/* The map median: its networks pick the middle one of whatever comes in, and a hole stays a hole. */
#include "image_maps.h"

/* Principle of zeros and ones (Knuth, The Art of Computer Programming 3, 5.3.4): a network of comparisons that picks
 * the middle one of all zeros and ones picks it of all numbers. These are all that 3 x 3 pixels can hold. */
static void test_nine_zeros_and_ones_have_the_median_of_the_majority(void **state) {
    (void)state;
    enum { IMAGES = 512 };
    static double in[IMAGES * 9], out[IMAGES * 9];
    for (int k = 0; k < IMAGES; k++)
        for (int i = 0; i < 9; i++) in[k * 9 + i] = k >> i & 1;
    filter_images("median", "size: 3", (image_shape){IMAGES, 3, 3}, in, out);
    for (int k = 0; k < IMAGES; k++) assert_true(out[k * 9 + 4] == (__builtin_popcount((unsigned)k) >= 5));
}

/* Of 5 x 5, rows of all 32 kinds in each place, the other four rows with 0 to 5 ones: all that is left to tell rows
 * apart once they are in order. */
static void test_25_zeros_and_ones_have_the_median_of_the_majority(void **state) {
    (void)state;
    enum { KINDS = 6 * 6 * 6 * 6, IMAGES = 32 * KINDS };
    static double in[IMAGES * 25], out[IMAGES * 25];
    for (int place = 0; place < 5; place++) {
        for (int k = 0; k < IMAGES; k++)
            for (int y = 0, rest = k / 32; y < 5; y++) {
                const int row = y == place ? k % 32 : (1 << rest % 6) - 1;
                if (y != place) rest /= 6;
                for (int x = 0; x < 5; x++) in[k * 25 + y * 5 + x] = row >> x & 1;
            }
        filter_images("median", "size: 5, mode: constant", (image_shape){IMAGES, 5, 5}, in, out);
        for (int k = 0; k < IMAGES; k++) {
            double ones = 0;
            for (int i = 0; i < 25; i++) ones += in[k * 25 + i];
            assert_true(out[k * 25 + 12] == (ones >= 13));
        }
    }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* By sorting each window. */
static double sorted_middle(int size, const double *image, int height, int width, int y, int x) {
    double window[15 * 15];
    int count = 0;
    for (int i = y - size / 2; i <= y + size / 2; i++)
        for (int k = x - size / 2; k <= x + size / 2; k++) {
            const int row = i < 0 ? 0 : i >= height ? height - 1 : i, column = k < 0 ? 0 : k >= width ? width - 1 : k;
            window[count++] = image[row * width + column];
        }
    qsort(window, (size_t)count, sizeof(*window), ascending);
    return window[count / 2];
}

static void test_every_size_picks_what_sorting_would(void **state) {
    (void)state;
    enum { HEIGHT = 19, WIDTH = 23, PIXELS = HEIGHT * WIDTH };
    double in[PIXELS], out[PIXELS];
    image_settings settings;
    for (int few = 0; few < 2; few++) {
        fill_pixels(11, PIXELS, in);
        for (int i = 0; few && i < PIXELS; i++) in[i] = floor(in[i] / 25) - 2; /* many alike, also zeros */
        for (int size = 3; size <= 15; size += 2) {
            snprintf(settings, sizeof(settings), "size: %d, mode: nearest", size);
            filter_images("median", settings, (image_shape){1, HEIGHT, WIDTH}, in, out);
            for (int i = 0; i < PIXELS; i++)
                assert_true(out[i] == sorted_middle(size, in, HEIGHT, WIDTH, i / WIDTH, i % WIDTH));
            filter_picture("median", settings, HEIGHT, WIDTH, 6, in, out);
            for (int i = 0; i < PIXELS; i++)
                assert_true(out[i] == sorted_middle(size, in, HEIGHT, WIDTH, i / WIDTH, i % WIDTH));
        }
    }
}

static void test_a_speck_is_gone_and_an_edge_stays(void **state) {
    (void)state;
    double in[81], out[81];
    for (int i = 0; i < 81; i++) in[i] = i % 9 < 4 ? 10 : 20; /* a step */
    in[4 * 9 + 2] = 1e300;
    filter_images("median", "size: 3", (image_shape){1, 9, 9}, in, out);
    for (int i = 0; i < 81; i++) assert_true(out[i] == (i % 9 < 4 ? 10 : 20));
}

static void test_pixels_around_a_hole_are_holes_and_infinities_are_values(void **state) {
    (void)state;
    for (int size = 3; size <= 7; size += 2)
        for (int sign = -1; sign <= 1; sign += 2) {
            double in[169], out[169];
            image_settings settings;
            fill_pixels(12, 169, in);
            in[6 * 13 + 6] = copysign((double)NAN, (double)sign);
            in[0] = copysign((double)INFINITY, (double)sign);
            snprintf(settings, sizeof(settings), "size: %d", size);
            filter_images("median", settings, (image_shape){1, 13, 13}, in, out);
            for (int i = 0; i < 169; i++) {
                const bool is_near = abs(i / 13 - 6) <= size / 2 && abs(i % 13 - 6) <= size / 2;
                assert_true(is_near ? isnan(out[i]) : isfinite(out[i]));
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nine_zeros_and_ones_have_the_median_of_the_majority),
        cmocka_unit_test(test_25_zeros_and_ones_have_the_median_of_the_majority),
        cmocka_unit_test(test_every_size_picks_what_sorting_would),
        cmocka_unit_test(test_a_speck_is_gone_and_an_edge_stays),
        cmocka_unit_test(test_pixels_around_a_hole_are_holes_and_infinities_are_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
