/* Covariance: what rational arithmetic says, the same variance as the moments, from any split of the items. */
#include "engine/tallies/covariance.h"
#include "engine/tallies/moments.h"
#include "fold.h"

#include <float.h>
#include <gmp.h>
#include <math.h>

enum { COLUMNS = 9, ITEMS = 5000 };

static const tsr_field fields[COLUMNS + 1] = {
    {.name = "a", .unit = "EUR", .long_name = ""}, {.name = "b", .unit = "EUR", .long_name = ""},
    {.name = "c", .unit = "EUR", .long_name = ""}, {.name = "d", .unit = "EUR", .long_name = ""},
    {.name = "e", .unit = "EUR", .long_name = ""}, {.name = "f", .unit = "EUR", .long_name = ""},
    {.name = "g", .unit = "EUR", .long_name = ""}, {.name = "h", .unit = "EUR", .long_name = ""},
    {.name = "i", .unit = "EUR", .long_name = ""}, {.name = NULL}};

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

static void assert_nan(double value) {
    assert_true(isnan(value));
    assert_false(signbit(value));
}

/* Correlated columns far from zero, each in its own size. */
static double *correlated(void) {
    double *value = calloc((size_t)COLUMNS * ITEMS, sizeof(*value));
    assert_non_null(value);
    uint64_t state = 1;
    for (int64_t i = 0; i < ITEMS; i++) {
        const double common = uniform(&state);
        for (int c = 0; c < COLUMNS; c++) value[c * ITEMS + i] = exp10(c - 4) * (1e5 * c + common + uniform(&state));
    }
    return value;
}

static tsr_table table_of(const double *value, int64_t items) {
    return (tsr_table){.fields = fields, .columns = COLUMNS, .items = items, .value = value};
}

static tsr_setting *first_columns(int count) {
    tsr_setting *list = tree(TSR_LIST, "test", NULL);
    list->child = calloc((size_t)count, sizeof(*list->child)); // NOLINT
    for (int c = 0; c < count; c++) list->child[list->count++] = scalar("test", fields[c].name);
    return list;
}

/* out = sum over items of (x - mean x) (y - mean y), divided by items - 1 */
static double exact_covariance(const double *x, const double *y, int64_t items) {
    mpq_t sum_x, sum_y, sum_xy, a, b;
    mpq_inits(sum_x, sum_y, sum_xy, a, b, NULL);
    for (int64_t i = 0; i < items; i++) {
        mpq_set_d(a, x[i]);
        mpq_set_d(b, y[i]);
        mpq_add(sum_x, sum_x, a);
        mpq_add(sum_y, sum_y, b);
        mpq_mul(a, a, b);
        mpq_add(sum_xy, sum_xy, a);
    }
    mpq_mul(a, sum_x, sum_y);
    mpq_set_si(b, items, 1);
    mpq_div(a, a, b);
    mpq_sub(a, sum_xy, a);
    mpq_set_si(b, items - 1, 1);
    mpq_div(a, a, b);
    const double covariance = mpq_get_d(a);
    mpq_clears(sum_x, sum_y, sum_xy, a, b, NULL);
    return covariance;
}

static void test_covariances_agree_with_rational_arithmetic(void **unused) {
    (void)unused;
    double *value = correlated();
    static const int64_t lengths[] = {2, 3, 40, 1024, 1025, ITEMS};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
        const int64_t items = lengths[l];
        tsr_table table = table_of(value, ITEMS);
        tsr_folder folder;
        assert_int_equal(fold_open(&tsr_tally_covariance, NULL, fields, &folder), TSR_OK);
        folder.tile_items = 3000;
        double *head = calloc((size_t)(COLUMNS * items), sizeof(*head));
        for (int c = 0; c < COLUMNS; c++) memcpy(head + c * items, value + c * ITEMS, (size_t)items * sizeof(*head));
        table = table_of(head, items);
        tsr_state *state = fold_state(&folder);
        for (int64_t tile = 0; tile < fold_tiles(&folder, &table); tile++) fold_tile(&folder, &table, tile, state);
        tsr_results *results = fold_solve(&folder, state);
        for (int a = 0; a < COLUMNS; a++)
            for (int b = 0; b < COLUMNS; b++) {
                const double *x = head + a * items, *y = head + b * items;
                const double exact = exact_covariance(x, y, items);
                const double scale = sqrt(exact_covariance(x, x, items)) * sqrt(exact_covariance(y, y, items));
                assert_true(fabs(fold_value(results, "covariance", a * COLUMNS + b) - exact) <= 1e-14 * scale);
                assert_true(fabs(fold_value(results, "correlation", a * COLUMNS + b) - exact / scale) <= 1e-14);
            }
        tsr_results_destroy(&results);
        tsr_state_destroy(&state);
        fold_close(&folder);
        free(head);
    }
    free(value);
}

