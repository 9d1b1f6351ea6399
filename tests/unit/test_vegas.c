/* VEGAS: its map by hand, and whole runs against an integral in closed form. */
#include "engine/designs/designs.h"
#include "engine/designs/vegas_map.h"
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/registry.h"

#include <math.h>
#include <stdio.h>

enum { BINS = 64, POINTS = 6400 };

static tsr_catalog catalog;

static int begin_tests(void **state) {
    (void)state;
    catalog = (tsr_catalog){
        .sources = tsr_kernel_sources, .maps = tsr_kernel_maps, .tallies = tsr_tallies, .designs = tsr_designs};
    return 0;
}

static void grid_of(double y[POINTS]) {
    for (int i = 0; i < POINTS; i++) y[i] = (i + 0.5) / POINTS;
}

/* A map of points, and of their weights, which begin at `one`. */
static void map_grid(const double *edge, double one, double x[POINTS], double weight[POINTS]) {
    double y[POINTS];
    tsr_vegas_interval interval[BINS];
    grid_of(y);
    grid_of(x);
    for (int i = 0; i < POINTS; i++) weight[i] = one;
    tsr_vegas_intervals(BINS, edge, interval);
    tsr_vegas_map(BINS, interval, POINTS, x);
    tsr_vegas_weigh(BINS, interval, POINTS, y, weight);
}

static void test_equal_bins_change_nothing(void **state) {
    (void)state;
    double edge[BINS + 1], y[POINTS], x[POINTS], weight[POINTS];
    tsr_vegas_begin(BINS, edge);
    grid_of(y);
    map_grid(edge, 2, x, weight);
    for (int i = 0; i < POINTS; i++) assert_true(fabs(x[i] - y[i]) < 1e-15 && fabs(weight[i] - 2) < 1e-13);
}

static double peak(double x) { return exp(-50 * (x - 0.3) * (x - 0.3)); }

/* What a training finds of a function with the given edges. */
static void squares_of(const double *edge, double square[BINS]) {
    double y[POINTS], x[POINTS], weight[POINTS];
    grid_of(y);
    map_grid(edge, 1, x, weight);
    for (int b = 0; b < BINS; b++) square[b] = 0;
    for (int i = 0; i < POINTS; i++) square[tsr_vegas_bin(BINS, y[i])] += pow(weight[i] * peak(x[i]), 2);
}

/* With the best map weight times function is constant: its variance goes, but for what the graded bins around it cost.
 */
static void test_training_levels_the_function_and_keeps_its_integral(void **state) {
    (void)state;
    double edge[BINS + 1], square[BINS], scratch[2 * BINS + 1], variance[2] = {0};
    const double root = sqrt(50.0), exact = sqrt(acos(-1.0)) / 2 / root * (erf(0.7 * root) + erf(0.3 * root));
    tsr_vegas_begin(BINS, edge);
    for (int training = 0; training <= 12; training++) {
        squares_of(edge, square);
        double all = 0;
        for (int b = 0; b < BINS; b++) all += square[b] / POINTS;
        variance[training > 0] = all / (exact * exact) - 1;
        tsr_vegas_refine(BINS, square, 1.0, edge, scratch);
        assert_true(edge[0] == 0 && edge[BINS] == 1);
        for (int b = 0; b < BINS; b++) assert_true(edge[b + 1] > edge[b]);
    }
    if (!(variance[0] > 1.5 && variance[1] < 0.2)) fail_msg("from %g to %g", variance[0], variance[1]);
    double x[POINTS], weight[POINTS], sum = 0, ones = 0;
    map_grid(edge, 1, x, weight);
    for (int i = 0; i < POINTS; i++) sum += weight[i] * peak(x[i]) / POINTS, ones += weight[i] / POINTS;
    assert_true(fabs(ones - 1) < 1e-12);
    assert_true(fabs(sum / exact - 1) < 1e-4);
}

/* Slices of points are mapped together: where they begin and end must not matter. */
static void test_points_are_mapped_alike_alone_and_together(void **state) {
    (void)state;
    double edge[BINS + 1], square[BINS], scratch[2 * BINS + 1], x[POINTS], weight[POINTS];
    tsr_vegas_interval interval[BINS];
    tsr_vegas_begin(BINS, edge);
    squares_of(edge, square);
    tsr_vegas_refine(BINS, square, 1.0, edge, scratch);
    tsr_vegas_intervals(BINS, edge, interval);
    map_grid(edge, 1, x, weight);
    for (int i = 0; i < POINTS; i++) {
        const double y = (i + 0.5) / POINTS, place = y * BINS - tsr_vegas_bin(BINS, y);
        const double *at = &edge[tsr_vegas_bin(BINS, y)];
        double point = y, factor = 1;
        tsr_vegas_map(BINS, interval, 1, &point);
        tsr_vegas_weigh(BINS, interval, 1, &y, &factor);
        assert_true(point == x[i] && factor == weight[i]);
        assert_true(point == fma(place, at[1] - at[0], at[0]) && factor == BINS * (at[1] - at[0]));
    }
}

