/* Moments: the digits that the data hold, from any split of the items, and a plain word where a number is undefined. */
#include "engine/tallies/moments.h"
#include "fold.h"
#include "nist.h"

#include <float.h>
#include <gmp.h>
#include <math.h>

static const tsr_field one_field[] = {{.name = "x", .unit = "EUR", .long_name = "a price"}, {.name = NULL}};

static tsr_table column_of(const double *value, int64_t items) {
    return (tsr_table){.fields = one_field, .columns = 1, .items = items, .value = value};
}

static tsr_results *moments_of(const double *value, int64_t items) {
    const tsr_table table = column_of(value, items);
    return fold_table(&tsr_tally_moments, NULL, &table);
}

static double *doubles(int64_t items) {
    double *value = calloc((size_t)items, sizeof(*value));
    assert_non_null(value);
    return value;
}

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

static void assert_nan(double value) {
    assert_true(isnan(value));
    assert_false(signbit(value)); /* it would print as -nan */
}

/* ---- the same in rational arithmetic: central moments k = 1 .. 4 (the first is the mean), divided by items ---- */

static void exact_moments(const double *value, int64_t items, mpq_t out[5]) {
    mpq_t difference, power, count;
    mpq_inits(difference, power, count, out[0], out[1], out[2], out[3], out[4], NULL);
    mpq_set_si(count, items, 1);
    for (int64_t i = 0; i < items; i++) {
        mpq_set_d(difference, value[i]);
        mpq_add(out[1], out[1], difference);
    }
    mpq_div(out[1], out[1], count);
    for (int64_t i = 0; i < items; i++) {
        mpq_set_d(difference, value[i]);
        mpq_sub(difference, difference, out[1]);
        mpq_set(power, difference);
        for (int k = 2; k <= 4; k++) {
            mpq_mul(power, power, difference);
            mpq_add(out[k], out[k], power);
        }
    }
    for (int k = 2; k <= 4; k++) mpq_div(out[k], out[k], count);
    mpq_clears(difference, power, count, NULL);
}

static void assert_moments_are_near(const double *value, int64_t items, double relative) {
    mpq_t moment[5];
    exact_moments(value, items, moment);
    const double n = (double)items, m2 = mpq_get_d(moment[2]), m3 = mpq_get_d(moment[3]), m4 = mpq_get_d(moment[4]);
    const double variance = m2 * n / (n - 1);
    const double variance_error = sqrt((m4 - (n - 3) / (n - 1) * variance * variance) / n);
    tsr_results *results = moments_of(value, items);
    const double mean = fold_value(results, "mean", 0);
    assert_true(fabs(mean - mpq_get_d(moment[1])) <= relative * sqrt(m2) + 0x1p-53 * fabs(mean));
    assert_near(fold_value(results, "variance", 0), variance, relative);
    assert_near(fold_value(results, "sd", 0), sqrt(variance), relative);
    assert_near(fold_error(results, "mean", 0), sqrt(variance / n), relative);
    assert_near(fold_error(results, "variance", 0), variance_error, 1e-9);
    assert_near(fold_error(results, "sd", 0), variance_error / (2 * sqrt(variance)), 1e-9);
    assert_true(fabs(fold_value(results, "skewness", 0) - m3 / pow(m2, 1.5)) <= 1e-12);
    assert_true(fabs(fold_value(results, "kurtosis", 0) - (m4 / (m2 * m2) - 3)) <= 1e-12);
    mpq_clears(moment[0], moment[1], moment[2], moment[3], moment[4], NULL);
    tsr_results_destroy(&results);
}

/* ---- NIST ---- */

/* Number of right digits. */
static double lre(double value, double certified) {
    return value == certified ? 16 : -log10(fabs(value - certified) / fabs(certified));
}

typedef struct {
    const char *name;
    double mean, sd;             /* certified */
    double exact_mean, exact_sd; /* of the doubles nearest to the decimal data, rounded once */
    double mean_cap, sd_cap;     /* digits that these doubles allow */
} certified;

