/* Value at risk and expected shortfall: closed forms, sorted sums to the last bit, and error bars that cover. */
#include "engine/exact.h"
#include "engine/tallies/var_es.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { LEVELS = 4 };
static const double level[LEVELS] = {0.3, 0.95, 0.975, 0.999};
static const char *const level_text = "[0.3, 0.95, 0.975, 0.999]";

typedef struct {
    double risk;
    double shortfall;
} pair;

/* By the definition, from sorted losses; the sum is exact, so that only its rounding and a quotient remain. */
static pair sorted_pair(const double *order, int64_t n, double a) {
    double product = a * (double)n, whole = rint(product);
    if (fabs(product - whole) < 1e-9) product = whole;
    int64_t rank = (int64_t)ceil(product);
    tsr_exact sum = {0};
    for (int64_t i = rank; i < n; i++) tsr_exact_add(&sum, order[i]);
    double weight = (double)rank - product;
    if (weight > 0.0) tsr_exact_add_product(&sum, (double[]){weight, order[rank - 1]}, 2);
    return (pair){order[rank - 1], tsr_exact_round(&sum) / ((double)n - product)};
}

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* Row 0 of the results against sorted numbers, row 1 against the same numbers negated. */
static void assert_sorted(const tsr_results *results, double *order, int64_t n) {
    const tsr_result *risk = tsr_results_find(results, "VaR"), *shortfall = tsr_results_find(results, "ES");
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < LEVELS; i++) {
            pair exact = sorted_pair(order, n, level[i]);
            pair found = {risk->value[row * LEVELS + i], shortfall->value[row * LEVELS + i]};
            if (!same(found.risk, exact.risk) || !same(found.shortfall, exact.shortfall))
                fail_msg("level %g of %lld: VaR %.17g, exact %.17g; ES %.17g, exact %.17g", level[i], (long long)n,
                         found.risk, exact.risk, found.shortfall, exact.shortfall);
        }
        for (int64_t i = 0; i < n; i++) order[i] = -order[i];
        qsort(order, (size_t)n, sizeof(*order), ascending);
    }
}

static void test_exact_is_what_sorting_and_summing_gives(void **state) {
    (void)state;
    static const int64_t sizes[] = {1, 2, 7, 1000, 20000};
    tsr_folder folder = passes_open(&tsr_tally_var_es, settings_of("levels", level_text, "exact", "true", NULL));
    for (int kind = 0; kind < SAMPLES; kind++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            int passes;
            int64_t numbers;
            double *values = sample(kind, 60 + (uint64_t)kind, sizes[s]), *order = sorted(values, sizes[s], &numbers);
            tsr_results *results = passes_solve(&folder, values, sizes[s], &passes);
            assert_in_range(passes, numbers > 0 ? 2 : 1, 4);
            if (numbers > 0) assert_sorted(results, order, numbers);
            tsr_results_destroy(&results);
            free(values);
            free(order);
        }
    }
    fold_close(&folder);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    for (int exact = 0; exact < 2; exact++) {
        tsr_folder folder =
            passes_open(&tsr_tally_var_es, settings_of("levels", level_text, "exact", exact ? "true" : "false", NULL));
        for (int kind = 0; kind < SAMPLES; kind += 4) {
            double *values = sample(kind, 19, 6000);
            assert_any_split_is_the_same(&folder, values, 6000);
            free(values);
        }
        fold_close(&folder);
    }
}

/* A t law of nu degrees of freedom, or the normal one for nu = 0. McNeil, Frey, Embrechts (2015), eq. 2.25. */
static pair closed_form(double nu, double a) {
    if (nu == 0.0) {
        double z = gsl_cdf_ugaussian_Pinv(a);
        return (pair){z, gsl_ran_ugaussian_pdf(z) / (1.0 - a)};
    }
    double q = gsl_cdf_tdist_Pinv(a, nu);
    return (pair){q, gsl_ran_tdist_pdf(q, nu) / (1.0 - a) * (nu + q * q) / (nu - 1.0)};
}

