/* How often the error bars of moments and covariances hold the truth, for many laws and sample sizes: the table of
 * docs/numerics.md. coverage_moments */
#include "moment_laws.h"

enum { REPETITIONS = 4000 };

static void print_row(const coverage *of, int64_t items, const char *law, bool weighted, const char *name) {
    printf("| %s | %lld | %s%s |", law, (long long)items, weighted ? "weighted " : "", name);
    for (int k = 0; k < COVERAGE_LEVELS; k++) printf(" %.1f |", coverage_at(of, k));
    printf(" %.2f |\n", coverage_error_ratio(of));
}

/* With enough items every interval of a law with the moments it takes covers what it claims. */
static void test_error_bars_cover_what_they_claim_with_enough_items(void **unused) {
    (void)unused;
    static const int64_t lengths[] = {100, 1000, 10000};
    for (int law = 0; law < LAWS; law++)
        for (int weighted = 0; weighted < 2; weighted++)
            for (int l = 0; l < 3; l++) {
                coverage of[TOLD];
                told_measure(law, weighted, lengths[l], REPETITIONS, of);
                for (int s = 0; s < TOLD; s++)
                    if (law != LAW_T3 || (s != TOLD_SKEWNESS && s != TOLD_KURTOSIS))
                        print_row(&of[s], lengths[l], law_names[law], weighted, told_names[s]);

                const double slack = lengths[l] == 100 ? 12 : lengths[l] == 1000 ? 3 : 1;
                assert_true(coverage_holds(&of[TOLD_MEAN], slack));
                if (law == LAW_NORMAL && lengths[l] == 10000 && !weighted)
                    for (int s = 0; s < TOLD; s++) assert_true(coverage_holds(&of[s], 1));
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_error_bars_cover_what_they_claim_with_enough_items)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
