/* The portfolio: its daily returns are a multivariate Student t of the given mean and covariance, days are independent,
 * and one linear day has the VaR and expected shortfall of the textbook. */
#include "drive.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ASSETS = 5, ITEMS = 1 << 16, SEED = 20261121 };
static const double means[ASSETS] = {6e-4, -3e-4, 4e-4, 0, 2e-4};

/* Correlations fall with the distance of two assets; volatilities rise from 1 to 3 % a day. */
static void fill_covariance(double covariance[ASSETS * ASSETS]) {
    for (int i = 0; i < ASSETS; i++)
        for (int j = 0; j < ASSETS; j++)
            covariance[i * ASSETS + j] = 1e-4 * (1.0 + 0.5 * i) * (1.0 + 0.5 * j) * pow(0.6, abs(i - j));
}

static void fill_identity(double covariance[ASSETS * ASSETS]) {
    for (int i = 0; i < ASSETS * ASSETS; i++) covariance[i] = i % (ASSETS + 1) == 0 ? 1.0 : 0.0;
}

typedef struct {
    double weights[ASSETS];
    double mean[ASSETS];
    double covariance[ASSETS * ASSETS];
    double dof;
    double days;
    bool linear;
} market;

static market market_of(double dof, double days, bool linear) {
    market set = {.weights = {0.3, -0.2, 0.5, 0.1, 0.3}, .dof = dof, .days = days, .linear = linear};
    memcpy(set.mean, means, sizeof(means));
    fill_covariance(set.covariance);
    return set;
}

static tsr_setting *settings_of(const market *set, int64_t weights) {
    return tree(TSR_MAP, "test", numbers("weights", weights, set->weights), numbers("mean", ASSETS, set->mean),
                numbers("covariance", (int64_t)ASSETS * ASSETS, set->covariance), number("dof", set->dof),
                number("horizon_days", set->days), keyed("linear", scalar("test", set->linear ? "true" : "false")),
                NULL);
}

/* Losses of the first ITEMS items. */
static double *losses_of(const market *set) {
    tsr_drive drive;
    double *loss = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find("portfolio_t"), settings_of(set, ASSETS), NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive_column(&drive, 0, 0, ITEMS, loss), TSR_OK);
    drive_close(&drive);
    return loss;
}

/* Log returns of one asset over the horizon: the loss of holding -1 of it. */
static double *returns_of(market set, int asset) {
    for (int i = 0; i < ASSETS; i++) set.weights[i] = i == asset ? -1.0 : 0.0;
    set.linear = true;
    return losses_of(&set);
}

static double daily_mean(const market *set) {
    double sum = 0.0;
    for (int i = 0; i < ASSETS; i++) sum += set->weights[i] * set->mean[i];
    return sum;
}

static double daily_variance(const market *set) {
    double sum = 0.0;
    for (int i = 0; i < ASSETS; i++)
        for (int j = 0; j < ASSETS; j++) sum += set->weights[i] * set->weights[j] * set->covariance[i * ASSETS + j];
    return sum;
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Largest distance between the sample's distribution function and the law's, times the root of the sample size: above
 * 1.95 once in a thousand tries (Kolmogorov). Sorts the sample. */
static double distance_to(double *sample, double (*law)(double x, double dof), double dof) {
    double distance = 0.0;
    qsort(sample, ITEMS, sizeof(double), compare);
    for (int64_t i = 0; i < ITEMS; i++) {
        const double expected = law(sample[i], dof);
        distance = fmax(distance, fmax(expected - (double)i / ITEMS, (double)(i + 1) / ITEMS - expected));
    }
    return distance * sqrt(ITEMS);
}

static double length_law(double square, double dof) { return gsl_cdf_fdist_P(square / ASSETS, ASSETS, dof); }

static void test_portfolio_day_is_a_spherical_t_in_every_direction(void **state) {
    (void)state;
    const double dofs[] = {2.5, 30.0};
    for (size_t k = 0; k < sizeof(dofs) / sizeof(*dofs); k++) {
        market set = {.dof = dofs[k], .days = 1};
        fill_identity(set.covariance);
        double *square = calloc(ITEMS, sizeof(double));
        for (int asset = 0; asset < ASSETS; asset++) {
            double *t = returns_of(set, asset);
            for (int64_t i = 0; i < ITEMS; i++) {
                t[i] *= sqrt(set.dof / (set.dof - 2.0));
                square[i] += t[i] * t[i];
            }
            const double distance = distance_to(t, gsl_cdf_tdist_P, set.dof);
            print_message("dof %.1f asset %d: distance %.2f\n", set.dof, asset, distance);
            assert_true(distance < 1.95);
            free(t);
        }
        const double distance = distance_to(square, length_law, set.dof);
        print_message("dof %.1f length: distance %.2f\n", set.dof, distance);
        assert_true(distance < 1.95);
        free(square);
    }
}

static void assert_has_moments(const market *set) {
    double *loss = losses_of(set);
    const tsr_sample sample = sample_of(loss, ITEMS);
    const double mean = -set->days * daily_mean(set), variance = set->days * daily_variance(set);
    /* Excess kurtosis 6 / (dof - 4) of a day; of a sum of days, divided by their number. */
    const double variance_error = variance * sqrt((2.0 + 6.0 / (set->dof - 4.0) / set->days) / ITEMS);
    print_message("%g days: z = %.2f, variance z = %.2f\n", set->days, (sample.mean - mean) / sample.mean_error,
                  (sample.variance - variance) / variance_error);
    assert_true(fabs(sample.mean - mean) <= 4.0 * sqrt(variance / ITEMS));
    assert_true(fabs(sample.variance - variance) <= 4.0 * variance_error);
    free(loss);
}

static void test_portfolio_has_the_given_covariance(void **state) {
    (void)state;
    market set = market_of(10.0, 1, true);
    assert_has_moments(&set);
    for (int i = 0; i < ASSETS; i++) { /* a difference of two assets tells their covariance */
        for (int j = 0; j < ASSETS; j++) set.weights[j] = (j == i) - (j == (i + 2) % ASSETS);
        assert_has_moments(&set);
    }
}

static void test_portfolio_days_are_independent(void **state) {
    (void)state;
    const double days[] = {2, 7};
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        const market set = market_of(10.0, days[i], true);
        assert_has_moments(&set);
    }
}