static void check_closed_form(tsr_folder *folder, double nu, const double *values, int64_t items) {
    int passes;
    tsr_results *results = passes_solve(folder, values, items, &passes);
    const tsr_result *risk = tsr_results_find(results, "VaR"), *shortfall = tsr_results_find(results, "ES");
    assert_true(risk->headline && shortfall->headline);
    for (int i = 0; i < LEVELS; i++) {
        pair truth = closed_form(nu, level[i]);
        double z_risk = (risk->value[i] - truth.risk) / risk->error[i];
        double z_shortfall = (shortfall->value[i] - truth.shortfall) / shortfall->error[i];
        print_message("nu = %g, level %g: VaR %.6f (z %+.2f), ES %.6f (z %+.2f), %d passes\n", nu, level[i],
                      risk->value[i], z_risk, shortfall->value[i], z_shortfall, passes);
        assert_true(fabs(z_risk) < 4.0 && fabs(z_shortfall) < 4.0);
        double density = nu == 0.0 ? gsl_ran_ugaussian_pdf(truth.risk) : gsl_ran_tdist_pdf(truth.risk, nu);
        double error = sqrt(level[i] * (1.0 - level[i]) / (double)items) / density;
        assert_true(risk->error[i] > 0.6 * error && risk->error[i] < 1.6 * error);
    }
    tsr_results_destroy(&results);
}

static void test_closed_forms_within_four_error_bars(void **state) {
    (void)state;
    enum { ITEMS = 300000 };
    double *normal = sample_normal(31, ITEMS), *t4 = sample_t4(32, ITEMS);
    for (int exact = 0; exact < 2; exact++) {
        tsr_folder folder = passes_open(
            &tsr_tally_var_es, settings_of("levels", level_text, "exact", exact ? "true" : "false", "of", "x", NULL));
        check_closed_form(&folder, 0.0, normal, ITEMS);
        check_closed_form(&folder, 4.0, t4, ITEMS);
        fold_close(&folder);
    }
    free(normal);
    free(t4);
}

static void test_sketch_differs_from_exact_by_little_of_the_error(void **state) {
    (void)state;
    enum { ITEMS = 100000 };
    tsr_folder exact = passes_open(&tsr_tally_var_es, settings_of("levels", level_text, "exact", "true", NULL));
    tsr_folder sketch = passes_open(&tsr_tally_var_es, settings_of("levels", level_text, NULL));
    static const int kinds[] = {SAMPLE_NORMAL, SAMPLE_T4, SAMPLE_NEGATIVE, SAMPLE_PAYOFF};
    double worst = 0.0;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        int passes;
        double *values = sample(kinds[k], 71, ITEMS);
        tsr_results *a = passes_solve(&exact, values, ITEMS, &passes),
                    *b = passes_solve(&sketch, values, ITEMS, &passes);
        assert_int_equal(passes, 1);
        for (int r = 0; r < 2; r++) {
            const tsr_result *x = tsr_results_at(a, r), *y = tsr_results_at(b, r);
            for (int i = 0; i < 2 * LEVELS; i++) {
                if (x->error[i] == 0.0) continue;
                worst = fmax(worst, fabs(x->value[i] - y->value[i]) / x->error[i]);
                assert_true(fabs(x->error[i] - y->error[i]) < 0.05 * x->error[i]);
            }
        }
        tsr_results_destroy(&a);
        tsr_results_destroy(&b);
        free(values);
    }
    print_message("sketch and exact differ by at most %.3f error bars\n", worst);
    assert_true(worst < 0.08);
    fold_close(&exact);
    fold_close(&sketch);
}

/* How often one and two error bars hold the closed form, [VaR, ES][levels]. */
typedef struct {
    int once[2][2];
    int twice[2][2];
} coverage;

static void count_seed(tsr_folder *folder, const double *values, int64_t items, const pair *truth, coverage *out) {
    int passes;
    tsr_results *results = passes_solve(folder, values, items, &passes);
    for (int r = 0; r < 2; r++) {
        const tsr_result *result = tsr_results_at(results, r);
        for (int i = 0; i < 2; i++) {
            double z = fabs(result->value[i] - (r == 0 ? truth[i].risk : truth[i].shortfall)) / result->error[i];
            out->once[r][i] += z <= 1.0;
            out->twice[r][i] += z <= 2.0;
        }
    }
    tsr_results_destroy(&results);
}

/* Nominal 68.3 % and 95.4 %. With 100 and 20 losses beyond the levels, the error bar of ES is itself uncertain and, of
 * a law with an infinite fourth moment, mostly too small; windows from 300 seeds leave four binomial deviations. */
