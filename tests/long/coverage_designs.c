/* How often intervals from the replicates of a design hold the exact mean: the table of docs/numerics.md. */
#include "replicates.h"

enum { REPETITIONS = 4000 };

/* Frequencies may fall short of what the intervals claim by so much, besides four standard errors. */
static const struct {
    experiment e;
    double short_of[LEVELS];
} cases[] = {
    {{"genz", 2, 0, "random", NULL, NULL, 8, 1}, {0}},
    {{"genz", 2, 0, "antithetic", NULL, NULL, 8, 2}, {0}},
    {{"genz", 2, 0, "stratified", "dimensions", "2", 8, 1}, {0}},
    {{"genz", 2, 0, "latin_hypercube", NULL, NULL, 8, 1}, {0}},
    {{"genz", 2, 0, "sobol", "scramble", "owen", 8, 1}, {0}},
    {{"genz", 2, 0, "sobol", "scramble", "shift", 8, 1}, {0}},
    {{"genz", 5, 0, "sobol", "scramble", "owen", 8, 1}, {0}},
    {{"genz", 5, 0, "sobol", "scramble", "shift", 8, 1}, {0}},
    {{"put", 0, 0, "antithetic", NULL, NULL, 8, 2}, {0}},
    {{"put", 0, 0, "stratified", NULL, NULL, 8, 1}, {0.04, 0.03, 0.015}},
    {{"put", 0, 0, "sobol", "scramble", "owen", 8, 1}, {0.04, 0.03, 0.015}},
    {{"put", 0, 0, "sobol", "scramble", "owen", 32, 1}, {0.02, 0.015, 0.01}},
    {{"put", 0, 0, "sobol", "scramble", "shift", 8, 1}, {0, 0.01, 0.01}},
    {{"european", 0, 0, "antithetic", NULL, NULL, 8, 2}, {0}},
    {{"european", 0, 0, "stratified", NULL, NULL, 8, 1}, {0.06, 0.05, 0.04}},
    {{"european", 0, 0, "sobol", "scramble", "owen", 8, 1}, {0.06, 0.05, 0.04}},
    {{"european", 0, 0, "sobol", "scramble", "owen", 32, 1}, {0.03, 0.03, 0.02}},
    {{"european", 0, 0, "sobol", "scramble", "shift", 8, 1}, {0, 0.01, 0.01}},
    {{"asian", 64, 1, "sobol", "path", "increments", 8, 1}, {0}},
    {{"asian", 64, 1, "sobol", "path", "bridge", 8, 1}, {0.04, 0.03, 0.02}},
    {{"asian", 64, 1, "sobol", "path", "pca", 8, 1}, {0.06, 0.05, 0.04}},
};

static void test_intervals_from_replicates_cover_what_they_claim(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        const experiment *e = &cases[c].e;
        double covered[LEVELS];
        coverage_of(e, REPETITIONS, covered);
        print_message("| %s %d | %s %s | %d | %.1f | %.1f | %.1f |\n", e->source, e->dimensions, e->design,
                      e->key ? e->value : "", e->replicates, 100 * covered[0], 100 * covered[1], 100 * covered[2]);
        for (int l = 0; l < LEVELS; l++) {
            const double error = sqrt(levels[l] * (1.0 - levels[l]) / REPETITIONS);
            assert_true(covered[l] - levels[l] < 4.0 * error + 0.03);
            assert_true(covered[l] - levels[l] > -4.0 * error - cases[c].short_of[l]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_intervals_from_replicates_cover_what_they_claim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
