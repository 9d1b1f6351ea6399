/* Quantiles: exact ones are those of a sort, estimates lie within their bound, and the error bars cover. */
#include "engine/tallies/quantile.h"
#include "engine/tallies/var_es.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { PROBABILITIES = 9 };
static const double probability[PROBABILITIES] = {0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};
static const char *const probability_text = "[0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]";

/* From sorted numbers, by the definitions. */
static double sorted_inverse(const double *order, int64_t n, double p) {
    double product = p * (double)n, whole = rint(product);
    int64_t rank = (int64_t)(fabs(product - whole) < 1e-9 ? whole : ceil(product));
    return order[rank > 0 ? rank - 1 : 0];
}

static double sorted_linear(const double *order, int64_t n, double p) {
    double h = p * (double)(n - 1), whole = rint(h);
    if (fabs(h - whole) < 1e-9) h = whole;
    int64_t low = (int64_t)floor(h), high = low + 1 < n ? low + 1 : low;
    double weight = h - floor(h);
    if (order[low] == order[high] || weight == 0.0) return order[low];
    return (1.0 - weight) * order[low] + weight * order[high];
}

/* Row 0 of the results against sorted numbers, row 1 against the same numbers negated. */
static void assert_sorted(const tsr_results *results, double *order, int64_t n, bool linear) {
    const tsr_result *quantile = tsr_results_find(results, "quantile");
    assert_int_equal(tsr_result_length(quantile), 2 * PROBABILITIES);
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < PROBABILITIES; i++) {
            double p = probability[i], found = quantile->value[row * PROBABILITIES + i];
            double exact = linear ? sorted_linear(order, n, p) : sorted_inverse(order, n, p);
            if (!(found == exact)) fail_msg("p = %g of %lld: %.17g, exact %.17g", p, (long long)n, found, exact);
        }
        for (int64_t i = 0; i < n; i++) order[i] = -order[i];
        qsort(order, (size_t)n, sizeof(*order), ascending);
    }
}

static void check_exact(tsr_folder *folder, int kind, int64_t items, bool linear) {
    int64_t numbers;
    int passes;
    double *values = sample(kind, 40 + (uint64_t)kind, items), *order = sorted(values, items, &numbers);
    tsr_results *results = passes_solve(folder, values, items, &passes);
    assert_in_range(passes, 2, 4);
    if (numbers > 0) assert_sorted(results, order, numbers, linear);
    tsr_results_destroy(&results);
    free(values);
    free(order);
}

static void test_exact_is_what_sorting_gives(void **state) {
    (void)state;
    static const int64_t sizes[] = {2, 3, 5, 9, 1000, 20000};
    for (int type = 0; type < 2; type++) {
        tsr_folder folder = passes_open(&tsr_tally_quantile, settings_of("probabilities", probability_text, "exact",
                                                                         "true", "type", type == 0 ? "1" : "7", NULL));
        for (int kind = 0; kind < SAMPLES; kind++)
            for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]) - (type == 0); s++)
                check_exact(&folder, kind, sizes[s], type == 1);
        fold_close(&folder);
    }
}

static void test_exact_of_a_million_takes_two_or_three_passes(void **state) {
    (void)state;
    enum { ITEMS = 1000000 };
    tsr_folder folder = passes_open(&tsr_tally_quantile,
                                    settings_of("probabilities", probability_text, "exact", "true", "of", "x", NULL));
    int passes;
    int64_t numbers;
    double *values = sample_normal(99, ITEMS), *order = sorted(values, ITEMS, &numbers);
    tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
    assert_in_range(passes, 2, 3);
    const tsr_result *quantile = tsr_results_find(results, "quantile");
    for (int i = 0; i < PROBABILITIES; i++)
        assert_true(quantile->value[i] == sorted_linear(order, ITEMS, probability[i]));
    tsr_results_destroy(&results);
    free(values);
    free(order);
    fold_close(&folder);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    for (int exact = 0; exact < 2; exact++) {
        tsr_folder folder = passes_open(&tsr_tally_quantile, settings_of("probabilities", "[0.1, 0.5, 0.99]", "exact",
                                                                         exact ? "true" : "false", NULL));
        for (int kind = 0; kind < SAMPLES; kind += 4) {
            double *values = sample(kind, 17, 6000);
            assert_any_split_is_the_same(&folder, values, 6000);
            free(values);
        }
        fold_close(&folder);
    }
}