static void test_error_bars_cover(void **state) {
    (void)state;
    enum { SEEDS = 300, ITEMS = 2000 };
    static const double both[2] = {0.95, 0.99};
    tsr_folder folder = passes_open(&tsr_tally_var_es, settings_of("levels", "[0.95, 0.99]", "of", "x", NULL));
    for (int law = 0; law < 2; law++) {
        coverage found = {0};
        double nu = law == 0 ? 0.0 : 4.0;
        pair truth[2] = {closed_form(nu, both[0]), closed_form(nu, both[1])};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            double *values = law == 0 ? sample_normal(5000 + seed, ITEMS) : sample_t4(6000 + seed, ITEMS);
            count_seed(&folder, values, ITEMS, truth, &found);
            free(values);
        }
        for (int r = 0; r < 2; r++) {
            for (int i = 0; i < 2; i++) {
                print_message("nu = %g, %s at %g: one error bar covers %.1f %%, two cover %.1f %%\n", nu,
                              r == 0 ? "VaR" : "ES", both[i], 100.0 * found.once[r][i] / SEEDS,
                              100.0 * found.twice[r][i] / SEEDS);
                assert_in_range(found.once[r][i], SEEDS * 51 / 100, SEEDS * 79 / 100);
                assert_in_range(found.twice[r][i], SEEDS * 80 / 100, SEEDS * 99 / 100);
            }
        }
    }
    fold_close(&folder);
}

static void test_a_small_tail_is_said_and_a_tiny_one_has_no_error(void **state) {
    (void)state;
    tsr_folder folder = passes_open(&tsr_tally_var_es, settings_of("levels", "[0.99]", "of", "x", NULL));
    int passes;
    double *values = sample_normal(3, 4000);
    values[7] = NAN;
    tsr_results *results = passes_solve(&folder, values, 100, &passes);
    const tsr_result *shortfall = tsr_results_find(results, "ES");
    assert_true(isfinite(shortfall->value[0]) && isnan(shortfall->error[0]));
    tsr_results_destroy(&results);
    results = passes_solve(&folder, values, 400, &passes);
    shortfall = tsr_results_find(results, "ES");
    assert_non_null(strstr(shortfall->long_name, "fewer than 30 losses"));
    assert_true(isfinite(shortfall->value[0]) && isfinite(shortfall->error[0]));
    assert_true(tsr_results_find(results, "var_es_nans")->value[0] == 1.0);
    tsr_results_destroy(&results);
    results = passes_solve(&folder, values, 4000, &passes);
    assert_null(strstr(tsr_results_find(results, "ES")->long_name, "fewer"));
    tsr_results_destroy(&results);
    free(values);
    fold_close(&folder);
}

/* Equal weights are none; double weights are items that occur twice, but for the error bars. */
static void test_weights_count_items(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    static const tsr_field fields[] = {{.name = "x", .unit = "EUR"}, {.name = "w", .unit = "1"}, {.name = NULL}};
    double *values = sample_t4(8, COUNT), *both = malloc(3 * COUNT * sizeof(*both)),
           *twice = malloc(2 * COUNT * sizeof(*twice));
    memcpy(both, values, COUNT * sizeof(*both));
    int64_t copies = 0;
    for (int i = 0; i < COUNT; i++) {
        both[COUNT + i] = i % 3 == 0 ? 2.0 : 1.0;
        for (int k = 0; k < both[COUNT + i]; k++) twice[copies++] = values[i];
    }
    const tsr_table weighted = {.fields = fields, .columns = 2, .items = COUNT, .value = both};
    const tsr_table counted = {.fields = mirror_fields, .columns = 1, .items = copies, .value = twice};
    tsr_results *a = fold_table(&tsr_tally_var_es, settings_of("levels", level_text, "weight", "w", NULL), &weighted);
    tsr_results *b = fold_table(&tsr_tally_var_es, settings_of("levels", level_text, "of", "x", NULL), &counted);
    for (int i = 0; i < LEVELS; i++) {
        assert_true(fabs(fold_value(a, "VaR", i) - fold_value(b, "VaR", i)) < 0.01 * fold_error(b, "VaR", i));
        assert_true(fabs(fold_value(a, "ES", i) - fold_value(b, "ES", i)) < 0.01 * fold_error(b, "ES", i));
        const double more =
            fold_error(a, "ES", i) / fold_error(b, "ES", i); /* sqrt(sum w^2 / sum w), here sqrt(3 / 2) */
        assert_true(i == LEVELS - 1 || fabs(more - sqrt(1.5)) < 0.15);
    }
    tsr_results_destroy(&a);
    tsr_results_destroy(&b);
    for (int i = 0; i < COUNT; i++) both[COUNT + i] = 0.3;
    const tsr_table same = {.fields = fields, .columns = 2, .items = COUNT, .value = both};
    a = fold_table(&tsr_tally_var_es, settings_of("levels", level_text, "weight", "w", NULL), &same);
    b = fold_table(&tsr_tally_var_es, settings_of("levels", level_text, "of", "x", NULL), &same);
    for (int i = 0; i < LEVELS; i++) {
        assert_true(fabs(fold_value(a, "ES", i) / fold_value(b, "ES", i) - 1.0) < 1e-6);
        assert_true(fabs(fold_error(a, "ES", i) / fold_error(b, "ES", i) - 1.0) < 1e-5);
        assert_true(fabs(fold_error(a, "VaR", i) / fold_error(b, "VaR", i) - 1.0) < 0.3);
    }
    tsr_results_destroy(&a);
    tsr_results_destroy(&b);
    free(values);
    free(both);
    free(twice);
}