static void assert_certified(const certified *set, const double *value, int64_t items) {
    tsr_results *results = moments_of(value, items);
    const double mean = fold_value(results, "mean", 0), sd = fold_value(results, "sd", 0);
    print_message("%-8s LRE mean %.1f sd %.1f\n", set->name, lre(mean, set->mean), lre(sd, set->sd));
    assert_same_double(mean, set->exact_mean);
    assert_near(sd, set->exact_sd, 0x1p-52);
    assert_true(lre(mean, set->mean) >= set->mean_cap - 0.1);
    assert_true(lre(sd, set->sd) >= set->sd_cap - 0.1);
    tsr_results_destroy(&results);
}

static void test_nist_observations_give_all_digits_they_hold(void **unused) {
    (void)unused;
    static const certified lew = {
        "Lew", -177.435000000000, 277.332168044316, -0x1.62deb851eb852p+7, 0x1.155508f7071d3p+8, 15, 14.8};
    static const certified lottery = {
        "Lottery", 518.958715596330, 291.699727470969, 0x1.037ab7315233bp+9, 0x1.23b32156ebecdp+8, 14.8, 14.8};
    static const certified mavro = {
        "Mavro", 2.00185600000000, 0.000429123454003053, 0x1.003cd141a6938p+1, 0x1.c1f7f336d83c5p-12, 15, 13.1};
    static const certified michelso = {
        "Michelso", 299.852400000000, 0.0790105478190518, 0x1.2bda36e2eb1c4p+8, 0x1.43a0906ebff75p-4, 15, 13.8};
    static const certified pi_digits = {
        "PiDigits", 4.53480000000000, 2.86733906028871, 0x1.223a29c779a6bp+2, 0x1.6f04f7613ddf3p+1, 15, 14.8};
    double value[NIST_PI_DIGITS];
    for (int i = 0; i < 200; i++) value[i] = nist_lew[i];
    assert_certified(&lew, value, 200);
    for (int i = 0; i < 218; i++) value[i] = nist_lottery[i];
    assert_certified(&lottery, value, 218);
    for (int i = 0; i < 50; i++) value[i] = nist_mavro[i] / 1e5;
    assert_certified(&mavro, value, 50);
    for (int i = 0; i < 100; i++) value[i] = nist_michelso[i] / 1e2;
    assert_certified(&michelso, value, 100);
    nist_pi_digits(value);
    assert_certified(&pi_digits, value, NIST_PI_DIGITS);
}

static void test_nist_numacc_gives_all_digits_it_holds(void **unused) {
    (void)unused;
    static const double numacc1[] = {10000001, 10000003, 10000002};
    static const certified set[] = {
        {"NumAcc1", 10000002, 1, 10000002, 1, 16, 16},
        {"NumAcc2", 1.2, 0.1, 0x1.3333333333333p+0, 0x1.9999999999998p-4, 15, 14.8},
        {"NumAcc3", 1000000.2, 0.1, 0x1.e848066666666p+19, 0x1.9999999c00000p-4, 15, 9.5},
        {"NumAcc4", 10000000.2, 0.1, 0x1.312d006666666p+23, 0x1.999999c000000p-4, 15, 8.3},
    };
    static const int64_t base[] = {0, 1, 1000000, 10000000};
    assert_certified(&set[0], numacc1, 3);
    double value[1001];
    for (int s = 1; s < 4; s++) {
        for (int i = 0; i < 1001; i++) value[i] = nist_numacc(base[s], i);
        assert_certified(&set[s], value, 1001);
    }
}

static void test_numacc_pattern_keeps_its_digits_at_any_length(void **unused) {
    (void)unused;
    enum { LONGEST = 1000001 };
    double *value = doubles(LONGEST);
    for (int64_t i = 0; i < LONGEST; i++) value[i] = nist_numacc(10000000, i);
    for (int64_t items = 1001; items <= LONGEST; items = (items - 1) * 10 + 1) {
        tsr_results *results = moments_of(value, items);
        assert_same_double(fold_value(results, "mean", 0), 0x1.312d006666666p+23);
        assert_near(fold_value(results, "sd", 0), 0x1.999999c000000p-4, 0x1p-52);
        assert_true(lre(fold_value(results, "sd", 0), 0.1) >= 8.2);
        tsr_results_destroy(&results);
    }
    free(value);
}

/* ---- accuracy ---- */

