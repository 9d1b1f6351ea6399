/* Numbers are shown to the digits that their errors support. */
#include "cli/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_estimate(double value, double error, const char *expected) {
    assert_string_equal(tsr_format_estimate(value, error, false).text, expected);
}

static void test_the_error_has_two_digits_and_the_value_ends_at_the_same_place(void **state) {
    (void)state;
    assert_estimate(3.14159265, 0.000123, "3.14159 +/- 0.00012");
    assert_estimate(10.45058, 0.0148, "10.451 +/- 0.015");
    assert_estimate(-0.05, 0.1, "-0.05 +/- 0.10");
    assert_estimate(42.0, 3.21, "42.0 +/- 3.2");
    assert_estimate(42.0, 32.1, "42 +/- 32");
}

static void test_rounding_may_carry_into_a_new_digit(void **state) {
    (void)state;
    assert_estimate(1.0, 0.0996, "1.00 +/- 0.10");
    assert_estimate(9.996, 0.0951, "9.996 +/- 0.095");
    assert_estimate(9.9996, 0.01, "10.000 +/- 0.010");
    assert_estimate(999.6, 1.0, "999.6 +/- 1.0");
}

static void test_errors_of_hundreds_round_the_value_to_tens(void **state) {
    (void)state;
    assert_estimate(123456.0, 789.0, "123460 +/- 790");
    assert_estimate(123456.0, 99.7, "123460 +/- 100");
    assert_estimate(7.0, 789.0, "10 +/- 790");
    assert_estimate(3.0, 789.0, "0 +/- 790");
    assert_estimate(-3.0, 7890.0, "0 +/- 7900");
}

static void test_large_and_small_numbers_share_one_power_of_ten(void **state) {
    (void)state;
    assert_estimate(1.23456e12, 1.2e9, "(1.2346 +/- 0.0012)e+12");
    assert_estimate(-1.23456e-9, 1.2e-12, "(-1.2346 +/- 0.0012)e-09");
    assert_estimate(1e-9, 1.2e-7, "(0.0 +/- 1.2)e-07");
    assert_estimate(0.0, 1.2e-7, "(0.0 +/- 1.2)e-07");
    assert_estimate(123456789.0, 1234.0, "123456800 +/- 1200");
}

static void test_a_value_smaller_than_its_error_is_not_minus_zero(void **state) {
    (void)state;
    assert_estimate(-0.001, 5.2, "0.0 +/- 5.2");
    assert_estimate(-0.0, 0.12, "0.00 +/- 0.12");
}

static void test_no_error_at_all_shows_every_digit(void **state) {
    (void)state;
    assert_estimate(0.1, 0.0, "0.1 +/- 0");
    assert_estimate(1.0 / 3.0, 0.0, "0.3333333333333333 +/- 0");
    assert_estimate(0.0, 0.0, "0 +/- 0");
}

static void test_an_error_below_the_last_digit_does_not_invent_digits(void **state) {
    (void)state;
    assert_estimate(0.5, 1.23e-20, "0.5 +/- 1.2e-20");
    assert_estimate(1e300, 1e280, "1e+300 +/- 1e+280");
}

static void test_unknown_and_infinite_are_said(void **state) {
    (void)state;
    assert_estimate(3.14159265, NAN, "3.14159 +/- ?");
    assert_estimate(2.5, INFINITY, "2.5 +/- inf");
    assert_estimate(NAN, 0.1, "n/a");
    assert_estimate(-INFINITY, NAN, "-inf");
    assert_estimate(5e-324, 5e-324, "5e-324 +/- 5e-324");
    assert_estimate(1.7e308, 1.1e307, "1.7e+308 +/- 1.1e+307");
}

static void test_utf8_has_its_sign(void **state) {
    (void)state;
    assert_string_equal(tsr_format_estimate(1.0, 0.5, true).text, "1.00 \xc2\xb1 0.50");
}

/* Over 12 decades of values and errors: what is shown lies within half a unit of the error's second digit. */
static void test_what_is_shown_is_the_number_to_half_a_digit(void **state) {
    (void)state;
    for (int i = 0; i < 4000; i++) {
        double value = cos(i) * pow(10.0, i % 13 - 6), error = (0.1 + fabs(sin(i))) * pow(10.0, i % 7 - 5);
        tsr_text shown = tsr_format_estimate(value, error, false);
        const char *first = shown.text + (shown.text[0] == '(');
        const char *power = strstr(shown.text, ")e");
        double unit = power ? pow(10.0, atoi(power + 2)) : 1.0;
        char digits[32];
        snprintf(digits, sizeof(digits), "%.1e", error);
        double half = 0.5001 * pow(10.0, atoi(strchr(digits, 'e') + 1) - 1);
        if (fabs(strtod(strstr(first, "+/-") + 3, NULL) * unit - error) > half) fail_msg("%s", shown.text);
        if (fabs(strtod(first, NULL) * unit - value) > half) fail_msg("%.17g: %s", value, shown.text);
    }
}

