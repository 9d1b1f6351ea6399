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

static tsr_setting *order_setting(const char *order) {
    return tree(TSR_MAP, "test", keyed("order", scalar("test:1:1", order)), NULL);
}

/* All that moments can tell. */
static tsr_results *moments_of(const double *value, int64_t items) {
    const tsr_table table = column_of(value, items);
    return fold_table(&tsr_tally_moments, order_setting("4"), &table);
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

/* ---- the same with a thousand digits: central moments k = 2 .. 8, divided by items; [1] is the mean ---- */

enum { BITS = 1000 };

static void long_moments(const double *value, int64_t items, double out[9]) {
    mpf_t mean, difference, power, sum[9];
    mpf_init2(mean, BITS);
    mpf_init2(difference, BITS);
    mpf_init2(power, BITS);
    for (int k = 0; k <= 8; k++) mpf_init2(sum[k], BITS);
    for (int64_t i = 0; i < items; i++) {
        mpf_set_d(difference, value[i]);
        mpf_add(sum[1], sum[1], difference);
    }
    mpf_div_ui(mean, sum[1], (unsigned long)items);
    for (int64_t i = 0; i < items; i++) {
        mpf_set_d(difference, value[i]);
        mpf_sub(difference, difference, mean);
        mpf_set(power, difference);
        for (int k = 2; k <= 8; k++) {
            mpf_mul(power, power, difference);
            mpf_add(sum[k], sum[k], power);
        }
    }
    for (int k = 1; k <= 8; k++) {
        mpf_div_ui(sum[k], sum[k], (unsigned long)items);
        out[k] = mpf_get_d(sum[k]);
        mpf_clear(sum[k]);
    }
    mpf_clears(sum[0], mean, difference, power, NULL);
}

/* Cramer, Mathematical Methods of Statistics (1946), 27.7.9 and 27.7.10: to first order, of moments in units of sd. */
static double skewness_error(const double m[9], int64_t items) {
    const double sum = 4 * m[6] - 12 * m[3] * m[5] - 24 * m[4] + 9 * m[3] * m[3] * m[4] + 35 * m[3] * m[3] + 36;
    return sqrt(fmax(sum, 0) / (4 * (double)items));
}

static double kurtosis_error(const double m[9], int64_t items) {
    const double third = m[3] * m[3], fourth = m[4] * m[4];
    const double sum =
        m[8] - 4 * m[4] * m[6] - 8 * m[3] * m[5] + 4 * m[4] * fourth - fourth + 16 * third * m[4] + 16 * third;
    return sqrt(fmax(sum, 0) / (double)items);
}

static void standardise(double m[9]) {
    const double sd = sqrt(m[2]);
    double scale = sd;
    for (int k = 2; k <= 8; k++) m[k] /= scale *= sd;
}

static void assert_close(double value, double expected, double absolute) {
    if (!(fabs(value - expected) <= absolute)) fail_msg("%.17g is not within %g of %.17g", value, absolute, expected);
}

static void assert_moments_are_near(const double *value, int64_t items, double relative) {
    double m[9];
    long_moments(value, items, m);
    const double n = (double)items, m2 = m[2], variance = m2 * n / (n - 1);
    const double variance_error = sqrt((m[4] - (n - 3) / (n - 1) * variance * variance) / n);
    tsr_results *results = moments_of(value, items);
    const double mean = fold_value(results, "mean", 0);
    assert_close(mean, m[1], relative * sqrt(m2) + 0x1p-53 * fabs(mean));
    assert_near(fold_value(results, "variance", 0), variance, relative);
    assert_near(fold_value(results, "sd", 0), sqrt(variance), relative);
    assert_near(fold_error(results, "mean", 0), sqrt(variance / n), relative);
    assert_near(fold_error(results, "variance", 0), variance_error, 1e-9);
    assert_near(fold_error(results, "sd", 0), variance_error / (2 * sqrt(variance)), 1e-9);
    standardise(m);
    assert_close(fold_value(results, "skewness", 0), m[3], 1e-12);
    assert_close(fold_value(results, "kurtosis", 0), m[4] - 3, 1e-12);
    const double few = items < 10 ? 1e-6 : 1e-10; /* two and three items have errors that cancel to nothing */
    assert_close(fold_error(results, "skewness", 0), skewness_error(m, items), few);
    assert_close(fold_error(results, "kurtosis", 0), kurtosis_error(m, items), few * m[4]);
    tsr_results_destroy(&results);
}

/* ---- NIST ---- */

typedef struct {
    const char *name;
    double mean, sd;             /* certified */
    double exact_mean, exact_sd; /* of the doubles nearest to the decimal data, rounded once */
    double mean_cap, sd_cap;     /* digits that these doubles allow */
} certified;

static void assert_certified(const certified *set, const double *value, int64_t items) {
    tsr_results *results = moments_of(value, items);
    const double mean = fold_value(results, "mean", 0), sd = fold_value(results, "sd", 0);
    print_message("%-8s LRE mean %.1f sd %.1f\n", set->name, nist_lre(mean, set->mean), nist_lre(sd, set->sd));
    assert_same_double(mean, set->exact_mean);
    assert_near(sd, set->exact_sd, 0x1p-52);
    assert_true(nist_lre(mean, set->mean) >= set->mean_cap - 0.1);
    assert_true(nist_lre(sd, set->sd) >= set->sd_cap - 0.1);
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

/* Tiles and blocks of any size, and tiles in any order. */
static tsr_results *moments_of_split(const double *value, int64_t items, int64_t tile_items, int64_t block_items) {
    const tsr_table table = column_of(value, items);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, NULL, one_field, &folder), TSR_OK);
    folder.tile_items = tile_items;
    folder.block_items = block_items;
    tsr_state *state = fold_state(&folder);
    for (int64_t tile = fold_tiles(&folder, &table) - 1; tile >= 0; tile--) fold_tile(&folder, &table, tile, state);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static void test_numacc_patterns_keep_their_digits_at_any_length_and_split(void **unused) {
    (void)unused;
    enum { LONGEST = 1000001 };
    static const int64_t splits[][2] = {{16384, 1024}, {1000, 333}, {LONGEST, 1024}, {77777, 1000}};
    double *value = doubles(LONGEST);
    for (int set = 0; set < NIST_PATTERNS; set++) {
        const nist_pattern pattern = nist_numacc_pattern(set);
        for (int64_t i = 0; i < LONGEST; i++) value[i] = pattern.value[i == 0 ? 0 : 1 + (i + 1) % 2];
        for (int64_t items = 1001; items <= LONGEST; items = (items - 1) * 10 + 1) {
            mpq_t mean, variance;
            mpq_inits(mean, variance, NULL);
            nist_exact(&pattern, items, mean, variance);
            double fewest[2] = {16, 16};
            for (size_t s = 0; s < sizeof(splits) / sizeof(splits[0]); s++) {
                tsr_results *results = moments_of_split(value, items, splits[s][0], splits[s][1]);
                const double found = fold_value(results, "mean", 0), sd = fold_value(results, "sd", 0);
                assert_true(nist_distance(found, mean, false) <= 0.501);
                assert_true(nist_distance(sd, variance, true) <= 1.01);
                fewest[0] = fmin(fewest[0], nist_lre(found, pattern.mean));
                fewest[1] = fmin(fewest[1], nist_lre(sd, pattern.sd));
                tsr_results_destroy(&results);
            }
            print_message("%s at %7lld rows: LRE mean %.1f sd %.1f\n", pattern.name, (long long)items, fewest[0],
                          fewest[1]);
            assert_true(fewest[0] >= 15 && fewest[1] >= pattern.cap - 0.1);
            mpq_clears(mean, variance, NULL);
        }
    }
    free(value);
}

/* ---- accuracy ---- */

static void test_moments_agree_with_a_thousand_digits(void **unused) {
    (void)unused;
    enum { ITEMS = 40000 };
    double *value = doubles(ITEMS);
    uint64_t state = 1;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = -log(uniform(&state));
    static const int64_t lengths[] = {2, 3, 31, 32, 33, 255, 1000, 1025, 16384, 16385, ITEMS};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) assert_moments_are_near(value, lengths[l], 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] += 1e12;
    assert_moments_are_near(value, ITEMS, 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 1e-35 * uniform(&state) - 1e-37;
    assert_moments_are_near(value, ITEMS, 1e-14);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 1e33 * uniform(&state);
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
    static const char *const name[] = {"mean", "variance", "sd", "skewness", "kurtosis"};
    static const int needs[] = {1, 2, 2, 3, 4};
    double *value = doubles(ITEMS);
    uint64_t state = 4;
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 5 + uniform(&state);
    const tsr_table table = column_of(value, ITEMS);
    tsr_results *all = moments_of(value, ITEMS);
    for (int order = 1; order <= 4; order++) {
        const char text[] = {(char)('0' + order), '\0'};
        tsr_results *few = fold_table(&tsr_tally_moments, order == 2 ? NULL : order_setting(text), &table);
        for (int s = 0; s < 5; s++) {
            assert_true((tsr_results_find(few, name[s]) != NULL) == (order >= needs[s]));
            if (order < needs[s]) continue;
            assert_same_double(fold_value(few, name[s], 0), fold_value(all, name[s], 0));
            assert_same_double(fold_error(few, name[s], 0), fold_error(all, name[s], 0));
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
        assert_nan(fold_error(results, "skewness", 0));
        assert_nan(fold_error(results, "kurtosis", 0));
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

/* A value needs the powers up to its own, its error twice as many. */
static void test_powers_out_of_range_are_left_out_one_by_one(void **unused) {
    (void)unused;
    static const struct {
        double scale;
        int told; /* the highest power */
    } cases[] = {{1e-160, 1}, {1e-140, 2}, {1e-90, 3}, {1e-70, 4}, {1e-61, 5}, {1e-52, 6}, {1e-45, 7}, {1e-40, 8},
                 {1e33, 8},   {1e38, 7},   {1e45, 6},  {1e55, 5},  {1e70, 4},  {1e97, 3},  {1e140, 2}, {1e160, 1}};
    static const struct {
        const char *name;
        int power, error_power;
        bool has_unit;
    } rows[] = {{"mean", 1, 2, true}, {"sd", 2, 4, true}, {"skewness", 3, 6, false}, {"kurtosis", 4, 8, false}};
    double value[100];
    for (int i = 0; i < 100; i++) value[i] = i * i;
    tsr_results *plain = moments_of(value, 100);
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        for (int i = 0; i < 100; i++) value[i] = cases[k].scale * (i * i);
        tsr_results *results = moments_of(value, 100);
        for (int r = 0; r < 4; r++) {
            const double scale = rows[r].has_unit ? cases[k].scale : 1;
            const double found = fold_value(results, rows[r].name, 0), error = fold_error(results, rows[r].name, 0);
            if (rows[r].power > cases[k].told) {
                assert_nan(found);
            } else {
                assert_near(found / scale, fold_value(plain, rows[r].name, 0), 1e-13);
            }
            if (rows[r].error_power > cases[k].told) {
                assert_nan(error);
            } else {
                assert_near(error / scale, fold_error(plain, rows[r].name, 0), 1e-12);
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

static bool warns(const tsr_results *results, const char *name) {
    return strstr(fold_result(results, name)->long_name, "WARNING") != NULL;
}

static void test_a_warning_tells_of_errors_that_rest_on_one_item(void **unused) {
    (void)unused;
    enum { ITEMS = 1000 };
    static const char *const names[] = {"mean", "sd", "skewness", "kurtosis"};
    /* The farthest item among 999 uniform ones, and the highest moment whose error it does not carry. */
    static const struct {
        double farthest;
        int harmless;
    } cases[] = {{0.5, 4}, {0.7, 4}, {0.9, 3}, {1.2, 2}, {1.8, 1}, {4, 1}, {8, 0}};
    double *value = doubles(ITEMS);
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        for (int64_t i = 0; i < ITEMS; i++) value[i] = (double)i / (ITEMS - 1) - 0.5;
        value[500] = cases[k].farthest;
        tsr_results *results = moments_of(value, ITEMS);
        for (int moment = 1; moment <= 4; moment++)
            if (warns(results, names[moment - 1]) != (moment > cases[k].harmless))
                fail_msg("%s with an item at %g", names[moment - 1], cases[k].farthest);
        tsr_results_destroy(&results);
    }
    free(value);
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
        cmocka_unit_test(test_numacc_patterns_keep_their_digits_at_any_length_and_split),
        cmocka_unit_test(test_moments_agree_with_a_thousand_digits),
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
        cmocka_unit_test(test_a_warning_tells_of_errors_that_rest_on_one_item),
        cmocka_unit_test(test_nan_and_infinities_are_counted_and_told),
        cmocka_unit_test(test_extremes_name_the_first_item_that_has_them),
        cmocka_unit_test(test_columns_are_chosen_labelled_and_have_their_units),
        cmocka_unit_test(test_columns_that_do_not_exist_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