/* The error bar from sorted numbers. */
static double sorted_error(const double *order, int64_t n, double p) {
    double middle = (double)n * p, deviation = sqrt(middle * (1.0 - p)), end[2];
    for (int k = 0; k < 2; k++) {
        double at = fmin(fmax(middle + (k == 0 ? -deviation : deviation), 1.0), (double)n);
        int64_t low = (int64_t)at, high = low < n ? low + 1 : n;
        end[k] = order[low - 1] + (at - (double)low) * (order[high - 1] - order[low - 1]);
    }
    return (end[1] - end[0]) / 2.0;
}

static void test_estimates_lie_far_within_their_error(void **state) {
    (void)state;
    enum { ITEMS = 1000000 };
    tsr_folder folder =
        passes_open(&tsr_tally_quantile, settings_of("probabilities", probability_text, "of", "x", NULL));
    double worst = 0.0, squares = 0.0, uncertain = 0.0;
    for (int law = 0; law < 2; law++) {
        int passes;
        int64_t numbers;
        double *values = law == 0 ? sample_normal(5, ITEMS) : sample_t4(6, ITEMS);
        double *order = sorted(values, ITEMS, &numbers);
        tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
        assert_int_equal(passes, 1);
        const tsr_result *quantile = tsr_results_find(results, "quantile");
        for (int i = 0; i < PROBABILITIES; i++) {
            double exact = sorted_linear(order, ITEMS, probability[i]), off = quantile->value[i] - exact;
            assert_true(fabs(off) <= 0x1p-10 * fabs(exact));
            if (i == 0 || i == PROBABILITIES - 1) continue;
            double error = sorted_error(order, ITEMS, probability[i]);
            uncertain = fmax(uncertain, fabs(quantile->error[i] / error - 1.0));
            worst = fmax(worst, fabs(off) / error);
            squares += off / error * (off / error) / (2 * PROBABILITIES - 4);
        }
        tsr_results_destroy(&results);
        free(values);
        free(order);
    }
    print_message("estimates of a million are off by %.3f of their error (root mean square), at most %.3f; "
                  "the error by at most %.3f\n",
                  sqrt(squares), worst, uncertain);
    assert_true(sqrt(squares) < 0.03 && worst < 0.06 && uncertain < 0.06);
    fold_close(&folder);
}

/* Of the error bars, 68.3 % should hold the true value, and 95.4 % twice as long. With so few items beyond p = 0.99
 * (20) a bar is itself uncertain by a sixth, which costs some per cent, most where the tail is heavy. The windows leave
 * four binomial deviations of 300 seeds. */
static void test_error_bars_cover(void **state) {
    (void)state;
    enum { SEEDS = 300, ITEMS = 2000, LEVELS = 4 };
    static const double level[LEVELS] = {0.05, 0.5, 0.9, 0.99};
    tsr_folder folder =
        passes_open(&tsr_tally_quantile, settings_of("probabilities", "[0.05, 0.5, 0.9, 0.99]", "of", "x", NULL));
    for (int law = 0; law < 2; law++) {
        int inside[LEVELS] = {0}, twice[LEVELS] = {0}, passes;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            double *values = law == 0 ? sample_normal(1000 + seed, ITEMS) : sample_t4(2000 + seed, ITEMS);
            tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
            const tsr_result *quantile = tsr_results_find(results, "quantile");
            for (int i = 0; i < LEVELS; i++) {
                double truth = law == 0 ? gsl_cdf_ugaussian_Pinv(level[i]) : gsl_cdf_tdist_Pinv(level[i], 4.0);
                double z = fabs(quantile->value[i] - truth) / quantile->error[i];
                inside[i] += z <= 1.0;
                twice[i] += z <= 2.0;
            }
            tsr_results_destroy(&results);
            free(values);
        }
        for (int i = 0; i < LEVELS; i++) {
            print_message("law %d, p = %g: one error bar covers %.1f %%, two cover %.1f %%\n", law, level[i],
                          100.0 * inside[i] / SEEDS, 100.0 * twice[i] / SEEDS);
            assert_in_range(inside[i], SEEDS * 56 / 100, SEEDS * 79 / 100);
            assert_in_range(twice[i], SEEDS * 85 / 100, SEEDS * 99 / 100);
        }
    }
    fold_close(&folder);
}

/* Numbers with weights, sorted by value. */
typedef struct {
    double value;
    double weight;
} weighed;

