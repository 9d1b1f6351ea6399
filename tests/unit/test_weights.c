/* Weighted moments: the unweighted ones where weights are equal, what a thousand digits say where they are not, and
 * nothing of an item that weighs nothing. */
#include "engine/tallies/moments.h"
#include "fold.h"

#include <float.h>
#include <gmp.h>
#include <math.h>

enum { ITEMS = 20000, BITS = 1000 };

static const tsr_field fields[] = {{.name = "x", .unit = "EUR", .long_name = "a price"},
                                   {.name = "likelihood", .unit = "1", .long_name = "ratio of densities"},
                                   {.name = NULL}};

/* splitmix64 as a uniform number in (0, 1). */
static double uniform(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ z >> 31) >> 12) + 0.5) * 0x1p-52;
}

static void assert_same_double(double a, double b) {
    if (memcmp(&a, &b, sizeof(a)) != 0) fail_msg("%a (%.17g) is not %a (%.17g)", a, a, b, b);
}

static void assert_near(double value, double expected, double relative) {
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not within %g of %.17g", value, relative, expected);
}

static tsr_setting *settings_of(const char *order, bool weighted) {
    return tree(TSR_MAP, "test", keyed("order", scalar("test:1:1", order)),
                keyed("weight", scalar("test:1:9", weighted ? "likelihood" : "")),
                keyed("of", scalar("test:1:20", "x")), NULL);
}

/* Column x, then weights: [2, items]. */
static double *table_memory(int64_t items) {
    double *value = calloc(2 * (size_t)items, sizeof(*value));
    assert_non_null(value);
    return value;
}

static tsr_results *moments_of(const double *value, int64_t items, bool weighted) {
    const tsr_table table = {.fields = fields, .columns = 2, .items = items, .value = value};
    return fold_table(&tsr_tally_moments, settings_of("4", weighted), &table);
}

/* Skew numbers far from 0, and weights that correlate with them; every seventh weighs nothing. */
static double *weighted_sample(int64_t items, double offset) {
    double *value = table_memory(items);
    uint64_t state = 1;
    for (int64_t i = 0; i < items; i++) {
        value[i] = -log(uniform(&state));
        value[items + i] = i % 7 == 0 ? 0 : exp(0.3 * value[i]) * (0.5 + uniform(&state));
        value[i] += offset;
    }
    return value;
}

static const char *const names[] = {"mean", "variance", "sd", "skewness", "kurtosis"};

static void assert_same_results(const tsr_results *a, const tsr_results *b) {
    for (int s = 0; s < 5; s++) {
        assert_same_double(fold_value(a, names[s], 0), fold_value(b, names[s], 0));
        assert_same_double(fold_error(a, names[s], 0), fold_error(b, names[s], 0));
    }
    assert_same_double(fold_value(a, "minimum", 0), fold_value(b, "minimum", 0));
    assert_same_double(fold_value(a, "maximum", 0), fold_value(b, "maximum", 0));
}

static void test_equal_weights_give_the_unweighted_results(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 1e6);
    static const double weights[] = {1, 0x1p-20, 3};
    static const int64_t lengths[] = {2, 3, 100, 1025, ITEMS};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++)
        for (int k = 0; k < 3; k++) {
            const int64_t items = lengths[l];
            double *part = table_memory(items);
            memcpy(part, value, (size_t)items * sizeof(*part));
            for (int64_t i = 0; i < items; i++) part[items + i] = weights[k];
            tsr_results *plain = moments_of(part, items, false), *weighted = moments_of(part, items, true);
            if (k < 2) assert_same_results(weighted, plain);
            for (int s = 0; s < 5 && items > 3; s++) {
                assert_near(fold_value(weighted, names[s], 0), fold_value(plain, names[s], 0), 1e-13);
                assert_near(fold_error(weighted, names[s], 0), fold_error(plain, names[s], 0), 1e-11);
            }
            assert_near(fold_value(weighted, "effective_items", 0), (double)items, 1e-15);
            assert_near(fold_value(weighted, "largest_weight_share", 0), 1.0 / (double)items, 1e-15);
            tsr_results_destroy(&plain);
            tsr_results_destroy(&weighted);
            free(part);
        }
    free(value);
}

/* ---- a thousand digits ---- */

typedef struct {
    double mean, first[5], second[9], weight, square; /* moments about the mean, divided by weight and square */
} moments;

