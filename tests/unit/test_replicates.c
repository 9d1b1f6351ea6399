/* replicates: designs leave means where they are, make errors smaller, and the spread of replicates says how small. */
#include "replicates.h"

static tsr_sample run_once(const experiment *e) {
    tsr_drive drive;
    open_experiment(e, &drive);
    const tsr_sample sample = run_experiment(e, &drive);
    const double z = (sample.mean - exact_mean(e, &drive)) / sample.mean_error;
    assert_true(fabs(z) <= 4.0);
    close_experiment(&drive);
    return sample;
}

/* The variance of a mean of independent items over that of as many designed ones. */
static double gain_of(const experiment *e) {
    experiment random = *e;
    random.design = "random";
    random.key = NULL;
    const tsr_sample with = run_once(e), without = run_once(&random);
    const double gain = without.variance / with.variance;
    print_message("    %s %d, %s %s: variance smaller by %.3g\n", e->source, e->dimensions, e->design,
                  e->key ? e->value : "", gain);
    return gain;
}

/* Bounds are a third of what comes out, or less: a ratio of two variances of 32 replicates has a deviation of as much.
 */
static void test_designs_are_unbiased_and_reduce_the_variance(void **state) {
    (void)state;
    static const struct {
        experiment e;
        double least;
    } cases[] = {
        {{"european", 0, 0, "antithetic", NULL, NULL, 32, 2}, 1.1},
        {{"european", 0, 0, "stratified", NULL, NULL, 32, 1}, 400},
        {{"european", 0, 0, "latin_hypercube", NULL, NULL, 32, 1}, 400},
        {{"european", 0, 0, "sobol", "scramble", "shift", 32, 1}, 100},
        {{"european", 0, 0, "sobol", "scramble", "owen", 32, 1}, 400},
        {{"genz", 5, 0, "latin_hypercube", NULL, NULL, 32, 1}, 1.5},
        {{"genz", 5, 0, "stratified", "dimensions", "5", 32, 1}, 1.5},
        {{"genz", 5, 0, "sobol", "scramble", "shift", 32, 1}, 100},
        {{"genz", 5, 0, "sobol", "scramble", "owen", 32, 1}, 100},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) assert_true(gain_of(&cases[c].e) > cases[c].least);
}

/* An option on the geometric average of 16 fixings. */
static void test_paths_that_are_built_from_their_ends_gain_more(void **state) {
    (void)state;
    static const experiment increments = {"asian", 16, 1, "sobol", "path", "increments", 32, 1};
    static const experiment bridge = {"asian", 16, 1, "sobol", "path", "bridge", 32, 1};
    static const experiment components = {"asian", 16, 1, "sobol", "path", "pca", 32, 1};
    const double gain = gain_of(&increments);
    assert_true(gain > 3.0);
    assert_true(gain_of(&bridge) > 5.0 * gain);
    assert_true(gain_of(&components) > 10.0 * gain);
}

/* Standard error against the items of a replicate, 2^10 .. 2^14, as a power. */
static double slope_of(const experiment *at) {
    enum { SIZES = 5 };
    experiment e = *at;
    double sum[2] = {0}, product = 0, square = 0;
    for (int s = 0; s < SIZES; s++) {
        e.groups = INT64_C(1) << s;
        const double x = s, y = log2(run_once(&e).mean_error);
        sum[0] += x / SIZES;
        sum[1] += y / SIZES;
        product += x * y / SIZES;
        square += x * x / SIZES;
    }
    const double slope = (product - sum[0] * sum[1]) / (square - sum[0] * sum[0]);
    print_message("    %s %d, %s %s: error ~ n^%.2f\n", e.source, e.dimensions, e.design, e.key ? e.value : "", slope);
    return slope;
}

static void test_errors_of_randomised_quasi_monte_carlo_fall_faster(void **state) {
    (void)state;
    static const experiment owen = {"genz", 5, 0, "sobol", "scramble", "owen", 16, 0};
    static const experiment shift = {"genz", 5, 0, "sobol", "scramble", "shift", 16, 0};
    static const experiment kink = {"put", 0, 0, "sobol", "scramble", "owen", 16, 0};
    static const experiment random = {"genz", 5, 0, "random", NULL, NULL, 16, 0};
    assert_true(slope_of(&owen) < -1.0);
    assert_true(slope_of(&shift) < -0.8);
    assert_true(slope_of(&kink) < -0.9);
    assert_true(fabs(slope_of(&random) + 0.5) < 0.2);
}

/* Bounds: four standard errors of a frequency. */
static void test_intervals_from_replicates_cover_what_they_claim(void **state) {
    (void)state;
    enum { REPETITIONS = 1000 };
    static const experiment cases[] = {
        {"put", 0, 0, "sobol", "scramble", "shift", 4, 1},
        {"genz", 2, 0, "sobol", "scramble", "owen", 4, 1},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        double covered[LEVELS];
        coverage_of(&cases[c], REPETITIONS, covered);
        for (int l = 0; l < LEVELS; l++) {
            const double error = sqrt(levels[l] * (1.0 - levels[l]) / REPETITIONS);
            assert_true(fabs(covered[l] - levels[l]) < 4.0 * error);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_designs_are_unbiased_and_reduce_the_variance),
        cmocka_unit_test(test_paths_that_are_built_from_their_ends_gain_more),
        cmocka_unit_test(test_errors_of_randomised_quasi_monte_carlo_fall_faster),
        cmocka_unit_test(test_intervals_from_replicates_cover_what_they_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
