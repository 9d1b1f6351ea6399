/* The Asian option sampled: prices against deterministic ones, the controls against their expectations, single paths
 * against the formula. */
#include "drive.h"
#include "kernels/finance/black.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 14, SEED = 20261121, ARITHMETIC = 0, GEOMETRIC = 1, AVERAGE = 2, COLUMNS = 3 };

typedef struct {
    double spot, strike, rate, dividend, volatility, maturity;
    double fixings;
    double first; /* negative: period */
    bool put;
} contract;

static tsr_setting *settings_of(const contract *option) {
    tsr_setting *first =
        option->first < 0.0 ? keyed("first", scalar("test", "period")) : number("first", option->first);
    return tree(TSR_MAP, "test", number("spot", option->spot), number("strike", option->strike),
                number("rate", option->rate), number("dividend", option->dividend),
                number("volatility", option->volatility), number("maturity", option->maturity),
                number("fixings", option->fixings), first, keyed("type", scalar("test", option->put ? "put" : "call")),
                NULL);
}

typedef struct {
    double *column[COLUMNS]; /* [ITEMS] */
    double expectation[COLUMNS];
} paths;

/* All columns of ITEMS items, block by block. */
static void paths_fill(const tsr_drive *drive, paths *set) {
    tsr_block block = {.columns = COLUMNS, .items = drive->block_items, .stride = drive->block_items};
    block.data = aligned_alloc(64, (size_t)(COLUMNS * block.stride) * sizeof(double));
    for (; block.item < ITEMS; block.item += block.items) {
        assert_int_equal(drive_block(drive, drive->draws, &block), TSR_OK);
        for (int column = 0; column < COLUMNS; column++)
            memcpy(set->column[column] + block.item, tsr_column(&block, column), (size_t)block.items * sizeof(double));
    }
    free(block.data);
}

static paths paths_of(const contract *option) {
    tsr_drive drive;
    paths set;
    assert_int_equal(drive_open(drive_find("asian"), settings_of(option), NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive.columns, COLUMNS);
    for (int column = 0; column < COLUMNS; column++) {
        assert_true(drive.fields[column].is_control == (column != ARITHMETIC));
        set.expectation[column] = drive.fields[column].expectation;
        set.column[column] = malloc(ITEMS * sizeof(double));
    }
    paths_fill(&drive, &set);
    drive_close(&drive);
    return set;
}

static void paths_free(paths *set) {
    for (int column = 0; column < COLUMNS; column++) free(set->column[column]);
}

static void assert_mean(const char *what, const double *value, double expected) {
    const tsr_sample sample = sample_of(value, ITEMS);
    const double z = (sample.mean - expected) / sample.mean_error;
    print_message("%s: %.6f, expected %.6f, z = %.2f\n", what, sample.mean, expected, z);
    assert_true(fabs(z) <= 4.0);
}

/* Levy's puts and two calls of a year; the prices come from a deterministic recursion. Where the geometric average is
 * subtracted, the standard error is some 30 times smaller. */
static void test_asian_has_the_prices_of_the_reference(void **state) {
    (void)state;
    const struct {
        contract option;
        double price;
    } known[] = {
        {{100, 100, 0.05, 0, 0.2, 1, 50, -1, false}, 5.85749314},
        {{100, 100, 0.05, 0, 0.2, 1, 252, -1, false}, 5.781824},
        {{100, 90, 0.05, 0, 0.3, 1, 50, -1, false}, 14.06592131},
        {{100, 110, 0.05, 0, 0.3, 1, 50, -1, false}, 4.18386596},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 2, 0, true}, 1.39398094},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 4, 0, true}, 1.58640295},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 8, 0, true}, 1.67185578},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 12, 0, true}, 1.69928472},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 26, 0, true}, 1.72831571},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 52, 0, true}, 1.74060659},
        {{90, 87, 0.025, 0.06, 0.13, 11.0 / 12, 250, 0, true}, 1.7502794},
        {{90, 87, 0.025, 0.06, 0.13, 1, 4, 1.0 / 12, true}, 2.01267428},
        {{90, 87, 0.025, 0.06, 0.13, 1, 12, 1.0 / 12, true}, 2.1118389},
        {{90, 87, 0.025, 0.06, 0.13, 1, 52, 1.0 / 12, true}, 2.14846582},
        {{90, 87, 0.025, 0.06, 0.13, 14.0 / 12, 52, 0.25, true}, 2.88883503},
    };
    for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
        paths set = paths_of(&known[k].option);
        assert_mean("arithmetic", set.column[ARITHMETIC], known[k].price);
        assert_mean("geometric", set.column[GEOMETRIC], set.expectation[GEOMETRIC]);
        assert_mean("average", set.column[AVERAGE], set.expectation[AVERAGE]);
        for (int64_t i = 0; i < ITEMS; i++)
            set.column[ARITHMETIC][i] -= set.column[GEOMETRIC][i] - set.expectation[GEOMETRIC];
        assert_mean("arithmetic - geometric", set.column[ARITHMETIC], known[k].price);
        paths_free(&set);
    }
}

static void test_asian_expects_the_geometric_prices_of_the_reference(void **state) {
    (void)state;
    const struct {
        contract option;
        double price;
    } known[] = {
        {{100, 100, 0.05, 0, 0.2, 1, 12, -1, false}, 5.94020022163},
        {{100, 90, 0.09, 0, 0.5, 1, 50, -1, false}, 16.9679226896},
        {{100, 100, 0.06, 0.03, 0.2, 1, 10, -1, false}, 5.3425606635},
    };
    for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
        paths set = paths_of(&known[k].option);
        assert_true(fabs(set.expectation[GEOMETRIC] / known[k].price - 1.0) < 1e-11);
        assert_mean("geometric", set.column[GEOMETRIC], known[k].price);
        paths_free(&set);
    }
}