static void long_moments(const double *value, int64_t items, moments *out) {
    mpf_t mean, weight, square, difference, term, first[5], second[9];
    mpf_set_default_prec(BITS);
    mpf_inits(mean, weight, square, difference, term, NULL);
    for (int k = 0; k < 5; k++) mpf_init(first[k]);
    for (int k = 0; k < 9; k++) mpf_init(second[k]);
    for (int64_t i = 0; i < items; i++) {
        mpf_set_d(difference, value[items + i]);
        mpf_add(weight, weight, difference);
        mpf_set_d(term, value[i]);
        mpf_mul(term, term, difference);
        mpf_add(mean, mean, term);
        mpf_mul(difference, difference, difference);
        mpf_add(square, square, difference);
    }
    mpf_div(mean, mean, weight);
    for (int64_t i = 0; i < items; i++) {
        if (value[items + i] == 0) continue;
        mpf_set_d(difference, value[i]);
        mpf_sub(difference, difference, mean);
        mpf_set_d(term, value[items + i]);
        for (int k = 0; k < 5; k++) {
            mpf_add(first[k], first[k], term);
            mpf_mul(term, term, difference);
        }
        mpf_set_d(term, value[items + i]);
        mpf_mul(term, term, term);
        for (int k = 0; k < 9; k++) {
            mpf_add(second[k], second[k], term);
            mpf_mul(term, term, difference);
        }
    }
    *out = (moments){.mean = mpf_get_d(mean), .weight = mpf_get_d(weight), .square = mpf_get_d(square)};
    for (int k = 0; k < 5; k++) {
        mpf_div(first[k], first[k], weight);
        out->first[k] = mpf_get_d(first[k]);
        mpf_clear(first[k]);
    }
    for (int k = 0; k < 9; k++) {
        mpf_div(second[k], second[k], square);
        out->second[k] = mpf_get_d(second[k]);
        mpf_clear(second[k]);
    }
    mpf_clears(mean, weight, square, difference, term, NULL);
}

/* sqrt(sum of w^2 p(d)^2) / sum of w for p = factor[0] + factor[1] d + ... + factor[4] d^4 */
static double linear_error(const moments *of, const double factor[5]) {
    double sum = 0;
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) sum += factor[i] * factor[j] * of->second[i + j];
    return sqrt(sum * of->square) / of->weight;
}

static void assert_weighted_moments(const double *value, int64_t items) {
    moments m;
    long_moments(value, items, &m);
    const double effective = m.weight * m.weight / m.square, m2 = m.first[2], m3 = m.first[3], m4 = m.first[4];
    const double variance = m2 * effective / (effective - 1), root = sqrt(m2), cube = m2 * root;
    tsr_results *results = moments_of(value, items, true);
    assert_near(fold_value(results, "weight_sum", 0), m.weight, 1e-15);
    assert_near(fold_value(results, "effective_items", 0), effective, 1e-14);
    assert_near(fold_value(results, "mean", 0), m.mean, 1e-15);
    assert_near(fold_value(results, "variance", 0), variance, 1e-13);
    assert_near(fold_value(results, "sd", 0), sqrt(variance), 1e-13);
    assert_near(fold_value(results, "skewness", 0), m3 / cube, 1e-12);
    assert_near(fold_value(results, "kurtosis", 0), m4 / (m2 * m2) - 3, 1e-12);
    const double mean_error = linear_error(&m, (double[]){0, 1, 0, 0, 0}) * sqrt(effective / (effective - 1));
    assert_near(fold_error(results, "mean", 0), mean_error, 1e-13);
    const double variance_error = linear_error(&m, (double[]){-m2, 0, 1, 0, 0});
    assert_near(fold_error(results, "variance", 0), variance_error, 1e-9 + 4 / (effective * effective));
    assert_near(fold_error(results, "sd", 0), fold_error(results, "variance", 0) / (2 * sqrt(variance)), 1e-15);
    const double g1 = m3 / cube, to_skewness[] = {0.5 * g1, -3 / root, -1.5 * g1 / m2, 1 / cube, 0};
    assert_near(fold_error(results, "skewness", 0), linear_error(&m, to_skewness), 1e-9);
    const double b2 = m4 / (m2 * m2), to_kurtosis[] = {b2, -4 * m3 / (m2 * m2), -2 * b2 / m2, 0, 1 / (m2 * m2)};
    assert_near(fold_error(results, "kurtosis", 0), linear_error(&m, to_kurtosis), 1e-9);
    tsr_results_destroy(&results);
}