static void test_variances_are_those_of_the_moments_to_the_bit(void **unused) {
    (void)unused;
    double *value = correlated();
    const tsr_table table = table_of(value, ITEMS);
    tsr_results *covariance = fold_table(&tsr_tally_covariance, NULL, &table);
    tsr_results *moments = fold_table(&tsr_tally_moments, NULL, &table);
    for (int c = 0; c < COLUMNS; c++) {
        assert_same_double(fold_value(covariance, "covariance", c * (COLUMNS + 1)), fold_value(moments, "variance", c));
        assert_same_double(fold_error(covariance, "covariance", c * (COLUMNS + 1)), fold_error(moments, "variance", c));
        assert_same_double(fold_value(covariance, "correlation", c * (COLUMNS + 1)), 1);
        assert_same_double(fold_error(covariance, "correlation", c * (COLUMNS + 1)), 0);
    }
    tsr_results_destroy(&covariance);
    tsr_results_destroy(&moments);
    free(value);
}

static void test_a_matrix_of_fewer_columns_is_a_part_of_the_whole(void **unused) {
    (void)unused;
    double *value = correlated();
    const tsr_table table = table_of(value, ITEMS);
    tsr_results *whole = fold_table(&tsr_tally_covariance, NULL, &table);
    for (int columns = 1; columns < COLUMNS; columns++) {
        tsr_results *part = fold_table(&tsr_tally_covariance, first_columns(columns), &table);
        for (int a = 0; a < columns; a++)
            for (int b = 0; b < columns; b++)
                assert_same_double(fold_value(part, "covariance", a * columns + b),
                                   fold_value(whole, "covariance", b * COLUMNS + a));
        tsr_results_destroy(&part);
    }
    tsr_results_destroy(&whole);
    free(value);
}