static int by_value(const void *a, const void *b) {
    const weighed *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* The least value up to which the weights reach their share. */
static double sorted_weighted(const weighed *order, int64_t items, double p) {
    double total = 0.0, below = 0.0;
    for (int64_t i = 0; i < items; i++) total += order[i].weight;
    int64_t i = 0, last = 0;
    for (; i < items && (below == 0.0 || below < p * total * (1.0 - 1e-9)); i++) {
        below += order[i].weight;
        if (order[i].weight > 0.0) last = i;
    }
    return order[last].value;
}

static const tsr_field weighted_fields[] = {
    {.name = "x", .unit = "EUR", .long_name = ""}, {.name = "w", .unit = "1", .long_name = ""}, {.name = NULL}};

/* Takes settings. */
static tsr_results *solve_weighted(tsr_setting *settings, const double *values, const double *weights, int64_t items,
                                   int parts) {
    int passes;
    tsr_folder folder;
    double *both = malloc((size_t)(2 * items) * sizeof(*both));
    memcpy(both, values, (size_t)items * sizeof(*both));
    memcpy(both + items, weights, (size_t)items * sizeof(*both));
    const tsr_table table = {.fields = weighted_fields, .columns = 2, .items = items, .value = both};
    assert_int_equal(fold_open(&tsr_tally_quantile, settings, weighted_fields, &folder), TSR_OK);
    folder.tile_items = 500;
    tsr_state *state = passes_fold(&folder, &table, parts, &passes);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    free(both);
    return results;
}

static void test_exact_weighted_is_what_sorting_gives(void **state) {
    (void)state;
    static const int64_t sizes[] = {1, 9, 3000};
    for (int kind = 0; kind < SAMPLES; kind++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            const int64_t items = sizes[s];
            if (kind == SAMPLE_MIXED) continue; /* not all are numbers */
            double *values = sample(kind, 50 + (uint64_t)kind, items), *weights = sample_uniforms(3, items);
            weighed *order = malloc((size_t)items * sizeof(*order));
            for (int64_t i = 0; i < items; i++) {
                weights[i] = i % 5 == 1 ? 0.0 : exp(8.0 * weights[i]);
                order[i] = (weighed){values[i], weights[i]};
            }
            qsort(order, (size_t)items, sizeof(*order), by_value);
            tsr_results *results =
                solve_weighted(settings_of("probabilities", probability_text, "exact", "true", "weight", "w", NULL),
                               values, weights, items, 3);
            for (int i = 0; i < PROBABILITIES; i++) {
                double expected = sorted_weighted(order, items, probability[i]);
                double found = fold_value(results, "quantile", i);
                if (found != expected)
                    fail_msg("kind %d, p = %g of %lld: %.17g, expected %.17g", kind, probability[i], (long long)items,
                             found, expected);
            }
            tsr_results_destroy(&results);
            free(values);
            free(weights);
            free(order);
        }
    }
}

static void test_equal_weights_are_as_none_of_type_1(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    double *values = sample_normal(6, COUNT), *weights = malloc(COUNT * sizeof(*weights));
    for (int i = 0; i < COUNT; i++) weights[i] = 0.1;
    for (int exact = 0; exact < 2; exact++) {
        const char *word = exact ? "true" : "false";
        tsr_results *a =
            solve_weighted(settings_of("probabilities", "[0.1, 0.5, 0.98]", "exact", word, "weight", "w", NULL), values,
                           weights, COUNT, 1);
        tsr_results *b = solve_weighted(
            settings_of("probabilities", "[0.1, 0.5, 0.98]", "exact", word, "type", "1", "of", "x", NULL), values,
            weights, COUNT, 1);
        for (int i = 0; i < 3; i++) {
            assert_true(fabs(fold_value(a, "quantile", i) - fold_value(b, "quantile", i)) < 1e-9);
            assert_true(fabs(fold_error(a, "quantile", i) / fold_error(b, "quantile", i) - 1.0) < 0.1);
        }
        tsr_results_destroy(&a);
        tsr_results_destroy(&b);
    }
    free(values);
    free(weights);
}