static void test_moments_agree_with_rational_arithmetic(void **unused) {
    (void)unused;
    enum { ITEMS = 40000 };
    double *value = doubles(ITEMS);
    uint64_t state = 1;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = -log(uniform(&state));
    static const int64_t lengths[] = {2, 3, 31, 32, 33, 255, 1000, 1025, 16384, 16385, ITEMS};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) assert_moments_are_near(value, lengths[l], 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] += 1e12;
    assert_moments_are_near(value, ITEMS, 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 1e-70 * uniform(&state) - 1e-72;
    assert_moments_are_near(value, ITEMS, 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 1e70 * uniform(&state);
    assert_moments_are_near(value, ITEMS, 1e-14);
    free(value);
}

static void test_three_neighbouring_doubles_have_their_variance(void **unused) {
    (void)unused;
    static const double value[] = {1e16, 1e16 + 2, 1e16 + 4};
    tsr_results *results = moments_of(value, 3);
    assert_same_double(fold_value(results, "mean", 0), 1e16 + 2);
    assert_same_double(fold_value(results, "variance", 0), 4);
    tsr_results_destroy(&results);
}

static void test_a_tile_that_leaves_its_centre_keeps_its_digits(void **unused) {
    (void)unused;
    enum { ITEMS = 20000 };
    double *value = doubles(ITEMS);
    uint64_t state = 2;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = (i < 1024 ? 1e6 : 0) + 1e-3 * uniform(&state);
    assert_moments_are_near(value, ITEMS, 1e-13);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = (double)i + 1e-3 * uniform(&state);
    assert_moments_are_near(value, ITEMS, 1e-13);
    free(value);
}

static void test_small_blocks_are_not_lost_beside_large_ones(void **unused) {
    (void)unused;
    enum { BLOCKS = 16, ITEMS = BLOCKS * TSR_BLOCK_ITEMS_MAX };
    double *value = doubles(ITEMS);
    for (int b = 2; b < BLOCKS - 1; b++) value[b * TSR_BLOCK_ITEMS_MAX + b] = 1;
    value[TSR_BLOCK_ITEMS_MAX] = 0x1p60;
    value[ITEMS - 1] = -0x1p60;
    tsr_results *results = moments_of(value, ITEMS);
    assert_same_double(fold_value(results, "mean", 0), (double)(BLOCKS - 3) / ITEMS);
    tsr_results_destroy(&results);
    free(value);
}

/* ---- any split ---- */

static void test_any_split_of_the_tiles_gives_the_same_words(void **unused) {
    (void)unused;
    enum { ITEMS = 30011, STATES = 5, ROUNDS = 6 };
    double *value = doubles(ITEMS);
    uint64_t state = 3;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = (uniform(&state) - 0.5) * exp2(40 * uniform(&state) - 20);
    value[17] = value[12345] = -1e9;
    const tsr_table table = column_of(value, ITEMS);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, NULL, one_field, &folder), TSR_OK);
    folder.tile_items = 700;
    folder.block_items = 300;
    int64_t *words[2] = {NULL, NULL}, count[2] = {0, 0};
    for (int round = 0; round < ROUNDS; round++) {
        tsr_state *part[STATES];
        for (int s = 0; s < STATES; s++) part[s] = fold_state(&folder);
        const int64_t tiles = fold_tiles(&folder, &table);
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t tile = round % 2 ? tiles - 1 - t : t;
            const int where = round == 0 ? 0 : (int)(uniform(&state) * STATES);
            fold_tile(&folder, &table, tile, part[where]);
        }
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

static void test_order_changes_what_is_told_but_no_bit_of_it(void **unused) {
    (void)unused;
    enum { ITEMS = 5000 };
    double *value = doubles(ITEMS);
    uint64_t state = 4;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 5 + uniform(&state);
    const tsr_table table = column_of(value, ITEMS);
    tsr_results *all = fold_table(&tsr_tally_moments, NULL, &table);
    for (int order = 2; order <= 3; order++) {
        tsr_setting *settings = tree(TSR_MAP, "test", keyed("order", scalar("test:1:1", order == 2 ? "2" : "3")), NULL);
        tsr_results *few = fold_table(&tsr_tally_moments, settings, &table);
        assert_true((tsr_results_find(few, "skewness") != NULL) == (order == 3));
        assert_null(tsr_results_find(few, "kurtosis"));
        assert_null(fold_result(few, "variance")->error);
        assert_null(fold_result(few, "sd")->error);
        for (int r = 0; r < tsr_results_count(few); r++) {
            const tsr_result *result = tsr_results_at(few, r);
            assert_same_double(result->value[0], fold_value(all, result->name, 0));
        }
        tsr_results_destroy(&few);
    }
    tsr_results_destroy(&all);
    free(value);
}