/* Equal losses: no spread, no NaN. */
static void test_constant_losses_have_no_error(void **state) {
    (void)state;
    int passes;
    double values[500];
    for (int i = 0; i < 500; i++) values[i] = 0.1;
    for (int exact = 0; exact < 2; exact++) {
        tsr_folder folder = passes_open(&tsr_tally_var_es, settings_of("levels", "[0.5, 0.95]", "exact",
                                                                       exact ? "true" : "false", "of", "x", NULL));
        tsr_results *results = passes_solve(&folder, values, 500, &passes);
        static const char *const names[] = {"VaR", "ES", "VaR_low", "VaR_high", "ES_low", "ES_high"};
        for (int r = 0; r < 6; r++)
            for (int i = 0; i < 2; i++) assert_true(fabs(fold_value(results, names[r], i) - 0.1) < 1e-9);
        for (int i = 0; i < 2; i++)
            assert_true(fold_error(results, "VaR", i) == 0.0 && fold_error(results, "ES", i) == 0.0);
        tsr_results_destroy(&results);
        fold_close(&folder);
    }
}

static void test_exact_and_weights_exclude_each_other(void **state) {
    (void)state;
    assert_refused(&tsr_tally_var_es, settings_of("levels", "0.9", "exact", "true", "weight", "y", NULL),
                   "leave out exact or weight");
}

/* Rewound and read on, the tail sums are those of all items. */
static void test_a_rewound_run_extends_to_the_direct_one(void **state) {
    (void)state;
    enum { COUNT = 5000, FIRST = 2500 };
    int passes;
    tsr_folder folder = passes_open(&tsr_tally_var_es, settings_of("levels", level_text, "exact", "true", NULL));
    folder.tile_items = 500;
    double *values = sample_t4(4, COUNT), *both = mirrored(values, COUNT), *few = mirrored(values, FIRST);
    double *rest = mirrored(values + FIRST, COUNT - FIRST);
    const tsr_table all = {.fields = mirror_fields, .columns = 2, .items = COUNT, .value = both};
    const tsr_table first = {.fields = mirror_fields, .columns = 2, .items = FIRST, .value = few};
    const tsr_table second = {.fields = mirror_fields, .columns = 2, .items = COUNT - FIRST, .value = rest};
    tsr_state *direct = passes_fold(&folder, &all, 2, &passes), *extended = passes_fold(&folder, &first, 1, &passes);
    tsr_state *more = passes_once(&folder, &second, 3);
    folder.tally->rewind(folder.model, extended);
    assert_int_equal(tsr_state_add(extended, more), TSR_OK);
    passes_refine(&folder, &all, 1, extended);
    assert_same_words(direct, extended);
    tsr_state_destroy(&direct);
    tsr_state_destroy(&extended);
    tsr_state_destroy(&more);
    fold_close(&folder);
    free(values);
    free(both);
    free(few);
    free(rest);
}

static void test_levels_outside_the_open_interval_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"[0]", "[1]", "[0.5, 99]", "[-0.1]"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
        assert_refused(&tsr_tally_var_es, settings_of("levels", bad[k], NULL), "levels holds");
    assert_refused(&tsr_tally_var_es, settings_of("levels", "[1]", NULL), "> 0 and < 1");
    assert_refused(&tsr_tally_var_es, settings_of("levels", "[0.9999999999999]", NULL), "is 0.999999999999");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_is_what_sorting_and_summing_gives),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_closed_forms_within_four_error_bars),
        cmocka_unit_test(test_sketch_differs_from_exact_by_little_of_the_error),
        cmocka_unit_test(test_error_bars_cover),
        cmocka_unit_test(test_a_small_tail_is_said_and_a_tiny_one_has_no_error),
        cmocka_unit_test(test_weights_count_items),
        cmocka_unit_test(test_constant_losses_have_no_error),
        cmocka_unit_test(test_exact_and_weights_exclude_each_other),
        cmocka_unit_test(test_a_rewound_run_extends_to_the_direct_one),
        cmocka_unit_test(test_levels_outside_the_open_interval_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