static void test_weighted_moments_agree_with_a_thousand_digits(void **unused) {
    (void)unused;
    static const int64_t lengths[] = {20, 1000, 1025, ITEMS};
    static const double offsets[] = {0, -3, 1e9};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++)
        for (int k = 0; k < 3; k++) {
            double *value = weighted_sample(lengths[l], offsets[k]);
            assert_weighted_moments(value, lengths[l]);
            free(value);
        }
}

static void test_a_power_of_two_times_all_weights_changes_nothing(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 5);
    tsr_results *plain = moments_of(value, ITEMS, true);
    static const int exponents[] = {-300, -37, 1, 100, 300};
    for (int k = 0; k < 5; k++) {
        double *scaled = table_memory(ITEMS);
        memcpy(scaled, value, (size_t)(2 * ITEMS) * sizeof(*value));
        for (int64_t i = ITEMS; i < 2 * ITEMS; i++) scaled[i] = ldexp(scaled[i], exponents[k]);
        tsr_results *results = moments_of(scaled, ITEMS, true);
        assert_same_results(results, plain);
        assert_same_double(fold_value(results, "effective_items", 0), fold_value(plain, "effective_items", 0));
        assert_same_double(ldexp(fold_value(results, "weight_sum", 0), -exponents[k]),
                           fold_value(plain, "weight_sum", 0));
        tsr_results_destroy(&results);
        free(scaled);
    }
    tsr_results_destroy(&plain);
    free(value);
}

/* Whole weights are as many copies, but for the error bars, which know better. */
static void test_whole_weights_are_copies_of_items(void **unused) {
    (void)unused;
    enum { FEW = 3000, COPIES = 4 };
    double *value = weighted_sample(FEW, 2), *copies = table_memory(FEW * COPIES);
    int64_t count = 0;
    for (int64_t i = 0; i < FEW; i++) {
        value[FEW + i] = (double)(i * 37 % (COPIES + 1));
        for (int64_t k = 0; k < i * 37 % (COPIES + 1); k++) copies[count++] = value[i];
    }
    tsr_results *weighted = moments_of(value, FEW, true), *plain = moments_of(copies, count, false);
    assert_near(fold_value(weighted, "mean", 0), fold_value(plain, "mean", 0), 1e-15);
    assert_near(fold_value(weighted, "skewness", 0), fold_value(plain, "skewness", 0), 1e-13);
    assert_near(fold_value(weighted, "kurtosis", 0), fold_value(plain, "kurtosis", 0), 1e-13);
    assert_near(fold_value(weighted, "sd", 0), fold_value(plain, "sd", 0), 1e-3);
    assert_true(fold_error(weighted, "mean", 0) > 1.1 * fold_error(plain, "mean", 0));
    tsr_results_destroy(&weighted);
    tsr_results_destroy(&plain);
    free(value);
    free(copies);
}

static void test_items_that_weigh_nothing_are_not_there(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 0), *other = table_memory(ITEMS);
    memcpy(other, value, (size_t)(2 * ITEMS) * sizeof(*value));
    static const double wild[] = {NAN, INFINITY, -1e300, 1e9};
    for (int64_t i = 0; i < ITEMS; i += 7) other[i] = wild[i / 7 % 4];
    tsr_results *tame = moments_of(value, ITEMS, true), *results = moments_of(other, ITEMS, true);
    assert_same_results(results, tame);
    assert_null(tsr_results_find(results, "nonfinite"));
    assert_same_double(fold_value(results, "items", 0), ITEMS);
    other[1] = NAN;
    tsr_results_destroy(&results);
    results = moments_of(other, ITEMS, true);
    assert_same_double(fold_value(results, "nonfinite", 0), 1);
    assert_true(isnan(fold_value(results, "mean", 0)));
    tsr_results_destroy(&results);
    tsr_results_destroy(&tame);
    free(other);
    free(value);
}

static void test_tiles_may_begin_with_items_that_weigh_nothing(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 1e9);
    for (int64_t i = 0; i < 3000; i++) value[ITEMS + i] = 0;
    assert_weighted_moments(value, ITEMS);
    for (int64_t i = 16384; i < ITEMS; i++) value[ITEMS + i] = 0;
    assert_weighted_moments(value, ITEMS);
    free(value);
}