/* ---- special columns ---- */

static void test_equal_values_have_no_spread_at_all(void **unused) {
    (void)unused;
    enum { ITEMS = 20000 };
    static const double constants[] = {0.1, -1.0 / 3, 1e12 + 0.1, 1e300, DBL_MAX, 1e-300, DBL_TRUE_MIN, 0, -0.0};
    double *value = doubles(ITEMS);
    for (size_t k = 0; k < sizeof(constants) / sizeof(constants[0]); k++) {
        for (int64_t i = 0; i < ITEMS; i++) value[i] = constants[k];
        tsr_results *results = moments_of(value, ITEMS);
        assert_same_double(fold_value(results, "mean", 0), constants[k] == 0 ? 0 : constants[k]);
        assert_same_double(fold_value(results, "variance", 0), 0);
        assert_same_double(fold_value(results, "sd", 0), 0);
        assert_same_double(fold_error(results, "mean", 0), 0);
        assert_same_double(fold_error(results, "variance", 0), 0);
        assert_same_double(fold_error(results, "sd", 0), 0);
        assert_nan(fold_value(results, "skewness", 0));
        assert_nan(fold_value(results, "kurtosis", 0));
        assert_same_double(fold_value(results, "minimum", 0), constants[k] == 0 ? 0 : constants[k]);
        assert_same_double(fold_value(results, "minimum_item", 0), 0);
        assert_same_double(fold_value(results, "maximum_item", 0), 0);
        assert_null(tsr_results_find(results, "nonfinite"));
        tsr_results_destroy(&results);
    }
    free(value);
}

static void test_huge_values_have_a_mean_but_no_variance(void **unused) {
    (void)unused;
    enum { ITEMS = 3000 };
    double *value = doubles(ITEMS);
    static const double huge[] = {1e300, DBL_MAX};
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < ITEMS; i++) value[i] = i % 3 ? huge[k] : -huge[k];
        tsr_results *results = moments_of(value, ITEMS);
        assert_near(fold_value(results, "mean", 0), huge[k] / 3, 0x1p-52);
        assert_nan(fold_error(results, "mean", 0));
        assert_nan(fold_value(results, "variance", 0));
        assert_nan(fold_value(results, "sd", 0));
        assert_nan(fold_value(results, "skewness", 0));
        assert_nan(fold_value(results, "kurtosis", 0));
        assert_same_double(fold_value(results, "maximum", 0), huge[k]);
        assert_null(tsr_results_find(results, "nonfinite"));
        tsr_results_destroy(&results);
    }
    free(value);
}

static void test_a_tile_whose_differences_overflow_has_its_mean(void **unused) {
    (void)unused;
    enum { ITEMS = 16384 };
    double *value = doubles(ITEMS);
    for (int64_t i = TSR_BLOCK_ITEMS_MAX; i < ITEMS; i++) value[i] = 0x1p1013; /* a block's sum is finite */
    tsr_results *results = moments_of(value, ITEMS);
    assert_same_double(fold_value(results, "mean", 0), 0x1p1013 / 16 * 15);
    assert_nan(fold_value(results, "variance", 0));
    assert_null(tsr_results_find(results, "nonfinite"));
    tsr_results_destroy(&results);
    free(value);
}