/* Every item with the same weight; the sentence, or NULL: solved. */
static void assert_small_weights(const tsr_tally *tally, const char *list, double weight, const char *sentence) {
    enum { COUNT = 1000 };
    double *values = sample_normal(26, COUNT), both[2 * COUNT];
    for (int i = 0; i < COUNT; i++) both[i] = values[i], both[COUNT + i] = weight;
    const tsr_table table = {.fields = weighted_fields, .columns = 2, .items = COUNT, .value = both};
    tsr_folder folder;
    tsr_results *results = NULL;
    assert_int_equal(fold_open(tally, settings_of(list, "0.5", "weight", "w", NULL), weighted_fields, &folder), TSR_OK);
    tsr_state *words = fold_state(&folder);
    for (int64_t tile = 0; tile < fold_tiles(&folder, &table); tile++) fold_tile(&folder, &table, tile, words);
    passes_settle(&folder, words);
    assert_int_equal(tsr_results_create(&results), TSR_OK);
    assert_int_equal(tally->solve(folder.model, words, results), sentence != NULL ? TSR_ENUMERIC : TSR_OK);
    if (sentence != NULL) assert_non_null(strstr(tsr_error_get()->message, sentence));
    tsr_results_destroy(&results);
    tsr_state_destroy(&words);
    fold_close(&folder);
    free(values);
}

static void test_weights_too_small_to_be_seen_are_refused(void **state) {
    (void)state;
    static const double SMALL[] = {1e-16, 1e-24, 8.7e-27, 1e-100, 1e-320};
    for (size_t i = 0; i < sizeof(SMALL) / sizeof(SMALL[0]); i++) {
        assert_small_weights(&tsr_tally_quantile, "probabilities", SMALL[i],
                             "tally quantile: column x: the weights in");
        assert_small_weights(&tsr_tally_var_es, "levels", SMALL[i], "multiply all weights by a constant");
    }
    static const double SEEN[] = {0.0, -0.0, 0x1p-49, 1.0};
    for (size_t i = 0; i < sizeof(SEEN) / sizeof(SEEN[0]); i++) {
        assert_small_weights(&tsr_tally_quantile, "probabilities", SEEN[i], NULL);
        assert_small_weights(&tsr_tally_var_es, "levels", SEEN[i], NULL);
    }
}

static void test_weighted_any_merge_gives_the_same_words(void **state) {
    (void)state;
    enum { COUNT = 6000 };
    double *values = sample_normal(16, COUNT), *weights = sample_uniforms(17, COUNT);
    for (int exact = 0; exact < 2; exact++) {
        double both[2 * COUNT];
        memcpy(both, values, COUNT * sizeof(*both));
        memcpy(both + COUNT, weights, COUNT * sizeof(*both));
        const tsr_table table = {.fields = weighted_fields, .columns = 2, .items = COUNT, .value = both};
        tsr_folder folder;
        int passes;
        assert_int_equal(fold_open(&tsr_tally_quantile,
                                   settings_of("probabilities", "[0.1, 0.9]", "exact", exact ? "true" : "false",
                                               "weight", "w", NULL),
                                   weighted_fields, &folder),
                         TSR_OK);
        folder.tile_items = 1000;
        tsr_state *one = passes_fold(&folder, &table, 1, &passes);
        folder.tile_items = 333;
        folder.block_items = 50;
        tsr_state *many = passes_fold(&folder, &table, 8, &passes);
        assert_same_words(one, many);
        tsr_state_destroy(&one);
        tsr_state_destroy(&many);
        fold_close(&folder);
    }
    free(values);
    free(weights);
}

/* A finished exact run is rewound, gets more items, and is read again: as if all had come at once. */
static void test_a_rewound_run_extends_to_the_direct_one(void **state) {
    (void)state;
    enum { COUNT = 9000, FIRST = 4000 };
    tsr_folder folder =
        passes_open(&tsr_tally_quantile, settings_of("probabilities", "[0.02, 0.5, 0.999]", "exact", "true", NULL));
    double *values = sample(SAMPLE_T4, 77, COUNT), *both = mirrored(values, COUNT);
    double *few = mirrored(values, FIRST), *rest = mirrored(values + FIRST, COUNT - FIRST);
    const tsr_table all = {.fields = mirror_fields, .columns = 2, .items = COUNT, .value = both};
    const tsr_table first = {.fields = mirror_fields, .columns = 2, .items = FIRST, .value = few};
    const tsr_table second = {.fields = mirror_fields, .columns = 2, .items = COUNT - FIRST, .value = rest};
    int passes;
    tsr_state *direct = passes_fold(&folder, &all, 3, &passes);
    tsr_state *extended = passes_fold(&folder, &first, 1, &passes);
    assert_true(passes > 1);
    folder.tally->rewind(folder.model, extended);
    tsr_state *once = passes_once(&folder, &first, 1), *more = passes_once(&folder, &second, 2);
    assert_same_words(extended, once);
    assert_int_equal(tsr_state_add(extended, more), TSR_OK);
    passes_refine(&folder, &all, 2, extended);
    assert_same_words(direct, extended);
    tsr_state_destroy(&direct);
    tsr_state_destroy(&extended);
    tsr_state_destroy(&once);
    tsr_state_destroy(&more);
    fold_close(&folder);
    free(values);
    free(both);
    free(few);
    free(rest);
}

