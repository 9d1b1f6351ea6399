/* What maps of images promise beside their pixels: sizes by resize, columns that pass, jobs of them, and what is
 * refused.
 */
#include "cli/catalog.h"
#include "image_maps.h"
#include "job_text.h"

/* ---- resize ---- */

static void test_areas_become_their_averages(void **state) {
    (void)state;
    enum { SIDE = 28, IMAGES = 20 };
    static double in[IMAGES * SIDE * SIDE], out[IMAGES * 14 * 14];
    fill_pixels(1, IMAGES * SIDE * SIDE, in);
    for (int i = 0; i < IMAGES * SIDE * SIDE; i++) in[i] = floor(in[i]);
    filter_images("resize", "to: [14, 14]", (image_shape){IMAGES, SIDE, SIDE}, in, out);
    for (int k = 0; k < IMAGES; k++)
        for (int y = 0; y < 14; y++)
            for (int x = 0; x < 14; x++) {
                const double *corner = in + k * SIDE * SIDE + 2 * y * SIDE + 2 * x;
                assert_true(out[k * 196 + y * 14 + x] == (corner[0] + corner[1] + corner[28] + corner[29]) / 4);
            }
}

/* Each pixel as 5 x 3 small ones, of which 4 x 2 make a new one: sums of whole numbers, divided once, have no error. */
static void test_parts_of_pixels_count_as_parts(void **state) {
    (void)state;
    double in[4 * 2], out[5 * 3];
    for (int i = 0; i < 8; i++) in[i] = i * i * 7 - 20;
    filter_images("resize", "to: [5, 3], with: area", (image_shape){1, 4, 2}, in, out);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 3; x++) {
            double sum = 0;
            for (int i = 0; i < 4; i++)
                for (int k = 0; k < 2; k++) sum += in[(4 * y + i) / 5 * 2 + (2 * x + k) / 3];
            assert_true(out[y * 3 + x] == sum / 8);
        }
}

static void test_all_of_an_image_in_one_pixel_is_its_mean(void **state) {
    (void)state;
    enum { SIDE = 100 };
    static double in[SIDE * SIDE];
    double out, sum = 0;
    for (int i = 0; i < SIDE * SIDE; i++) sum += in[i] = i % 251;
    filter_images("resize", "to: [1, 1]", (image_shape){1, SIDE, SIDE}, in, &out);
    assert_true(out == sum / (SIDE * SIDE));
}

/* On a ramp every centre has its own value, and beyond the outer centres the edge goes on. */
static void test_bilinear_is_exact_on_a_ramp(void **state) {
    (void)state;
    double in[6 * 4], out[9 * 14];
    for (int i = 0; i < 24; i++) in[i] = 10.0 * (i / 4) + i % 4; /* NOLINT: rows */
    filter_images("resize", "to: [9, 14], with: bilinear", (image_shape){1, 6, 4}, in, out);
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 14; x++) {
            const double row = fmin(fmax((y + 0.5) * 6 / 9 - 0.5, 0), 5);
            const double column = fmin(fmax((x + 0.5) * 4 / 14 - 0.5, 0), 3);
            assert_true(fabs(out[y * 14 + x] - (10 * row + column)) < 1e-13);
        }
}

static void test_nearest_takes_the_pixel_under_the_centre(void **state) {
    (void)state;
    const double in[5] = {1, 2, 3, 4, 5}, three[3] = {1, 3, 5}, ten[10] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
    double out[10];
    filter_images("resize", "to: [1, 3], with: nearest", (image_shape){1, 1, 5}, in, out);
    assert_memory_equal(out, three, sizeof(three));
    filter_images("resize", "to: [10, 1], with: nearest", (image_shape){1, 5, 1}, in, out);
    assert_memory_equal(out, ten, sizeof(ten));
}

static void test_the_same_size_is_the_same_image(void **state) {
    (void)state;
    const char *const settings[] = {"to: [9, 7]", "to: [9, 7], with: bilinear", "to: [9, 7], with: nearest"};
    double in[63], out[63];
    fill_pixels(3, 63, in);
    for (int i = 0; i < 3; i++) {
        filter_images("resize", settings[i], (image_shape){1, 9, 7}, in, out);
        for (int k = 0; k < 63; k++) assert_true(fabs(out[k] - in[k]) <= 1e-15 * in[k]);
    }
}