static void test_powers_out_of_range_are_left_out_one_by_one(void **unused) {
    (void)unused;
    static const struct {
        double scale;
        int told; /* the highest power */
    } cases[] = {{1e-160, 1}, {1e-140, 2}, {1e-90, 3}, {1e-70, 4}, {1e70, 4}, {1e97, 3}, {1e140, 2}, {1e160, 1}};
    double value[100];
    for (int i = 0; i < 100; i++) value[i] = i * i;
    tsr_results *plain = moments_of(value, 100);
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        for (int i = 0; i < 100; i++) value[i] = cases[k].scale * (i * i);
        tsr_results *results = moments_of(value, 100);
        static const char *const names[] = {"mean", "sd", "skewness", "kurtosis"};
        for (int power = 1; power <= 4; power++) {
            const double found = fold_value(results, names[power - 1], 0);
            const double scale = power <= 2 ? cases[k].scale : 1;
            if (power > cases[k].told) {
                assert_nan(found);
            } else {
                assert_near(found / scale, fold_value(plain, names[power - 1], 0), 1e-13);
            }
        }
        tsr_results_destroy(&results);
    }
    tsr_results_destroy(&plain);
}

static void test_one_item_has_a_mean_without_error(void **unused) {
    (void)unused;
    const double value = 0.1;
    tsr_results *results = moments_of(&value, 1);
    assert_same_double(fold_value(results, "items", 0), 1);
    assert_same_double(fold_value(results, "mean", 0), 0.1);
    assert_nan(fold_error(results, "mean", 0));
    assert_nan(fold_value(results, "variance", 0));
    assert_nan(fold_error(results, "sd", 0));
    assert_same_double(fold_value(results, "minimum", 0), 0.1);
    tsr_results_destroy(&results);
    results = moments_of(&value, 0);
    assert_same_double(fold_value(results, "items", 0), 0);
    assert_nan(fold_value(results, "mean", 0));
    assert_nan(fold_value(results, "maximum", 0));
    assert_nan(fold_value(results, "minimum", 0));
    assert_same_double(fold_value(results, "maximum_item", 0), -1);
    tsr_results_destroy(&results);
}

static void test_nan_and_infinities_are_counted_and_told(void **unused) {
    (void)unused;
    enum { ITEMS = 20000 };
    double *value = doubles(ITEMS);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = (double)(i % 100);
    static const int64_t places[] = {0, 5000, 19999};
    for (size_t p = 0; p < 3; p++) {
        value[places[p]] = p == 1 ? INFINITY : NAN;
        tsr_results *results = moments_of(value, ITEMS);
        assert_same_double(fold_value(results, "nonfinite", 0), (double)(p + 1));
        assert_nan(fold_value(results, "mean", 0));
        assert_nan(fold_value(results, "variance", 0));
        assert_nan(fold_value(results, "kurtosis", 0));
        assert_same_double(fold_value(results, "items", 0), ITEMS);
        assert_same_double(fold_value(results, "minimum", 0), 0);
        assert_same_double(fold_value(results, "minimum_item", 0), 100);
        assert_same_double(fold_value(results, "maximum_item", 0), p == 0 ? 99 : 5000);
        tsr_results_destroy(&results);
    }
    for (int64_t i = 0; i < ITEMS; i++) value[i] = NAN;
    tsr_results *results = moments_of(value, ITEMS);
    assert_same_double(fold_value(results, "nonfinite", 0), ITEMS);
    assert_same_double(fold_value(results, "minimum_item", 0), -1);
    tsr_results_destroy(&results);
    free(value);
}

static void test_extremes_name_the_first_item_that_has_them(void **unused) {
    (void)unused;
    enum { ITEMS = 40000 };
    double *value = doubles(ITEMS);
    uint64_t state = 5;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = floor(uniform(&state) * 50) - 25;
    value[33333] = value[20001] = 77;
    value[39999] = value[1024] = -77;
    const tsr_table table = column_of(value, ITEMS);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, NULL, one_field, &folder), TSR_OK);
    tsr_state *backwards = fold_state(&folder);
    for (int64_t tile = fold_tiles(&folder, &table) - 1; tile >= 0; tile--) fold_tile(&folder, &table, tile, backwards);
    tsr_results *results = fold_solve(&folder, backwards);
    assert_same_double(fold_value(results, "maximum", 0), 77);
    assert_same_double(fold_value(results, "maximum_item", 0), 20001);
    assert_same_double(fold_value(results, "minimum", 0), -77);
    assert_same_double(fold_value(results, "minimum_item", 0), 1024);
    tsr_results_destroy(&results);
    tsr_state_destroy(&backwards);
    fold_close(&folder);
    free(value);
}

/* ---- several columns ---- */

