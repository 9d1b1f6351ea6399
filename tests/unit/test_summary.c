/* The summary of a run: headlines first, matrices and histograms as pictures, sweeps as tables, long lists cut. */
#include "cli/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outcome.h"

static const tsr_report report = {
    .job = "pi", .digest = "ab12", .seed = 7, .file = "pi.h5", .seconds = 1.25, .ranks = 2, .threads = 4};
static const tsr_component source = {.role = "source", .name = "darts"};

static const char *const colours[] = {"red", "blue"};
static const tsr_dimension columns = {.name = "column", .length = 2, .labels = colours};

enum { RESULTS_MAX = 60 };

static tsr_results *results_of(const tsr_result *const *list) {
    tsr_results *results = NULL;
    assert_int_equal(tsr_results_create(&results), TSR_OK);
    for (; *list != NULL; list++) assert_int_equal(tsr_results_add(results, *list), TSR_OK);
    return results;
}

static char *summary_of(const tsr_stage_outcome *stage, tsr_style style) {
    const tsr_outcome outcome = {.stages = 1, .stage = stage};
    char *text = NULL;
    PRINTED(text, tsr_summary_print(&report, &outcome, style, out));
    return text;
}

/* The summary of a stage of one point. */
static char *summary(const tsr_result *const *list, tsr_style style) {
    tsr_results *results = results_of(list);
    char *text = summary_of(&(tsr_stage_outcome){.name = "loss",
                                                 .points = 1,
                                                 .sets = 1,
                                                 .items_total = 1000000,
                                                 .components = 1,
                                                 .component = &source,
                                                 .results = (const tsr_results *[]){results},
                                                 .elapsed_ns = 500000000},
                            style);
    tsr_results_destroy(&results);
    return text;
}

static void test_headlines_come_first_and_the_end_tells_digest_file_and_shape(void **state) {
    (void)state;
    const double spread[] = {0.2}, mean[] = {10.4506, -3.0}, error[] = {0.0148, 0.5};
    const tsr_result deviation = {.name = "sd", .value = spread, .unit = "USD"};
    const tsr_result means = {.name = "mean",
                              .unit = "1",
                              .dimensions = 1,
                              .dimension = {columns},
                              .value = mean,
                              .error = error,
                              .headline = true};
    char *text = summary((const tsr_result *[]){&deviation, &means, NULL}, (tsr_style){.utf8 = true});
    assert_string_equal(text, "loss: darts, 1,000,000 items in 0.50 s (2.00 M/s)\n"
                              "  mean.red   10.451 ± 0.015\n"
                              "  mean.blue  -3.00 ± 0.50\n"
                              "  sd          0.2            USD\n"
                              "  cost to accuracy of mean.red: error^2 x core-seconds = 0.000876\n"
                              "\n"
                              "seed    7\n"
                              "digest  ab12\n"
                              "file    pi.h5\n"
                              "time    1.25 s on 2 ranks x 4 threads\n");
    free(text);
}

static void test_what_one_item_cannot_tell_is_not_a_number(void **state) {
    (void)state;
    const double mean = 2.5, error = NAN, spread[] = {NAN, NAN, NAN, NAN};
    const tsr_result means = {.name = "mean", .value = &mean, .error = &error, .headline = true};
    const tsr_result deviation = {.name = "sd", .value = spread};
    const tsr_result matrix = {.name = "covariance", .dimensions = 2, .dimension = {columns, columns}, .value = spread};
    tsr_results *results = results_of((const tsr_result *[]){&means, &deviation, &matrix, NULL});
    char *text = summary_of(&(tsr_stage_outcome){.name = "loss",
                                                 .points = 1,
                                                 .sets = 1,
                                                 .items_total = 1,
                                                 .components = 1,
                                                 .component = &source,
                                                 .results = (const tsr_results *[]){results},
                                                 .elapsed_ns = 500000000},
                            (tsr_style){.utf8 = true});
    assert_non_null(strstr(text, "loss: darts, 1 item in 0.50 s (2/s)\n"
                                 "  mean  2.5 ± ?\n"
                                 "  sd    n/a\n"));
    assert_non_null(strstr(text, "  red         n/a   n/a\n"));
    assert_null(strstr(text, "nan"));
    free(text);
    tsr_results_destroy(&results);
}

