/* How often intervals of differences between two points of a sweep hold the truth, and what common random numbers gain:
 * a European call at spots 100 and 101. The long test differences_coverage looks at strikes, Sobol points and tails,
 * too, and prints the table of docs/numerics.md. */
#include "coverage.h"
#include "engine/designs/designs.h"
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/finance/black.h"
#include "kernels/registry.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

static int seeds = 1000;
static bool is_long = false; /* tails too, whose tally takes longer than the items */

static const double RATE = 0.05, DEVIATION = 0.2, LEVEL = 0.95;

typedef enum { MEAN, SPREAD, SHORTFALL, RISK, STATISTICS } statistic;
static const char *const names[STATISTICS] = {"mean_difference", "sd_difference", "ES_difference", "VaR_difference"};

/* E[payoff^2] by E[S; S > K] of S^2, which is lognormal too. */
static double deviation_of(double spot, double discounted) {
    const double s = DEVIATION, d = (log(spot / discounted) - 0.5 * s * s) / s;
    const double mean = tsr_black_mean(spot, discounted, s, false);
    const double square = spot * spot * exp(s * s) * gsl_cdf_ugaussian_P(d + 2 * s) -
                          2 * discounted * spot * gsl_cdf_ugaussian_P(d + s) +
                          discounted * discounted * gsl_cdf_ugaussian_P(d);
    return sqrt(square - mean * mean);
}

/* Of a call at this spot and strike: its price, and the deviation, tail mean and quantile of what it pays. */
static double value_of(statistic what, double spot, double strike) {
    const double z = gsl_cdf_ugaussian_Pinv(LEVEL), discounted = strike * exp(-RATE);
    if (what == MEAN) return tsr_black_mean(spot, discounted, DEVIATION, false);
    if (what == SPREAD) return deviation_of(spot, discounted);
    if (what == RISK) return spot * exp(DEVIATION * z - 0.5 * DEVIATION * DEVIATION) - discounted;
    return spot * gsl_cdf_ugaussian_P(DEVIATION - z) / (1.0 - LEVEL) - discounted;
}

static int statistics(void) { return is_long ? STATISTICS : 1; }

typedef struct {
    const char *axis; /* from 100 to 101 */
    const char *sampling;
    bool common;
} setup;

static double truth_of(const setup *of, statistic what) {
    const bool spot = strcmp(of->axis, "spot") == 0;
    return value_of(what, spot ? 101 : 100, spot ? 100 : 101) - value_of(what, 100, 100);
}

/* 32 replicates of 1024 items. */
static void add_seed(const setup *of, int seed, coverage out[STATISTICS]) {
    const tsr_catalog catalog = {
        .sources = tsr_kernel_sources, .maps = tsr_kernel_maps, .tallies = tsr_tallies, .designs = tsr_designs};
    char text[400];
    snprintf(text, sizeof(text),
             "name: c\nseed: %d\nsource: european\nitems: 32768\ntile_items: 32768\nsampling: %s\ntallies: [moments: "
             "{order: %d}%s]\n"
             "sweep: {%s: [100, 101], differences: first, common_random_numbers: %s}\n",
             seed, of->sampling, is_long ? 2 : 1, is_long ? ", var_es: [0.95]" : "", of->axis,
             of->common ? "true" : "false");
    tsr_text_run run = text_run(&catalog, text, 1);
    for (int what = 0; what < statistics(); what++) {
        const tsr_result *found = text_result(&run, 1, names[what]);
        coverage_add(&out[what], coverage_t31, found->value[0] - truth_of(of, (statistic)what), found->error[0]);
    }
    text_run_clear(&run);
}

static void measure(const setup *of, coverage out[STATISTICS]) {
    for (int seed = 0; seed < seeds; seed++) add_seed(of, 9000000 + seed, out);
    for (int what = 0; what < statistics(); what++) {
        char name[100];
        snprintf(name, sizeof(name), "%s %s %s %s", of->axis, of->sampling, of->common ? "common" : "own", names[what]);
        coverage_print(&out[what], name);
    }
}

/* How much smaller the variance is; known to 2 sqrt(2 / seeds). */
static double gain_of(const coverage *with, const coverage *without) {
    const double ratio = coverage_spread(without) / coverage_spread(with);
    print_message("    variance smaller by %.4g\n", ratio * ratio);
    return ratio * ratio;
}

/* But for what the mean itself scatters. Statistics other than means have a bias of order 1 / items. */
static bool is_unbiased(const coverage *of) {
    return fabs(coverage_bias(of)) < 0.1 * coverage_spread(of) + 4 * coverage_spread(of) / sqrt(seeds);
}

/* What must hold of statistics when their points have common numbers: a gain of so much, and coverage but for a slack
 * in percent; slack < 0: none is claimed. */
typedef struct {
    double gain;
    double slack;
} claim;

static void compare(const char *axis, const char *sampling, const claim claims[STATISTICS]) {
    coverage own[STATISTICS] = {{0}}, common[STATISTICS] = {{0}};
    measure(&(setup){axis, sampling, false}, own);
    measure(&(setup){axis, sampling, true}, common);
    for (int what = 0; what < statistics(); what++) {
        assert_true(gain_of(&common[what], &own[what]) > claims[what].gain);
        if (claims[what].slack < 0) continue;
        assert_true(coverage_holds(&own[what], claims[what].slack));
        assert_true(coverage_holds(&common[what], claims[what].slack));
        assert_true(is_unbiased(&own[what]) && is_unbiased(&common[what]));
    }
}

static void test_differences_over_spots_are_precise_and_covered(void **state) {
    (void)state;
    compare("spot", "random", (claim[]){{800, 0}, {800, 0}, {800, 1}, {100, -1}});
}

static void test_differences_over_strikes_are_precise_and_covered(void **state) {
    (void)state;
    if (!is_long) skip();
    compare("strike", "random", (claim[]){{1000, 0}, {1000, 0}, {1000, -1}, {100, -1}});
}

static void test_designs_add_to_what_common_numbers_gain(void **state) {
    (void)state;
    if (!is_long) skip();
    compare("spot", "sobol", (claim[]){{10, 1}, {10, 1}, {10, 1}, {1, -1}});
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences_over_spots_are_precise_and_covered),
        cmocka_unit_test(test_differences_over_strikes_are_precise_and_covered),
        cmocka_unit_test(test_designs_add_to_what_common_numbers_gain),
    };
    is_long = argc > 1;
    if (is_long) seeds = atoi(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