static void test_columns_are_chosen_labelled_and_have_their_units(void **unused) {
    (void)unused;
    static const tsr_field fields[] = {{.name = "a", .unit = "EUR", .long_name = ""},
                                       {.name = "b", .unit = "1", .long_name = ""},
                                       {.name = "c", .unit = "m/s", .long_name = ""},
                                       {.name = NULL}};
    static const double value[] = {1, 2, 3, /* b */ 10, 20, 60, /* c */ -5, -5, -5};
    const tsr_table table = {.fields = fields, .columns = 3, .items = 3, .value = value};
    tsr_setting *settings =
        tree(TSR_LIST, "test:1:1", scalar("test:1:2", "c"), scalar("test:1:5", "a"), scalar("test:1:8", "b"), NULL);
    tsr_results *results = fold_table(&tsr_tally_moments, settings, &table);
    const tsr_result *mean = fold_result(results, "mean"), *variance = fold_result(results, "variance");
    assert_int_equal(mean->dimensions, 1);
    assert_string_equal(mean->dimension[0].name, "column");
    assert_int_equal(mean->dimension[0].length, 3);
    assert_string_equal(mean->dimension[0].labels[0], "c");
    assert_string_equal(mean->units[1], "EUR");
    assert_string_equal(variance->units[0], "(m/s)^2");
    assert_string_equal(variance->units[1], "EUR^2");
    assert_string_equal(variance->units[2], "1");
    assert_same_double(mean->value[0], -5);
    assert_same_double(mean->value[1], 2);
    assert_same_double(mean->value[2], 30);
    assert_same_double(variance->value[2], 700);
    assert_true(mean->headline && fold_result(results, "sd")->headline && !variance->headline);
    assert_true(fold_result(results, "items")->integer && fold_result(results, "minimum_item")->integer);
    tsr_results_destroy(&results);
}

static void test_columns_that_do_not_exist_are_refused(void **unused) {
    (void)unused;
    static const tsr_field fields[] = {{.name = "price", .unit = "EUR", .long_name = ""},
                                       {.name = "rate", .unit = "1", .long_name = ""},
                                       {.name = NULL}};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, scalar("job.yaml:3:5", "prices"), fields, &folder), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "job.yaml:3:5"));
    assert_non_null(strstr(tsr_error_get()->message, "there is no column 'prices'; did you mean 'price'?"));
    tsr_params_destroy(&folder.params);
    tsr_setting *twice =
        tree(TSR_LIST, "job.yaml:4:1", scalar("job.yaml:4:2", "rate"), scalar("job.yaml:4:8", "rate"), NULL);
    assert_int_equal(fold_open(&tsr_tally_moments, twice, fields, &folder), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "column 'rate' is given twice"));
    tsr_params_destroy(&folder.params);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nist_observations_give_all_digits_they_hold),
        cmocka_unit_test(test_nist_numacc_gives_all_digits_it_holds),
        cmocka_unit_test(test_numacc_pattern_keeps_its_digits_at_any_length),
        cmocka_unit_test(test_moments_agree_with_rational_arithmetic),
        cmocka_unit_test(test_three_neighbouring_doubles_have_their_variance),
        cmocka_unit_test(test_a_tile_that_leaves_its_centre_keeps_its_digits),
        cmocka_unit_test(test_small_blocks_are_not_lost_beside_large_ones),
        cmocka_unit_test(test_any_split_of_the_tiles_gives_the_same_words),
        cmocka_unit_test(test_order_changes_what_is_told_but_no_bit_of_it),
        cmocka_unit_test(test_equal_values_have_no_spread_at_all),
        cmocka_unit_test(test_huge_values_have_a_mean_but_no_variance),
        cmocka_unit_test(test_a_tile_whose_differences_overflow_has_its_mean),
        cmocka_unit_test(test_powers_out_of_range_are_left_out_one_by_one),
        cmocka_unit_test(test_one_item_has_a_mean_without_error),
        cmocka_unit_test(test_nan_and_infinities_are_counted_and_told),
        cmocka_unit_test(test_extremes_name_the_first_item_that_has_them),
        cmocka_unit_test(test_columns_are_chosen_labelled_and_have_their_units),
        cmocka_unit_test(test_columns_that_do_not_exist_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