static void test_values_without_error(void **state) {
    (void)state;
    assert_string_equal(tsr_format_value(1860.0).text, "1860");
    assert_string_equal(tsr_format_value(-0.0).text, "0");
    assert_string_equal(tsr_format_value(0.1).text, "0.1");
    assert_string_equal(tsr_format_value(1.0 / 3.0).text, "0.3333333333");
    assert_string_equal(tsr_format_value(1e18).text, "1e+18");
    assert_string_equal(tsr_format_value(NAN).text, "n/a");
    assert_string_equal(tsr_format_value(-INFINITY).text, "-inf");
}

static void test_the_shortest_digits_give_the_same_number(void **state) {
    (void)state;
    assert_string_equal(tsr_format_shortest(90.0).text, "90");
    assert_string_equal(tsr_format_shortest(-120000.0).text, "-120000");
    assert_string_equal(tsr_format_shortest(100.25).text, "100.25");
    assert_string_equal(tsr_format_shortest(1e22).text, "1e+22");
    assert_string_equal(tsr_format_shortest(0.0).text, "0");
    for (int i = 1; i < 1000; i++) {
        double number = pow(1.1, i) / 3.0;
        assert_true(strtod(tsr_format_shortest(number).text, NULL) == number);
    }
}

static void test_counts_are_grouped(void **state) {
    (void)state;
    assert_string_equal(tsr_format_count(0).text, "0");
    assert_string_equal(tsr_format_count(999).text, "999");
    assert_string_equal(tsr_format_count(-100000).text, "-100,000");
    assert_string_equal(tsr_format_count(INT64_MIN).text, "-9,223,372,036,854,775,808");
    assert_string_equal(tsr_format_counted(0, "item").text, "0 items");
    assert_string_equal(tsr_format_counted(1, "item").text, "1 item");
    assert_string_equal(tsr_format_counted(12000, "item").text, "12,000 items");
}

static void test_short_counts_have_three_digits(void **state) {
    (void)state;
    assert_string_equal(tsr_format_short(0).text, "0");
    assert_string_equal(tsr_format_short(999).text, "999");
    assert_string_equal(tsr_format_short(999.9).text, "1.00 k");
    assert_string_equal(tsr_format_short(41.23e6).text, "41.2 M");
    assert_string_equal(tsr_format_short(9.999e6).text, "10.0 M");
    assert_string_equal(tsr_format_short(123.4e9).text, "123 G");
    assert_string_equal(tsr_format_bytes(0).text, "0 bytes");
    assert_string_equal(tsr_format_bytes(1536 * 1024).text, "1.50 MiB");
}

static void test_times_use_the_unit_that_fits(void **state) {
    (void)state;
    assert_string_equal(tsr_format_seconds(4.3e-5).text, "43 us");
    assert_string_equal(tsr_format_seconds(0.0042).text, "4.2 ms");
    assert_string_equal(tsr_format_seconds(1.318).text, "1.32 s");
    assert_string_equal(tsr_format_seconds(59.9).text, "59.9 s");
    assert_string_equal(tsr_format_seconds(59.96).text, "1 min 00 s");
    assert_string_equal(tsr_format_seconds(200).text, "3 min 20 s");
    assert_string_equal(tsr_format_seconds(7500).text, "2 h 05 min");
    assert_string_equal(tsr_format_seconds(4 * 86400 + 3 * 3600).text, "4 d 03 h");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_error_has_two_digits_and_the_value_ends_at_the_same_place),
        cmocka_unit_test(test_rounding_may_carry_into_a_new_digit),
        cmocka_unit_test(test_errors_of_hundreds_round_the_value_to_tens),
        cmocka_unit_test(test_large_and_small_numbers_share_one_power_of_ten),
        cmocka_unit_test(test_a_value_smaller_than_its_error_is_not_minus_zero),
        cmocka_unit_test(test_no_error_at_all_shows_every_digit),
        cmocka_unit_test(test_an_error_below_the_last_digit_does_not_invent_digits),
        cmocka_unit_test(test_unknown_and_infinite_are_said),
        cmocka_unit_test(test_utf8_has_its_sign),
        cmocka_unit_test(test_what_is_shown_is_the_number_to_half_a_digit),
        cmocka_unit_test(test_values_without_error),
        cmocka_unit_test(test_the_shortest_digits_give_the_same_number),
        cmocka_unit_test(test_counts_are_grouped),
        cmocka_unit_test(test_short_counts_have_three_digits),
        cmocka_unit_test(test_times_use_the_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