static void test_nothing_found_changes_nothing(void **state) {
    (void)state;
    double edge[BINS + 1], square[BINS] = {0}, scratch[2 * BINS + 1];
    tsr_vegas_begin(BINS, edge);
    tsr_vegas_refine(BINS, square, 1.5, edge, scratch);
    for (int b = 0; b <= BINS; b++) assert_true(edge[b] == (double)b / BINS);
    square[7] = NAN;
    tsr_vegas_refine(BINS, square, 1.5, edge, scratch);
    for (int b = 0; b <= BINS; b++) assert_true(edge[b] == (double)b / BINS);
    square[7] = 1; /* everything in one bin: most bins crowd there, and no other is much wider than its neighbour */
    tsr_vegas_refine(BINS, square, 1.0, edge, scratch);
    int crowd = 0;
    for (int b = 0; b < BINS; b++) {
        const double width = edge[b + 1] - edge[b];
        crowd += edge[b] >= 6.0 / BINS && edge[b + 1] <= 9.0 / BINS;
        if (b > 0) assert_true(width < 2.1 * (edge[b] - edge[b - 1]) && width > (edge[b] - edge[b - 1]) / 2.1);
    }
    assert_true(crowd > BINS / 2);
}

/* ---- whole runs ---- */

/* An estimate in its own error bars off the truth; *error: the bar. */
static double z_of(const char *sampling, int seed, double *error) {
    char text[300];
    snprintf(text, sizeof(text), "name: t\nseed: %d\nsource: genz\ntallies: [moments]\nitems: 32768\nsampling: {%s}\n",
             seed, sampling);
    tsr_text_run run = text_run(&catalog, text, 2);
    const tsr_result *mean = text_result(&run, 0, "mean");
    const double z = (mean->value[0] - 0.36601609270) / mean->error[0];
    *error = mean->error[0];
    text_run_clear(&run);
    return z;
}

static void check_runs(const char *sampling, double error_most) {
    double square = 0, error;
    for (int seed = 1; seed <= 30; seed++) {
        const double z = z_of(sampling, seed, &error);
        if (!(error < error_most && fabs(z) < 4)) fail_msg("%s, seed %d: error %g, z %g", sampling, seed, error, z);
        square += z * z / 30;
    }
    printf("%s: mean square of z %.2f\n", sampling, square);
    assert_true(square > 0.4 && square < 1.9); /* 30 values: 1 +- 0.27, one standard deviation */
}

/* Plain sampling has an error bar of 1.2e-3 here. */
static void test_the_integral_lies_within_small_error_bars(void **state) {
    (void)state;
    check_runs("vegas: {points: random, training_items: 8192}", 2e-4);
    check_runs("vegas: {points: sobol, training_items: 8192}", 4e-5);
}

/* Payoffs beside nothing: the kink must not fall into a bin that is nearly never seen. */
static void test_a_kink_beside_nothing_is_not_missed(void **state) {
    (void)state;
    double square[2] = {0};
    for (int seed = 1; seed <= 30; seed++) {
        char text[300];
        snprintf(text, sizeof(text),
                 "name: t\nseed: %d\nstages:\n- {name: a, source: {european: {strike: 200}}, items: 32768, sampling: "
                 "vegas, tallies: [moments: {order: 1}]}\n- {name: b, source: {integrand: {expression: \"max(x1 - "
                 "0.999, 0)*1e6\", dimensions: 2}}, items: 32768, sampling: vegas, tallies: [moments: {order: 1}]}\n",
                 seed);
        tsr_text_run run = text_run(&catalog, text, 2);
        for (int stage = 0; stage < 2; stage++) {
            const tsr_result *mean = tsr_results_find(text_stage(&run, stage)->results[0], "mean");
            const double z = (mean->value[0] - (stage == 0 ? 0.004798835107 : 0.5)) / mean->error[0];
            if (fabs(z) > 5) fail_msg("seed %d, stage %d: z %g", seed, stage, z);
            square[stage] += z * z / 30;
        }
        text_run_clear(&run);
    }
    printf("kinks: mean square of z %.2f and %.2f\n", square[0], square[1]);
    assert_true(square[0] < 2.2 && square[1] < 2.2);
}

static void test_results_do_not_hang_on_threads(void **state) {
    (void)state;
    static const char job[] = "name: t\nseed: 1\nsource: heston\ntallies: [moments]\nitems: 5000\ntile_items: 300\n"
                              "sampling: {vegas: {training_items: 3000, trainings: 3, replicates: 4}}\n";
    tsr_text_run one = text_run(&catalog, job, 1), three = text_run(&catalog, job, 3);
    const tsr_result *a = text_result(&one, 0, "mean"), *b = text_result(&three, 0, "mean");
    assert_true(a->value[0] == b->value[0] && a->error[0] == b->error[0] && a->error[0] > 0);
    text_run_clear(&one);
    text_run_clear(&three);
}

static void test_what_cannot_be_learned_is_refused(void **state) {
    (void)state;
    text_refused(&catalog, "name: t\nseed: 1\nsource: ising\ntallies: [moments]\nitems: 9\nsampling: vegas\n",
                 TSR_EUSAGE, "sampling vegas");
    text_refused(&catalog,
                 "name: t\nseed: 1\nsource: {asian: {fixings: 1200}}\ntallies: [moments]\nitems: 9\nsampling: vegas\n",
                 TSR_EUSAGE, "VEGAS learns at most 100");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_bins_change_nothing),
        cmocka_unit_test(test_training_levels_the_function_and_keeps_its_integral),
        cmocka_unit_test(test_points_are_mapped_alike_alone_and_together),
        cmocka_unit_test(test_nothing_found_changes_nothing),
        cmocka_unit_test(test_the_integral_lies_within_small_error_bars),
        cmocka_unit_test(test_a_kink_beside_nothing_is_not_missed),
        cmocka_unit_test(test_results_do_not_hang_on_threads),
        cmocka_unit_test(test_what_cannot_be_learned_is_refused),
    };
    return cmocka_run_group_tests(tests, begin_tests, NULL);
}