static void test_a_small_matrix_is_a_table(void **state) {
    (void)state;
    const double value[] = {1, 0.25, 0.25, 12.5};
    const tsr_result matrix = {.name = "covariance", .dimensions = 2, .dimension = {columns, columns}, .value = value};
    char *text = summary((const tsr_result *[]){&matrix, NULL}, (tsr_style){0});
    assert_non_null(strstr(text, "  covariance   red  blue\n"
                                 "  red            1  0.25\n"
                                 "  blue        0.25  12.5\n"));
    free(text);
}

static void test_lesser_statistics_of_many_columns_are_a_grid(void **state) {
    (void)state;
    const double skewness[] = {-0.123456, 2}, items[] = {1859, 1234567}, mean[] = {1, 2}, error[] = {0.1, 0.1};
    const tsr_result rows[] = {
        {.name = "skewness", .dimensions = 1, .dimension = {columns}, .value = skewness},
        {.name = "mean", .dimensions = 1, .dimension = {columns}, .value = mean, .error = error, .headline = true},
        {.name = "items", .dimensions = 1, .dimension = {columns}, .value = items, .integer = true}};
    char *text = summary((const tsr_result *[]){&rows[0], &rows[1], &rows[2], NULL}, (tsr_style){0});
    assert_non_null(strstr(text, "  mean.red   1.00 +/- 0.10\n"
                                 "  mean.blue  2.00 +/- 0.10\n"
                                 "\n"
                                 "                red     blue\n"
                                 "  skewness  -0.1235        2\n"
                                 "  items        1859  1234567\n"));
    free(text);
}

static void test_quantiles_are_listed_while_they_are_few(void **state) {
    (void)state;
    const double value[12] = {0}, probability[] = {0.01, 0.1, 0.25, 0.75, 0.99, 0.999};
    tsr_result quantile = {
        .name = "quantile",
        .dimensions = 2,
        .dimension = {columns, {.name = "probability", .length = 6, .coordinates = probability}},
        .value = value,
    };
    char *text = summary((const tsr_result *[]){&quantile, NULL}, (tsr_style){0});
    assert_non_null(strstr(text, "  quantile.blue.0.999  0\n"));
    free(text);
    const char *const three[] = {"red", "green", "blue"};
    const double more[18] = {0};
    quantile.dimension[0] = (tsr_dimension){.name = "column", .length = 3, .labels = three};
    quantile.value = more;
    text = summary((const tsr_result *[]){&quantile, NULL}, (tsr_style){0});
    assert_non_null(strstr(text, "  quantile  0.01  0.1  0.25  0.75  0.99  0.999\n  red          0    0 "));
    free(text);
}

enum { BINS_MAX = 100 };

/* The picture of a histogram of one column whose bin i holds i items and begins at i / 10. */
static char *picture(int bins, tsr_style style) {
    double count[BINS_MAX], edge[BINS_MAX + 1], place[BINS_MAX + 1];
    for (int i = 0; i <= bins; i++) edge[i] = (place[i] = i) * 0.1;
    for (int i = 0; i < bins; i++) count[i] = i;
    const tsr_dimension column = {.name = "column", .length = 1, .labels = colours};
    const tsr_result histogram = {.name = "histogram",
                                  .dimensions = 2,
                                  .dimension = {column, {.name = "bin", .length = bins, .coordinates = place}},
                                  .value = count,
                                  .integer = true};
    const tsr_result edges = {.name = "histogram_edges",
                              .dimensions = 2,
                              .dimension = {column, {.name = "edge", .length = bins + 1, .coordinates = place}},
                              .value = edge};
    return summary((const tsr_result *[]){&histogram, &edges, NULL}, style);
}