/* 95 % intervals from ranks hold at least that, for any law, and from few numbers; and not much more. */
static void test_intervals_cover(void **state) {
    (void)state;
    enum { SEEDS = 1000, COUNT = 60 };
    tsr_folder folder = passes_open(&tsr_tally_quantile,
                                    settings_of("probabilities", "[0.1, 0.5, 0.9]", "exact", "true", "of", "x", NULL));
    static const double level[3] = {0.1, 0.5, 0.9};
    int held[3] = {0}, passes;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double *values = sample_t4(300 + seed, COUNT);
        tsr_results *results = passes_solve(&folder, values, COUNT, &passes);
        for (int i = 0; i < 3; i++) {
            double truth = gsl_cdf_tdist_Pinv(level[i], 4.0);
            held[i] +=
                fold_value(results, "quantile_low", i) <= truth && truth < fold_value(results, "quantile_high", i);
            assert_true(fold_value(results, "quantile_low", i) <= fold_value(results, "quantile", i));
        }
        tsr_results_destroy(&results);
        free(values);
    }
    for (int i = 0; i < 3; i++) {
        print_message("p = %g of 60: the interval covers %.1f %%\n", level[i], 100.0 * held[i] / SEEDS);
        assert_in_range(held[i], SEEDS * 93 / 100, SEEDS * 99 / 100);
    }
    fold_close(&folder);
}

static void test_few_or_no_numbers_give_what_there_is(void **state) {
    (void)state;
    tsr_folder folder =
        passes_open(&tsr_tally_quantile, settings_of("probabilities", "[0, 0.5, 1]", "exact", "true", "of", "x", NULL));
    double one = 0.1, none = NAN;
    int passes;
    tsr_results *results = passes_solve(&folder, &one, 1, &passes);
    const tsr_result *quantile = tsr_results_find(results, "quantile");
    for (int i = 0; i < 3; i++) assert_true(quantile->value[i] == 0.1 && isnan(quantile->error[i]));
    assert_null(tsr_results_find(results, "quantile_nans"));
    tsr_results_destroy(&results);
    results = passes_solve(&folder, &none, 1, &passes);
    assert_int_equal(passes, 1);
    quantile = tsr_results_find(results, "quantile");
    for (int i = 0; i < 3; i++) assert_true(isnan(quantile->value[i]) && isnan(quantile->error[i]));
    assert_true(tsr_results_find(results, "quantile_nans")->value[0] == 1.0);
    tsr_results_destroy(&results);
    fold_close(&folder);
}

static void test_bad_probabilities_are_refused(void **state) {
    (void)state;
    const tsr_tally *tally = &tsr_tally_quantile;
    assert_refused(tally, settings_of("probabilities", "[0.5, 1.5]", NULL), "1.5");
    assert_refused(tally, settings_of("probabilities", "[]", NULL), "1 to 250 are allowed");
    assert_refused(tally, settings_of("exact", "true", NULL), "probabilities");
    assert_refused(tally, settings_of("probabilities", "0.5", "type", "6", NULL), "known: 1, 7");
    assert_refused(tally, settings_of("probabilities", "0.5", "of", "z", NULL), "no column 'z'");
    assert_refused(tally, settings_of("probabilities", "0.5", "type", "7", "weight", "y", NULL), "leave type out");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_is_what_sorting_gives),
        cmocka_unit_test(test_exact_of_a_million_takes_two_or_three_passes),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_estimates_lie_far_within_their_error),
        cmocka_unit_test(test_error_bars_cover),
        cmocka_unit_test(test_exact_weighted_is_what_sorting_gives),
        cmocka_unit_test(test_equal_weights_are_as_none_of_type_1),
        cmocka_unit_test(test_weights_too_small_to_be_seen_are_refused),
        cmocka_unit_test(test_weighted_any_merge_gives_the_same_words),
        cmocka_unit_test(test_a_rewound_run_extends_to_the_direct_one),
        cmocka_unit_test(test_intervals_cover),
        cmocka_unit_test(test_few_or_no_numbers_give_what_there_is),
        cmocka_unit_test(test_bad_probabilities_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
