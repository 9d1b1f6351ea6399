/* How often intervals of 68, 95 and 99 % around moments and covariances hold the truth: what they claim where the law
 * has the moments that they take, and what docs/numerics.md says of them elsewhere. */
#include "moment_laws.h"

enum { REPETITIONS = 1000, ITEMS = 1000, MEASURED = 4000 };

/* Per cent, of 4000 samples of 1000 (tests/long/coverage_moments.c): [law][statistic][level]; 0: no such moment */
static const double measured[2][LAWS][TOLD][COVERAGE_LEVELS] = {
    {
        {{66.7, 94.8, 98.9},
         {68.2, 95.0, 98.6},
         {68.2, 95.2, 98.8},
         {68.5, 95.1, 99.1},
         {66.7, 91.8, 97.0},
         {68.7, 95.2, 98.8},
         {68.3, 94.9, 99.0}}, /* normal */
        {{67.7, 95.2, 99.2},
         {68.2, 93.8, 97.6},
         {68.1, 93.9, 97.9},
         {58.7, 85.0, 91.3},
         {50.6, 74.8, 82.0},
         {67.8, 93.6, 98.0},
         {67.2, 94.4, 98.8}}, /* exponential */
        {{68.2, 94.8, 99.0},
         {67.5, 93.2, 97.4},
         {67.4, 93.4, 97.8},
         {53.0, 78.6, 86.2},
         {41.1, 63.0, 70.3},
         {67.8, 93.7, 97.8},
         {67.5, 93.9, 98.6}}, /* lognormal 0.5 */
        {{68.0, 95.1, 99.0},
         {67.0, 92.8, 97.7},
         {66.5, 93.0, 98.1},
         {58.4, 93.8, 98.7},
         {22.6, 36.4, 42.8},
         {67.7, 94.0, 98.2},
         {67.1, 95.0, 99.0}}, /* Student t 5 */
        {{68.1, 95.3, 99.3},
         {53.3, 76.8, 84.6},
         {52.1, 78.0, 86.2},
         {0, 0, 0},
         {0, 0, 0},
         {55.5, 81.5, 89.0},
         {61.0, 91.9, 97.8}}, /* Student t 3 */
    },
    {
        {{68.2, 94.8, 98.7},
         {66.8, 93.1, 97.5},
         {66.8, 93.2, 97.8},
         {62.0, 88.7, 95.7},
         {56.1, 85.1, 93.1},
         {67.3, 94.8, 98.3},
         {67.4, 94.7, 99.0}}, /* weighted normal */
        {{66.4, 92.3, 96.7},
         {58.1, 80.7, 87.5},
         {57.0, 82.0, 89.0},
         {27.7, 48.0, 58.5},
         {17.8, 32.9, 41.2},
         {58.3, 81.8, 88.5},
         {60.3, 88.6, 95.2}}, /* weighted exponential */
        {{68.0, 94.0, 98.4},
         {61.7, 85.5, 91.1},
         {60.6, 86.3, 92.2},
         {33.6, 56.0, 65.5},
         {20.4, 36.1, 43.5},
         {61.7, 86.7, 92.0},
         {62.5, 91.0, 97.2}}, /* weighted lognormal 0.5 */
        {{68.8, 94.8, 98.9},
         {65.8, 91.7, 96.1},
         {65.5, 92.3, 96.5},
         {57.0, 92.1, 98.1},
         {20.0, 33.2, 39.1},
         {66.4, 93.0, 97.4},
         {66.5, 93.8, 98.5}}, /* weighted Student t 5 */
        {{69.2, 95.2, 99.1},
         {51.1, 74.2, 82.8},
         {50.0, 76.0, 84.7},
         {0, 0, 0},
         {0, 0, 0},
         {55.0, 80.2, 88.2},
         {60.6, 91.1, 97.5}}, /* weighted Student t 3 */
    },
};

/* Within four deviations of the difference of two binomial counts. */
static void assert_coverage(const coverage *of, const double expected[COVERAGE_LEVELS]) {
    for (int k = 0; k < COVERAGE_LEVELS; k++) {
        const double p = expected[k] / 100, deviation = 100 * sqrt(p * (1 - p) * (1.0 / REPETITIONS + 1.0 / MEASURED));
        if (!(fabs(coverage_at(of, k) - expected[k]) <= 4 * deviation))
            fail_msg("%.1f %% are inside, expected %.1f -+ %.1f", coverage_at(of, k), expected[k], 4 * deviation);
    }
}

static void check_laws(bool weighted) {
    for (int law = 0; law < LAWS; law++) {
        coverage of[TOLD];
        told_measure(law, weighted, ITEMS, REPETITIONS, of);
        for (int s = 0; s < TOLD; s++) {
            if (measured[weighted][law][s][0] == 0) continue;
            char name[80];
            snprintf(name, sizeof(name), "%s, %s%s", law_names[law], weighted ? "weighted " : "", told_names[s]);
            coverage_print(&of[s], name);
            assert_coverage(&of[s], measured[weighted][law][s]);
        }
    }
}

static void test_error_bars_cover_what_the_documentation_says(void **unused) {
    (void)unused;
    check_laws(false);
}

static void test_weighted_error_bars_cover_what_the_documentation_says(void **unused) {
    (void)unused;
    check_laws(true);
}

/* The numbers above are no wish: where theory promises an interval, it covers what it claims. */
static void test_what_was_measured_is_what_is_claimed_where_theory_promises_it(void **unused) {
    (void)unused;
    for (int law = 0; law < LAWS; law++) {
        assert_true(fabs(measured[0][law][TOLD_MEAN][1] - 95) < 1.5);
        if (law != LAW_T3) assert_true(fabs(measured[0][law][TOLD_VARIANCE][1] - 95) < 3);
        if (law != LAW_T3) assert_true(fabs(measured[0][law][TOLD_COVARIANCE][1] - 95) < 2);
        assert_true(fabs(measured[1][law][TOLD_MEAN][1] - 95) < 3);
    }
    for (int s = 0; s < TOLD; s++) assert_true(fabs(measured[0][LAW_NORMAL][s][1] - 95) < 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_bars_cover_what_the_documentation_says),
        cmocka_unit_test(test_weighted_error_bars_cover_what_the_documentation_says),
        cmocka_unit_test(test_what_was_measured_is_what_is_claimed_where_theory_promises_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