static void test_a_histogram_is_a_picture_with_merged_bins(void **state) {
    (void)state;
    char *text = picture(30, (tsr_style){.pictures = true});
    assert_non_null(strstr(text, "  histogram.red\n"
                                 "    0.00  ..  0.20   1  #\n"
                                 "    0.20  ..  0.40   5  ###\n"));
    assert_non_null(strstr(text, "    2.80  ..  3.00  57  ##############################\n\n"));
    assert_null(strstr(text, "edges"));
    free(text);
    text = picture(30, (tsr_style){.pictures = false});
    assert_non_null(strstr(text, "  histogram: 30 values in pi.h5\n"));
    free(text);
}

static void test_all_lines_of_a_histogram_hold_as_many_bins(void **state) {
    (void)state;
    char *text = picture(100, (tsr_style){.pictures = true}); /* 15 lines of 7 would leave 2 for the last */
    assert_non_null(strstr(text, "    0.0  ..   1.0   45  ##\n"));
    assert_non_null(strstr(text, "    9.0  ..  10.0  945  ##############################\n\n"));
    free(text);
}

/* Edges of any distance have four digits; a sum of weights is no count. */
static void test_a_logarithmic_histogram_of_weights_is_a_picture(void **state) {
    (void)state;
    const double place[] = {0, 1, 2, 3}, sum[] = {0.25, 0.5, 0.0}, edge[] = {0.001, 0.1, 10.0, 1000.0};
    const tsr_dimension column = {.name = "column", .length = 1, .labels = colours};
    const tsr_result histogram = {.name = "histogram",
                                  .dimensions = 2,
                                  .dimension = {column, {.name = "bin", .length = 3, .coordinates = place}},
                                  .value = sum};
    const tsr_result edges = {.name = "histogram_edges",
                              .dimensions = 2,
                              .dimension = {column, {.name = "edge", .length = 4, .coordinates = place}},
                              .value = edge};
    const tsr_result density = {.name = "histogram_density",
                                .dimensions = 2,
                                .dimension = {column, {.name = "bin", .length = 3, .coordinates = place}},
                                .value = sum};
    const tsr_result *const results[] = {&histogram, &edges, &density, NULL};
    char *text = summary(results, (tsr_style){.pictures = true});
    assert_non_null(strstr(text, "  histogram.red\n"
                                 "     0.001  ..     0.1  0.25  ###############\n"
                                 "     0.1    ..    10    0.5   ##############################\n"
                                 "    10      ..  1000    0\n"));
    assert_null(strstr(text, "histogram_density.red\n"));
    free(text);
}

static void test_long_lists_are_cut_and_long_results_stay_in_the_file(void **state) {
    (void)state;
    tsr_result row[RESULTS_MAX];
    char name[RESULTS_MAX][16];
    const tsr_result *list[RESULTS_MAX + 1] = {0};
    const double value[13] = {0};
    for (int i = 0; i < RESULTS_MAX; i++) {
        snprintf(name[i], sizeof(name[i]), "r%d", i);
        row[i] = (tsr_result){.name = name[i], .value = value};
        list[i] = &row[i];
    }
    row[0] = (tsr_result){.name = "long", .dimensions = 1, .dimension = {{.name = "k", .length = 13}}, .value = value};
    double coordinates[13] = {0};
    row[0].dimension[0].coordinates = coordinates;
    char *text = summary(list, (tsr_style){0});
    assert_non_null(strstr(text, "  r40  0\n  ... 19 more in pi.h5\n\n  long: 13 values in pi.h5\n"));
    free(text);
}