/* Value at risk and expected shortfall of a Student t with 4 degrees of freedom: A. McNeil, R. Frey, P. Embrechts,
 * Quantitative Risk Management (2015), eq. 2.25. */
typedef struct {
    double level;
    double value_at_risk;
    double shortfall;
} tail_reference;
static const tail_reference tails[] = {
    {0.95, 2.13184678134, 3.20287041406}, {0.99, 3.74694738798, 5.22058419449}, {0.999, 7.17318221492, 9.68621923123}};

/* sorted: [ITEMS] standardised losses. */
static void assert_has_tail(const double *sorted, double dof, const tail_reference *tail) {
    const int64_t first = (int64_t)ceil(tail->level * ITEMS) - 1, count = ITEMS - first;
    const tsr_sample beyond = sample_of(sorted + first, count);
    const double share = 1.0 - tail->level, gap = tail->shortfall - tail->value_at_risk;
    const double quantile_error = sqrt(share * tail->level / ITEMS) / gsl_ran_tdist_pdf(tail->value_at_risk, dof);
    const double shortfall_error = sqrt((beyond.variance + tail->level * gap * gap) / (share * ITEMS));
    print_message("%g: VaR z = %.2f, shortfall z = %.2f\n", tail->level,
                  (sorted[first] - tail->value_at_risk) / quantile_error,
                  (beyond.mean - tail->shortfall) / shortfall_error);
    assert_true(fabs(sorted[first] - tail->value_at_risk) <= 4.0 * quantile_error);
    assert_true(fabs(beyond.mean - tail->shortfall) <= 4.0 * shortfall_error);
}

static void test_portfolio_linear_day_has_the_tail_of_the_textbook(void **state) {
    (void)state;
    const market set = market_of(4.0, 1, true);
    double *loss = losses_of(&set);
    const double scale = sqrt(daily_variance(&set) * (set.dof - 2.0) / set.dof);
    for (int64_t i = 0; i < ITEMS; i++) loss[i] = (loss[i] + daily_mean(&set)) / scale;
    qsort(loss, ITEMS, sizeof(double), compare);
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) assert_has_tail(loss, set.dof, &tails[i]);
    free(loss);
}

static void test_portfolio_loses_what_its_prices_lose(void **state) {
    (void)state;
    const market set = market_of(3.0, 2, false);
    double *loss = losses_of(&set);
    for (int asset = 0; asset < ASSETS; asset++) {
        double *log_return = returns_of(set, asset);
        for (int64_t i = 0; i < ITEMS; i++) loss[i] += set.weights[asset] * expm1(log_return[i]);
        free(log_return);
    }
    for (int64_t i = 0; i < ITEMS; i++) assert_true(fabs(loss[i]) < 1e-13);
    free(loss);
}

static void test_portfolio_wants_a_weight_for_each_asset(void **state) {
    (void)state;
    const market set = market_of(4.0, 10, false);
    tsr_drive drive;
    tsr_error_clear();
    assert_int_equal(drive_open(drive_find("portfolio_t"), settings_of(&set, 3), NULL, SEED, &drive), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message,
                        "test: portfolio_t: weights: 3 weights for 5 assets: give one for each, in their order");
}

static void test_portfolio_declares_two_uniforms_for_each_pair_and_day(void **state) {
    (void)state;
    const market set = market_of(5.0, 7, false);
    tsr_drive drive;
    assert_int_equal(drive_open(drive_find("portfolio_t"), settings_of(&set, ASSETS), NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive.sampling.demand.uniforms, 2 * 3 * 7);
    assert_int_equal(drive.sampling.demand.normals, 0);
    drive_close(&drive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_portfolio_day_is_a_spherical_t_in_every_direction),
        cmocka_unit_test(test_portfolio_has_the_given_covariance),
        cmocka_unit_test(test_portfolio_days_are_independent),
        cmocka_unit_test(test_portfolio_linear_day_has_the_tail_of_the_textbook),
        cmocka_unit_test(test_portfolio_loses_what_its_prices_lose),
        cmocka_unit_test(test_portfolio_wants_a_weight_for_each_asset),
        cmocka_unit_test(test_portfolio_declares_two_uniforms_for_each_pair_and_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