static void test_equal_values_have_no_spread_whatever_their_weights(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 0);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 0.1;
    tsr_results *results = moments_of(value, ITEMS, true);
    assert_same_double(fold_value(results, "mean", 0), 0.1);
    for (int s = 0; s < 3; s++) assert_same_double(fold_error(results, names[s], 0), 0);
    assert_same_double(fold_value(results, "variance", 0), 0);
    assert_true(isnan(fold_value(results, "skewness", 0)) && isnan(fold_error(results, "kurtosis", 0)));
    tsr_results_destroy(&results);
    free(value);
}

static void test_one_item_that_counts_has_a_mean_only(void **unused) {
    (void)unused;
    double *value = weighted_sample(100, 0);
    for (int64_t i = 0; i < 100; i++) value[100 + i] = i == 42 ? 0.3 : 0;
    tsr_results *results = moments_of(value, 100, true);
    assert_same_double(fold_value(results, "mean", 0), value[42]);
    assert_true(isnan(fold_error(results, "mean", 0)) && isnan(fold_value(results, "sd", 0)));
    assert_same_double(fold_value(results, "minimum_item", 0), 42);
    assert_same_double(fold_value(results, "largest_weight_item", 0), 42);
    assert_near(fold_value(results, "effective_items", 0), 1, 1e-15);
    tsr_results_destroy(&results);
    value[142] = 0;
    results = moments_of(value, 100, true);
    assert_true(isnan(fold_value(results, "mean", 0)) && isnan(fold_value(results, "largest_weight_share", 0)));
    assert_same_double(fold_value(results, "effective_items", 0), 0);
    assert_same_double(fold_value(results, "maximum_item", 0), -1);
    tsr_results_destroy(&results);
    /* One item that outweighs all others by far: there is no spread to speak of. */
    for (int64_t i = 0; i < 100; i++) value[100 + i] = i == 42 ? 1 : 1e-12;
    results = moments_of(value, 100, true);
    assert_near(fold_value(results, "mean", 0), value[42], 1e-8);
    assert_true(isnan(fold_error(results, "mean", 0)));
    tsr_results_destroy(&results);
    free(value);
}

static bool warns(const tsr_results *results) {
    return strstr(fold_result(results, "effective_items")->long_name, "WARNING") != NULL;
}

static void test_a_warning_tells_that_few_items_dominate(void **unused) {
    (void)unused;
    double *value = weighted_sample(ITEMS, 0);
    tsr_results *results = moments_of(value, ITEMS, true);
    assert_false(warns(results));
    assert_true(fold_result(results, "effective_items")->headline);
    tsr_results_destroy(&results);
    value[ITEMS + 5] = 200; /* less than one in a hundred of all, but a third of the sum of squares */
    results = moments_of(value, ITEMS, true);
    assert_true(fold_value(results, "effective_items", 0) > 1000);
    assert_true(fold_value(results, "largest_weight_share", 0) < 0.01);
    assert_same_double(fold_value(results, "largest_weight_item", 0), 5);
    assert_true(warns(results));
    tsr_results_destroy(&results);
    for (int64_t i = 99; i < ITEMS; i++) value[ITEMS + i] = 0;
    value[ITEMS + 5] = 1;
    results = moments_of(value, ITEMS, true);
    assert_true(warns(results));
    tsr_results_destroy(&results);
    free(value);
}

static void test_wrong_weights_are_refused_by_column_and_item(void **unused) {
    (void)unused;
    static const double wrong[] = {-1e-300, NAN, INFINITY, -INFINITY};
    double *value = weighted_sample(TSR_BLOCK_ITEMS_MAX, 0);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, settings_of("2", true), fields, &folder), TSR_OK);
    for (int k = 0; k < 4; k++) {
        tsr_state *state = fold_state(&folder);
        const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = state};
        value[TSR_BLOCK_ITEMS_MAX + 1000 + k] = wrong[k];
        const tsr_block block = {
            .item = 5000, .items = TSR_BLOCK_ITEMS_MAX, .stride = TSR_BLOCK_ITEMS_MAX, .columns = 2, .data = value};
        char place[40];
        snprintf(place, sizeof(place), "item %d has the weight", 6000 + k);
        tsr_error_clear();
        assert_int_equal(tsr_tally_moments.begin_tile(&fold), TSR_OK);
        assert_int_equal(tsr_tally_moments.add_block(&fold, &block), TSR_ENUMERIC);
        assert_non_null(strstr(tsr_error_get()->message, "in column 'likelihood'"));
        assert_non_null(strstr(tsr_error_get()->message, place));
        value[TSR_BLOCK_ITEMS_MAX + 1000 + k] = -0.0;
        tsr_state_destroy(&state);
    }
    fold_close(&folder);
    free(value);
}