/* ---- columns ---- */

static void test_pixels_stay_in_place_and_what_is_kept_passes(void **state) {
    (void)state;
    static const char *const words[] = {"bag", "coat", NULL};
    const tsr_field in[] = {{.name = "a", .unit = "m", .long_name = "pixel", .is_control = true},
                            {.name = "kind", .categories = words},
                            {.name = "b", .unit = "m"},
                            {.name = "weight", .unit = "kg"},
                            {.name = "c", .unit = "m"},
                            {.name = NULL}};
    const double column[5] = {10, 1, 20, 0.5, 60};
    double out[7];
    mapping made = mapping_made("median", image_setting("mode: nearest, keep: [weight, kind]", "rows"), in);
    const tsr_field *fields = made.map->fields_of(made.model);
    assert_int_equal(mapping_run(&made, column, 1, 1, out), 1);
    assert_memory_equal(out, ((double[]){10, 1, 20, 0.5, 60}), 5 * sizeof(double));
    assert_true(fields[1].categories == words && !fields[0].is_control);
    assert_string_equal(fields[2].name, "b");
    assert_string_equal(fields[2].unit, "m");
    assert_string_equal(fields[2].long_name, "median of the pixels around");
    mapping_close(&made);
    made = mapping_made("resize", image_setting("to: [1, 12], with: nearest, keep: [kind, weight]", "[1, 3]"), in);
    fields = made.map->fields_of(made.model);
    assert_int_equal(made.columns, 14);
    assert_string_equal(fields[0].name, "kind");
    assert_true(fields[0].categories == words);
    assert_string_equal(fields[2].name, "p0_00");
    assert_string_equal(fields[13].name, "p0_11");
    assert_string_equal(fields[13].unit, "m");
    mapping_close(&made);
}

/* ---- a job ---- */

static const char job[] = "name: images\nseed: 4\nsource: {normal: {}}\nitems: %d\ntile_items: %d\nmaps:\n"
                          "  - lag: {of: x, lags: [1, 2, 3, 4, 5, 6, 7, 8], edge: drop}\n"
                          "  - gaussian: {sigma: 0.5, image: [3, 3]}\n"
                          "  - median: {image: rows, mode: [reflect, wrap]}\n"
                          "  - convolve: {kernel: [[1], [-2], [1]], image: rows}\n"
                          "  - resize: {to: [2, 2], image: [3, 3]}\n"
                          "tallies:\n  - top: {count: 3000}\n";

/* Two of the maps look at the items before and after: those of other blocks, tiles and threads. Of every pixel all
 * values but few are compared, with their items. */
static void test_pixels_do_not_depend_on_tiles_and_threads(void **state) {
    (void)state;
    enum { VALUES = 4 * 3000 };
    static double first[2][VALUES];
    static const char *const names[] = {"largest", "largest_item"};
    const int tiles[] = {16384, 1000, 37, 5};
    tsr_catalog *catalog = NULL;
    assert_int_equal(tsr_catalog_create(&catalog), TSR_OK);
    for (int i = 0; i < 8; i++) {
        char text[1024];
        snprintf(text, sizeof(text), job, 3011, tiles[i / 2]);
        tsr_text_run run = text_run(catalog, text, i % 2 + 1);
        for (int k = 0; k < 2; k++) {
            const double *value = text_result(&run, 0, names[k])->value;
            if (i == 0) memcpy(first[k], value, sizeof(first[k]));
            assert_memory_equal(value, first[k], sizeof(first[k]));
        }
        text_run_clear(&run);
    }
    tsr_catalog_destroy(&catalog);
}

/* ---- refusals ---- */

static void refused(const char *map, const char *settings, const char *image, int64_t columns, const char *says) {
    tsr_field *fields = pixel_fields(columns);
    mapping_refused(map, image_setting(settings, image), fields, says);
    free(fields);
}