/* Calls and puts of the same seed have the same paths. */
static void test_asian_call_minus_put_is_average_minus_strike_on_each_path(void **state) {
    (void)state;
    contract option = {50, 60, 0.08, 0.03, 0.45, 3, 5, 0.5, false};
    paths call = paths_of(&option);
    option.put = true;
    paths put = paths_of(&option);
    for (int64_t i = 0; i < ITEMS; i++) {
        const double parity = call.column[AVERAGE][i] - 60 * exp(-0.08 * 3);
        assert_true(put.column[AVERAGE][i] == call.column[AVERAGE][i]);
        assert_true(fabs(call.column[ARITHMETIC][i] - put.column[ARITHMETIC][i] - parity) < 1e-12);
    }
    assert_true(fabs(call.expectation[GEOMETRIC] - put.expectation[GEOMETRIC]) > 1.0);
    paths_free(&call);
    paths_free(&put);
}

/* Fixings at 0.5, 1.125, 1.75, 2.375 and 3; or at 0, 0.75, ..., 3 with four normals. */
static void assert_follows_the_formula(double first) {
    const contract option = {50, 45, 0.08, 0.03, 0.45, 3, 5, first, false};
    const double spacing = (3 - first) / 4;
    paths set = paths_of(&option);
    tsr_sampling sampling = drive_sampling(SEED);
    tsr_draws *draws = NULL;
    assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
    tsr_draws_begin(draws, &sampling, 0, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        double log_price = log(50), sum = 0, log_sum = 0;
        for (int64_t j = 0, draw = 0; j < 5; j++) {
            const double time = j == 0 ? first : spacing;
            const double z = time > 0 ? tsr_normal_of(draws, i, draw++) : 0.0;
            log_price += (0.08 - 0.03 - 0.5 * 0.45 * 0.45) * time + 0.45 * sqrt(time) * z;
            log_sum += log_price;
            sum += exp(log_price);
        }
        const double discount = exp(-0.08 * 3);
        assert_true(fabs(set.column[AVERAGE][i] - discount * sum / 5) < 1e-11);
        assert_true(fabs(set.column[ARITHMETIC][i] - discount * fmax(sum / 5 - 45, 0)) < 1e-11);
        assert_true(fabs(set.column[GEOMETRIC][i] - discount * fmax(exp(log_sum / 5) - 45, 0)) < 1e-11);
    }
    tsr_draws_destroy(&draws);
    paths_free(&set);
}

static void test_asian_follows_the_formula_on_each_path(void **state) {
    (void)state;
    assert_follows_the_formula(0.5);
    assert_follows_the_formula(0.0);
}

/* One fixing at maturity is a European option: Black and Scholes have 10.450583572186. */
static void test_asian_of_one_fixing_is_european(void **state) {
    (void)state;
    const contract option = {100, 100, 0.05, 0, 0.2, 1, 1, -1, false};
    paths set = paths_of(&option);
    assert_true(fabs(set.expectation[GEOMETRIC] - 10.450583572186) < 1e-11);
    assert_true(fabs(set.expectation[AVERAGE] - 100) < 1e-12);
    for (int64_t i = 0; i < ITEMS; i++) assert_true(fabs(set.column[ARITHMETIC][i] - set.column[GEOMETRIC][i]) < 1e-12);
    assert_mean("european", set.column[ARITHMETIC], 10.450583572186);
    paths_free(&set);
}

static void test_asian_declares_a_normal_for_each_random_fixing(void **state) {
    (void)state;
    const double firsts[] = {-1.0, 0.0, 0.5};
    for (int k = 0; k < 3; k++) {
        const contract option = {100, 100, 0.05, 0, 0.2, 1, 7, firsts[k], false};
        tsr_drive drive;
        assert_int_equal(drive_open(drive_find("asian"), settings_of(&option), NULL, SEED, &drive), TSR_OK);
        assert_int_equal(drive.sampling.demand.normals, firsts[k] == 0.0 ? 6 : 7);
        assert_int_equal(drive.sampling.demand.uniforms, 0);
        assert_int_equal(drive.sampling.demand.paths, 1);
        drive_close(&drive);
    }
}

static void assert_refused(double fixings, const char *first, const char *message) {
    tsr_drive drive;
    tsr_error_clear();
    tsr_setting *settings =
        tree(TSR_MAP, "test", number("fixings", fixings), keyed("first", scalar("test", first)), NULL);
    assert_int_equal(drive_open(drive_find("asian"), settings, NULL, SEED, &drive), TSR_EUSAGE);
    if (!strstr(tsr_error_get()->message, message)) fail_msg("%s", tsr_error_get()->message);
}

static void test_asian_refuses_fixings_outside_the_life_of_the_option(void **state) {
    (void)state;
    assert_refused(12, "-0.1", "not between 0 (today) and the maturity of 1 years");
    assert_refused(12, "1.1", "not between 0 (today) and the maturity of 1 years");
    assert_refused(12, "soon", "neither a number of years nor the word period");
    assert_refused(1, "0", "nothing is left to chance");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asian_has_the_prices_of_the_reference),
        cmocka_unit_test(test_asian_expects_the_geometric_prices_of_the_reference),
        cmocka_unit_test(test_asian_call_minus_put_is_average_minus_strike_on_each_path),
        cmocka_unit_test(test_asian_follows_the_formula_on_each_path),
        cmocka_unit_test(test_asian_of_one_fixing_is_european),
        cmocka_unit_test(test_asian_declares_a_normal_for_each_random_fixing),
        cmocka_unit_test(test_asian_refuses_fixings_outside_the_life_of_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