static void test_weights_that_sum_to_infinity_are_no_defect(void **unused) {
    (void)unused;
    double *value = weighted_sample(100, 0);
    for (int64_t i = 0; i < 100; i++) value[100 + i] = DBL_MAX;
    tsr_results *results = moments_of(value, 100, true);
    assert_true(isnan(fold_value(results, "mean", 0)) && isnan(fold_error(results, "mean", 0)));
    tsr_results_destroy(&results);
    for (int64_t i = 0; i < 100; i++) value[100 + i] = 1e200;
    results = moments_of(value, 100, true);
    assert_true(isfinite(fold_value(results, "mean", 0)));
    assert_true(isnan(fold_error(results, "mean", 0)));
    tsr_results_destroy(&results);
    for (int64_t i = 0; i < 100; i++) value[100 + i] = DBL_TRUE_MIN;
    results = moments_of(value, 100, true);
    assert_true(isnan(fold_error(results, "mean", 0)));
    tsr_results_destroy(&results);
    free(value);
}

static void test_any_split_of_the_tiles_gives_the_same_words(void **unused) {
    (void)unused;
    enum { STATES = 4, ROUNDS = 5 };
    double *value = weighted_sample(ITEMS, 3);
    value[ITEMS + 77] = value[ITEMS + 12345] = 9;
    const tsr_table table = {.fields = fields, .columns = 2, .items = ITEMS, .value = value};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, settings_of("4", true), fields, &folder), TSR_OK);
    folder.tile_items = 700;
    folder.block_items = 300;
    int64_t *words[2] = {NULL, NULL}, count[2] = {0, 0};
    uint64_t random = 2;
    for (int round = 0; round < ROUNDS; round++) {
        tsr_state *part[STATES];
        for (int s = 0; s < STATES; s++) part[s] = fold_state(&folder);
        for (int64_t tile = fold_tiles(&folder, &table) - 1; tile >= 0; tile--)
            fold_tile(&folder, &table, tile, part[round == 0 ? 0 : (int)(uniform(&random) * STATES)]);
        for (int s = 0; s < STATES; s++) tsr_tally_moments.settle(folder.model, part[s]);
        for (int s = 1; s < STATES; s++) assert_int_equal(tsr_state_add(part[0], part[s]), TSR_OK);
        tsr_tally_moments.settle(folder.model, part[0]);
        const int which = round > 0;
        count[which] = tsr_state_packed_words(part[0]);
        free(words[which]);
        words[which] = calloc((size_t)count[which], sizeof(*words[which]));
        tsr_state_pack(part[0], words[which]);
        if (round > 0) {
            assert_int_equal(count[0], count[1]);
            assert_memory_equal(words[0], words[1], (size_t)count[0] * sizeof(*words[0]));
        }
        for (int s = 0; s < STATES; s++) tsr_state_destroy(&part[s]);
    }
    free(words[0]);
    free(words[1]);
    fold_close(&folder);
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_weights_give_the_unweighted_results),
        cmocka_unit_test(test_weighted_moments_agree_with_a_thousand_digits),
        cmocka_unit_test(test_a_power_of_two_times_all_weights_changes_nothing),
        cmocka_unit_test(test_whole_weights_are_copies_of_items),
        cmocka_unit_test(test_items_that_weigh_nothing_are_not_there),
        cmocka_unit_test(test_tiles_may_begin_with_items_that_weigh_nothing),
        cmocka_unit_test(test_equal_values_have_no_spread_whatever_their_weights),
        cmocka_unit_test(test_one_item_that_counts_has_a_mean_only),
        cmocka_unit_test(test_a_warning_tells_that_few_items_dominate),
        cmocka_unit_test(test_wrong_weights_are_refused_by_column_and_item),
        cmocka_unit_test(test_weights_that_sum_to_infinity_are_no_defect),
        cmocka_unit_test(test_any_split_of_the_tiles_gives_the_same_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