static void test_shapes_that_do_not_fit_are_refused(void **state) {
    (void)state;
    refused(
        "sobel", "{}", "[28, 28]", 785,
        "job.yaml:3:5: map sobel: image: an image of 28 rows and 28 columns has 784 pixels, and an item has 785; name "
        "what is no pixel in keep");
    refused("sobel", "{}", "[28]", 28, "image: 28 is no shape; give [height, width]");
    refused("sobel", "{}", "row", 28, "image: row is no shape");
    refused("sobel", "{}", "[2.5, 4]", 10, "is no shape");
    refused("sobel", "{}", "[0, 4]", 10, "is no shape");
    refused("sobel", "keep: [p9]", "[2, 2]", 4, "keep: there is no column 'p9'; did you mean 'p0'?");
    refused("sobel", "keep: [p0, p1]", "rows", 2, "keep: no column is left that is a pixel");
    refused("resize", "to: [2, 2]", "rows", 4, "only whole images can be resized");
    refused("resize", "to: 2", "[2, 2]", 4, "to: it must be [height, width]");
    refused("resize", "to: [2, 2.5]", "[2, 2]", 4, "to: it must be [height, width]");
    refused("resize", "to: [300, 300]", "[2, 2]", 4, "of at most 65536 pixels");
    static const char *const words[] = {"a", "b", NULL};
    const tsr_field fields[] = {{.name = "x"}, {.name = "y"}, {.name = "kind", .categories = words}, {.name = NULL}};
    mapping_refused("sobel", image_setting("{}", "rows"), fields, "column 'kind' holds words, no pixels; name it here");
}

static void test_kernels_that_do_not_fit_are_refused(void **state) {
    (void)state;
    refused("median", "size: 4", "[9, 9]", 81, "size: it is 4; it must be odd");
    refused("median", "size: 33", "[9, 9]", 81, "size is 33; it must be >= 3 and <= 31");
    refused("median", "size: 9", "[9, 4]", 36,
            "size: the filter looks 4 pixels to the left and right, which rows of 4 do not have");
    refused("median", "size: 9", "rows", 4,
            "size: the filter looks 4 pixels to the left and right, which rows of 4 do not have");
    refused("gaussian", "sigma: 4", "[16, 28]", 448,
            "sigma: the filter looks 16 pixels up and down, which images of 16 rows do not have");
    refused("gaussian", "sigma: 40", "rows", 448, "sigma: the filter looks more than 127 pixels far");
    refused("gaussian", "sigma: [1, 2, 3]", "rows", 448, "sigma: 3 numbers; give one, or two");
    refused("gaussian", "sigma: -1", "rows", 448, "sigma holds -1; each value must be >= 0");
    refused("convolve", "kernel: [[1, 2], [3, 4]]", "rows", 4, "kernel: it has 2 rows and 2 columns; both must be odd");
    refused("convolve", "kernel: [1, 2, 1]", "rows", 4, "kernel: it must be a list of rows; one row is [[1, 2, 1]]");
    refused("convolve", "kernel: [[1, 2, 1], [1, 2]]", "rows", 4, "row 2 is not as long as row 1");
    refused("laplace", "{}", "[1, 4]", 4,
            "image: the filter looks 1 pixels up and down, which images of 1 rows do not have");
}

static void test_edges_that_cannot_be_are_refused(void **state) {
    (void)state;
    refused(
        "sobel", "mode: wrap", "rows", 4,
        "mode: wrap would put the last row above the first, and rows are read from the first to the last; columns can "
        "be wrapped alone, e.g. mode: [nearest, wrap]");
    refused("sobel", "mode: reflected", "rows", 4,
            "mode: 'reflected' is no way beyond an edge; did you mean 'reflect'?");
    refused("sobel", "mode: [wrap, wrap, wrap]", "[2, 2]", 4, "mode: 3 words; give one mode, or two");
    refused("sobel", "cval: nan", "[2, 2]", 4, "cval");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_areas_become_their_averages),
        cmocka_unit_test(test_parts_of_pixels_count_as_parts),
        cmocka_unit_test(test_all_of_an_image_in_one_pixel_is_its_mean),
        cmocka_unit_test(test_bilinear_is_exact_on_a_ramp),
        cmocka_unit_test(test_nearest_takes_the_pixel_under_the_centre),
        cmocka_unit_test(test_the_same_size_is_the_same_image),
        cmocka_unit_test(test_pixels_stay_in_place_and_what_is_kept_passes),
        cmocka_unit_test(test_pixels_do_not_depend_on_tiles_and_threads),
        cmocka_unit_test(test_shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(test_kernels_that_do_not_fit_are_refused),
        cmocka_unit_test(test_edges_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