static void test_any_split_of_the_tiles_gives_the_same_words(void **unused) {
    (void)unused;
    enum { STATES = 3, ROUNDS = 4 };
    double *value = correlated();
    const tsr_table table = table_of(value, ITEMS);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_covariance, first_columns(3), fields, &folder), TSR_OK);
    folder.tile_items = 333;
    folder.block_items = 100;
    int64_t *words[2] = {NULL, NULL}, count[2] = {0, 0};
    uint64_t random = 2;
    for (int round = 0; round < ROUNDS; round++) {
        tsr_state *part[STATES];
        for (int s = 0; s < STATES; s++) part[s] = fold_state(&folder);
        for (int64_t tile = fold_tiles(&folder, &table) - 1; tile >= 0; tile--)
            fold_tile(&folder, &table, tile, part[round == 0 ? 0 : (int)(uniform(&random) * STATES)]);
        for (int s = 0; s < STATES; s++) tsr_tally_covariance.settle(folder.model, part[s]);
        for (int s = 1; s < STATES; s++) assert_int_equal(tsr_state_add(part[0], part[s]), TSR_OK);
        tsr_tally_covariance.settle(folder.model, part[0]);
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

/* ---- special columns: c is changed, a and b are not ---- */

typedef double column_fn(double x, int64_t item);

static double same(double x, int64_t item) {
    (void)x, (void)item;
    return 0.1;
}
static double opposite(double x, int64_t item) {
    (void)item;
    return -4 * x;
}
static double with_nan(double x, int64_t item) { return item == 4321 ? NAN : x; }
static double with_infinity(double x, int64_t item) { return item == 7 ? INFINITY : x; }
static double huge(double x, int64_t item) { return item % 2 ? 1e300 * x : -1e300; }
static double tiny(double x, int64_t item) {
    (void)item;
    return 1e-300 * x;
}

/* Results of columns a, b and a changed copy of a. */
static tsr_results *third_under(const char *errors, column_fn *change) {
    double *value = correlated();
    for (int64_t i = 0; i < ITEMS; i++) value[2 * ITEMS + i] = change(value[i], i);
    const tsr_table table = table_of(value, ITEMS);
    tsr_setting *settings =
        tree(TSR_MAP, "test", keyed("of", first_columns(3)), keyed("errors", scalar("test", errors)), NULL);
    tsr_results *results = fold_table(&tsr_tally_covariance, settings, &table);
    free(value);
    return results;
}

static tsr_results *with_third(column_fn *change) { return third_under("true", change); }

static void test_equal_values_do_not_vary_with_anything(void **unused) {
    (void)unused;
    tsr_results *results = with_third(same);
    for (int c = 0; c < 3; c++) {
        assert_same_double(fold_value(results, "covariance", 6 + c), 0);
        assert_same_double(fold_error(results, "covariance", 6 + c), 0);
        assert_nan(fold_value(results, "correlation", 6 + c));
        assert_nan(fold_error(results, "correlation", 6 + c));
    }
    tsr_results_destroy(&results);
}

static void test_opposite_columns_have_correlation_minus_one(void **unused) {
    (void)unused;
    tsr_results *results = with_third(opposite);
    assert_same_double(fold_value(results, "correlation", 2), -1);
    assert_same_double(fold_value(results, "correlation", 6), -1);
    assert_same_double(fold_error(results, "correlation", 2), 0);
    assert_same_double(fold_value(results, "covariance", 2), -4 * fold_value(results, "covariance", 0));
    tsr_results_destroy(&results);
}

static void assert_nothing_is_told_of_the_third(const char *errors) {
    static column_fn *const changes[] = {with_nan, with_infinity, huge, tiny};
    tsr_results *good = third_under(errors, opposite);
    for (size_t k = 0; k < sizeof(changes) / sizeof(changes[0]); k++) {
        tsr_results *results = third_under(errors, changes[k]);
        for (int c = 0; c < 3; c++) {
            assert_nan(fold_value(results, "covariance", 6 + c));
            assert_nan(fold_value(results, "covariance", 3 * c + 2));
            assert_nan(fold_value(results, "correlation", 6 + c));
        }
        for (int a = 0; a < 2; a++)
            for (int b = 0; b < 2; b++)
                assert_same_double(fold_value(results, "covariance", 3 * a + b),
                                   fold_value(good, "covariance", 3 * a + b));
        tsr_results_destroy(&results);
    }
    tsr_results_destroy(&good);
}

static void test_what_has_no_covariance_is_nan_and_leaves_others_alone(void **unused) {
    (void)unused;
    assert_nothing_is_told_of_the_third("true");
    assert_nothing_is_told_of_the_third("false");
}

static void test_one_item_has_no_covariance(void **unused) {
    (void)unused;
    double *value = correlated();
    for (int64_t items = 0; items < 2; items++) {
        const tsr_table table = table_of(value, items);
        tsr_results *results = fold_table(&tsr_tally_covariance, NULL, &table);
        assert_nan(fold_value(results, "covariance", 0));
        assert_nan(fold_value(results, "correlation", 1));
        tsr_results_destroy(&results);
    }
    free(value);
}

static void test_both_dimensions_are_labelled_and_units_multiply(void **unused) {
    (void)unused;
    static const tsr_field mixed[] = {{.name = "speed", .unit = "m/s", .long_name = ""},
                                      {.name = "price", .unit = "EUR", .long_name = ""},
                                      {.name = NULL}};
    static const double value[] = {1, 2, 3, 5, 6, 9};
    const tsr_table table = {.fields = mixed, .columns = 2, .items = 3, .value = value};
    tsr_results *results = fold_table(&tsr_tally_covariance, NULL, &table);
    const tsr_result *covariance = fold_result(results, "covariance");
    assert_string_equal(covariance->dimension[0].name, "column");
    assert_string_equal(covariance->dimension[1].name, "other");
    assert_string_equal(covariance->dimension[1].labels[1], "price");
    assert_string_equal(covariance->units[0], "m/s x unit of other");
    assert_same_double(covariance->value[1], 2);
    assert_same_double(covariance->value[2], 2);
    tsr_results_destroy(&results);
    results = fold_table(&tsr_tally_covariance, scalar("test", "speed"), &table);
    assert_string_equal(fold_result(results, "covariance")->units[0], "(m/s)^2");
    assert_string_equal(fold_result(results, "correlation")->unit, "1");
    tsr_results_destroy(&results);
}

/* ---- errors ---- */

/* Sums over items of w^p (a - mean a)^i (b - mean b)^j with the digits of a long double about means that are exact to
 * them, which is enough for columns near zero. w: NULL, or [items] */
static void long_sums(const double *a, const double *b, const double *w, int64_t items, int p, double out[5][5]) {
    long double weight = 0, x = 0, y = 0, sum[5][5] = {{0}};
    for (int64_t i = 0; i < items; i++) {
        const long double v = w == NULL ? 1 : w[i];
        weight += v;
        x += v * a[i];
        y += v * b[i];
    }
    for (int64_t i = 0; i < items; i++) {
        const long double v = w == NULL ? 1 : w[i];
        long double first = p == 2 ? v * v : v;
        for (int j = 0; j < 5; j++, first *= a[i] - x / weight) {
            long double term = first;
            for (int k = 0; k < 5; k++, term *= b[i] - y / weight) sum[j][k] += term;
        }
    }
    for (int j = 0; j < 5; j++)
        for (int k = 0; k < 5; k++) out[j][k] = (double)(sum[j][k] / (p == 2 ? weight * weight : weight));
}

/* Skewed columns that depend on each other in a way that is no straight line, and weights. */
enum { SAMPLE = 3000 };
static const tsr_field sample_fields[] = {{.name = "a", .unit = "EUR", .long_name = ""},
                                          {.name = "b", .unit = "m", .long_name = ""},
                                          {.name = "w", .unit = "1", .long_name = ""},
                                          {.name = NULL}};

static double *skewed(bool weighted) {
    double *value = calloc((size_t)(3 * SAMPLE), sizeof(*value));
    assert_non_null(value);
    uint64_t state = 7;
    for (int64_t i = 0; i < SAMPLE; i++) {
        value[i] = -log(uniform(&state));
        value[SAMPLE + i] = value[i] * value[i] - 3 * log(uniform(&state));
        value[2 * SAMPLE + i] = !weighted ? 1 : i % 5 == 0 ? 0 : uniform(&state) * (1 + value[i]);
    }
    return value;
}

static tsr_results *sample_results(const double *value, const char *weight, const char *errors) {
    const tsr_table table = {.fields = sample_fields, .columns = 3, .items = SAMPLE, .value = value};
    tsr_setting *of = tree(TSR_LIST, "test", scalar("test", "a"), scalar("test", "b"), NULL);
    tsr_setting *settings = tree(TSR_MAP, "test", keyed("of", of), keyed("weight", scalar("test", weight)),
                                 keyed("errors", scalar("test", errors)), NULL);
    return fold_table(&tsr_tally_covariance, settings, &table);
}

static void assert_near(double value, double expected, double relative) {
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not within %g of %.17g", value, relative, expected);
}

/* The law of a covariance: Kendall and Stuart 1, 13.3; of a correlation to first order: 10.8. */
static void test_errors_are_those_of_the_textbook(void **unused) {
    (void)unused;
    double *value = skewed(false), m[5][5];
    long_sums(value, value + SAMPLE, NULL, SAMPLE, 1, m);
    const double n = SAMPLE, unbiased = n / (n - 1), s11 = m[1][1] * unbiased;
    const double s20 = m[2][0] * unbiased, s02 = m[0][2] * unbiased, r = m[1][1] / sqrt(m[2][0] * m[0][2]);
    const double covariance = (m[2][2] + s20 * s02 / (n - 1) - s11 * s11 * (n - 2) / (n - 1)) / n;
    const double correlation =
        r * r / n *
        (m[2][2] / (m[1][1] * m[1][1]) +
         0.25 * (m[4][0] / (m[2][0] * m[2][0]) + m[0][4] / (m[0][2] * m[0][2]) + 2 * m[2][2] / (m[2][0] * m[0][2])) -
         m[3][1] / (m[1][1] * m[2][0]) - m[1][3] / (m[1][1] * m[0][2]));
    tsr_results *results = sample_results(value, "", "true");
    assert_near(fold_value(results, "covariance", 1), s11, 1e-13);
    assert_near(fold_value(results, "correlation", 2), r, 1e-13);
    assert_near(fold_error(results, "covariance", 1), sqrt(covariance), 1e-12);
    assert_near(fold_error(results, "correlation", 1), sqrt(correlation), 1e-12);
    assert_same_double(fold_error(results, "correlation", 2), fold_error(results, "correlation", 1));
    tsr_results_destroy(&results);
    free(value);
}

static void test_weighted_covariances_and_errors_are_those_of_the_formulas(void **unused) {
    (void)unused;
    double *value = skewed(true), m[5][5], q[5][5];
    const double *weight = value + 2 * SAMPLE;
    for (int64_t i = 0; i < SAMPLE; i += 5) assert_true(weight[i] == 0);
    long_sums(value, value + SAMPLE, weight, SAMPLE, 1, m);
    long_sums(value, value + SAMPLE, weight, SAMPLE, 2, q);
    const double effective = 1 / q[0][0], r = m[1][1] / sqrt(m[2][0] * m[0][2]), scale = m[2][0] * m[0][2];
    const double covariance = q[2][2] - 2 * m[1][1] * q[1][1] + m[1][1] * m[1][1] * q[0][0];
    const double left = 0.5 * m[1][1] / m[2][0], right = 0.5 * m[1][1] / m[0][2];
    const double correlation = (q[2][2] + left * left * q[4][0] + right * right * q[0][4] - 2 * left * q[3][1] -
                                2 * right * q[1][3] + 2 * left * right * q[2][2]) /
                               scale;
    value[5] = NAN; /* weighs nothing */
    tsr_results *results = sample_results(value, "w", "true");
    assert_near(fold_value(results, "covariance", 1), m[1][1] * effective / (effective - 1), 1e-13);
    assert_near(fold_value(results, "correlation", 2), r, 1e-13);
    assert_near(fold_error(results, "covariance", 1), sqrt(covariance), 4 / effective);
    assert_near(fold_error(results, "correlation", 1), sqrt(correlation), 1e-11);
    assert_near(fold_value(results, "covariance_effective_items", 0), effective, 1e-13);
    assert_null(tsr_results_find(results, "covariance_nonfinite"));
    tsr_results_destroy(&results);
    free(value);
}

static void test_weights_of_one_give_the_unweighted_matrix(void **unused) {
    (void)unused;
    double *value = skewed(false);
    tsr_results *plain = sample_results(value, "", "true"), *weighted = sample_results(value, "w", "true");
    for (int k = 0; k < 4; k++) {
        static const char *const names[] = {"covariance", "correlation"};
        for (int n = 0; n < 2; n++) {
            assert_near(fold_value(weighted, names[n], k), fold_value(plain, names[n], k), 1e-14);
            assert_near(fold_error(weighted, names[n], k), fold_error(plain, names[n], k), 1e-12);
        }
    }
    tsr_results_destroy(&weighted);
    tsr_results_destroy(&plain);
    free(value);
}

static void test_a_power_of_two_times_all_weights_changes_nothing(void **unused) {
    (void)unused;
    double *value = skewed(true);
    tsr_results *plain = sample_results(value, "w", "true");
    for (int64_t i = 0; i < SAMPLE; i++) value[2 * SAMPLE + i] *= 0x1p-100;
    tsr_results *scaled = sample_results(value, "w", "true");
    for (int k = 0; k < 4; k++) {
        assert_same_double(fold_value(scaled, "covariance", k), fold_value(plain, "covariance", k));
        assert_same_double(fold_error(scaled, "covariance", k), fold_error(plain, "covariance", k));
        assert_same_double(fold_error(scaled, "correlation", k), fold_error(plain, "correlation", k));
    }
    tsr_results_destroy(&scaled);
    tsr_results_destroy(&plain);
    free(value);
}

static void test_without_errors_the_matrix_has_the_same_bits(void **unused) {
    (void)unused;
    for (int weighted = 0; weighted < 2; weighted++) {
        double *value = skewed(weighted);
        tsr_results *with = sample_results(value, weighted ? "w" : "", "true");
        tsr_results *without = sample_results(value, weighted ? "w" : "", "false");
        for (int k = 0; k < 4; k++) {
            assert_same_double(fold_value(without, "covariance", k), fold_value(with, "covariance", k));
            assert_same_double(fold_value(without, "correlation", k), fold_value(with, "correlation", k));
        }
        assert_null(fold_result(without, "covariance")->error);
        assert_null(fold_result(without, "correlation")->error);
        tsr_results_destroy(&with);
        tsr_results_destroy(&without);
        free(value);
    }
}

static void test_numbers_that_are_not_finite_are_counted(void **unused) {
    (void)unused;
    double *value = skewed(false);
    value[SAMPLE + 1] = value[SAMPLE + 2500] = NAN;
    value[SAMPLE + 2501] = -INFINITY;
    tsr_results *results = sample_results(value, "", "true");
    assert_same_double(fold_value(results, "covariance_nonfinite", 0), 0);
    assert_same_double(fold_value(results, "covariance_nonfinite", 1), 3);
    tsr_results_destroy(&results);
    free(value);
}

/* Two bands of columns, and patches that are not full at either end. */
static void test_many_columns_have_the_same_bits_without_errors(void **unused) {
    (void)unused;
    enum { MANY = 53, FEW = 1500 };
    tsr_field many[MANY + 1] = {{0}};
    char name[MANY][8];
    double *value = calloc((size_t)MANY * FEW, sizeof(*value));
    for (int c = 0; c < MANY; c++) {
        snprintf(name[c], sizeof(name[c]), "x%d", c);
        many[c] = (tsr_field){.name = name[c], .unit = "1", .long_name = ""};
        for (int i = 0; i < FEW; i++) value[c * FEW + i] = 1e3 + sqrt((i * 7919 + c * 104729) % 1009) * (i % (c + 2));
    }
    const tsr_table table = {.fields = many, .columns = MANY, .items = FEW, .value = value};
    tsr_results *with = fold_table(&tsr_tally_covariance, NULL, &table);
    tsr_setting *settings = tree(TSR_MAP, "test", keyed("errors", scalar("test", "false")), NULL);
    tsr_results *without = fold_table(&tsr_tally_covariance, settings, &table);
    for (int i = 0; i < MANY * MANY; i++) {
        assert_same_double(fold_value(without, "covariance", i), fold_value(with, "covariance", i));
        assert_same_double(fold_value(without, "correlation", i), fold_value(with, "correlation", i));
    }
    tsr_results_destroy(&with);
    tsr_results_destroy(&without);
    free(value);
}

static void test_a_matrix_with_errors_has_a_hundred_columns_at_most(void **unused) {
    (void)unused;
    enum { MANY = 101 };
    tsr_field many[MANY + 1] = {{0}};
    char name[MANY][8];
    for (int c = 0; c < MANY; c++) {
        snprintf(name[c], sizeof(name[c]), "x%d", c);
        many[c] = (tsr_field){.name = name[c], .unit = "1", .long_name = ""};
    }
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_covariance, NULL, many, &folder), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "or give errors: false"));
    tsr_params_destroy(&folder.params);
    tsr_setting *settings = tree(TSR_MAP, "test", keyed("errors", scalar("test", "false")), NULL);
    assert_int_equal(fold_open(&tsr_tally_covariance, settings, many, &folder), TSR_OK);
    fold_close(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_covariances_agree_with_rational_arithmetic),
        cmocka_unit_test(test_variances_are_those_of_the_moments_to_the_bit),
        cmocka_unit_test(test_a_matrix_of_fewer_columns_is_a_part_of_the_whole),
        cmocka_unit_test(test_any_split_of_the_tiles_gives_the_same_words),
        cmocka_unit_test(test_equal_values_do_not_vary_with_anything),
        cmocka_unit_test(test_opposite_columns_have_correlation_minus_one),
        cmocka_unit_test(test_what_has_no_covariance_is_nan_and_leaves_others_alone),
        cmocka_unit_test(test_one_item_has_no_covariance),
        cmocka_unit_test(test_errors_are_those_of_the_textbook),
        cmocka_unit_test(test_weighted_covariances_and_errors_are_those_of_the_formulas),
        cmocka_unit_test(test_weights_of_one_give_the_unweighted_matrix),
        cmocka_unit_test(test_a_power_of_two_times_all_weights_changes_nothing),
        cmocka_unit_test(test_without_errors_the_matrix_has_the_same_bits),
        cmocka_unit_test(test_numbers_that_are_not_finite_are_counted),
        cmocka_unit_test(test_many_columns_have_the_same_bits_without_errors),
        cmocka_unit_test(test_a_matrix_with_errors_has_a_hundred_columns_at_most),
        cmocka_unit_test(test_both_dimensions_are_labelled_and_units_multiply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