static void test_a_sweep_is_a_table_of_its_first_points(void **state) {
    (void)state;
    enum { POINTS = 25 };
    double strike[POINTS], value[POINTS], error = 0.25;
    tsr_results *results[POINTS];
    for (int i = 0; i < POINTS; i++) {
        strike[i] = 80 + 0.5 * i;
        value[i] = 2 * i;
        const tsr_result mean = {.name = "mean", .unit = "USD", .value = &value[i], .error = &error, .headline = true};
        const tsr_result other = {.name = "other", .value = &value[i]};
        results[i] = results_of((const tsr_result *[]){&other, &mean, NULL});
    }
    const tsr_dimension axis = {.name = "strike", .length = POINTS, .coordinates = strike};
    char *text = summary_of(&(tsr_stage_outcome){.name = "darts",
                                                 .points = POINTS,
                                                 .sets = POINTS,
                                                 .axes = 1,
                                                 .axis = &axis,
                                                 .items_total = 2500,
                                                 .components = 1,
                                                 .component = &source,
                                                 .results = (const tsr_results *const *)results},
                            (tsr_style){.utf8 = false});
    assert_non_null(strstr(text, "darts: 25 points, 2,500 items in 0 us\n"
                                 "  strike  mean [USD]\n"
                                 "  80       0.00 +/- 0.25\n"
                                 "  80.5     2.00 +/- 0.25\n"));
    assert_non_null(strstr(text, "  89.5    38.00 +/- 0.25\n  ... 5 more in pi.h5\n\n"));
    free(text);
    for (int i = 0; i < POINTS; i++) tsr_results_destroy(&results[i]);
}

static void test_differences_stand_beside_what_they_are_of(void **state) {
    (void)state;
    const double strike[] = {90, 100}, value[] = {1, 2, 3, 4}, less[] = {0, 0, 2, 2}, error[] = {0.5, 0.5},
                 zero[] = {0, 0};
    tsr_results *results[2];
    for (int i = 0; i < 2; i++) {
        const tsr_result mean = {.name = "mean",
                                 .dimensions = 1,
                                 .dimension = {columns},
                                 .value = value + 2 * i,
                                 .error = error,
                                 .headline = true};
        const tsr_result spread = {.name = "sd", .value = value, .headline = true};
        tsr_result difference = mean;
        difference.name = "mean_difference";
        difference.value = less + 2 * i;
        difference.error = i == 0 ? zero : error;
        results[i] = results_of((const tsr_result *[]){&mean, &spread, &difference, NULL});
    }
    const tsr_dimension axis = {.name = "strike", .length = 2, .coordinates = strike};
    char *text = summary_of(&(tsr_stage_outcome){.name = "darts",
                                                 .points = 2,
                                                 .sets = 2,
                                                 .axes = 1,
                                                 .axis = &axis,
                                                 .components = 1,
                                                 .component = &source,
                                                 .results = (const tsr_results *const *)results},
                            (tsr_style){.utf8 = false});
    assert_non_null(strstr(text, "  strike  mean.red       mean_difference.red  mean.blue      mean_difference.blue\n"
                                 "   90     1.00 +/- 0.50  0 +/- 0              2.00 +/- 0.50  0 +/- 0\n"
                                 "  100     3.00 +/- 0.50  2.00 +/- 0.50        4.00 +/- 0.50  2.00 +/- 0.50\n"
                                 "  differences are from the first point, [strike=90]\n"));
    free(text);
    for (int i = 0; i < 2; i++) tsr_results_destroy(&results[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headlines_come_first_and_the_end_tells_digest_file_and_shape),
        cmocka_unit_test(test_what_one_item_cannot_tell_is_not_a_number),
        cmocka_unit_test(test_a_small_matrix_is_a_table),
        cmocka_unit_test(test_lesser_statistics_of_many_columns_are_a_grid),
        cmocka_unit_test(test_quantiles_are_listed_while_they_are_few),
        cmocka_unit_test(test_a_histogram_is_a_picture_with_merged_bins),
        cmocka_unit_test(test_all_lines_of_a_histogram_hold_as_many_bins),
        cmocka_unit_test(test_a_logarithmic_histogram_of_weights_is_a_picture),
        cmocka_unit_test(test_long_lists_are_cut_and_long_results_stay_in_the_file),
        cmocka_unit_test(test_a_sweep_is_a_table_of_its_first_points),
        cmocka_unit_test(test_differences_stand_beside_what_they_are_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
