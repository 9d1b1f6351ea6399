/* Numbers in texts: the nearest double, however a number is written, and nothing that is none. */
#include "engine/number.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11 ^ *state >> 40;
}

/* glibc's strtod is correctly rounded. Returns whether the quick way took it. */
static bool check(const char *text) {
    const char *end;
    double value = NAN, begun = NAN;
    const double nearest = strtod(text, NULL);
    const bool begins = tsr_number_begins(text, &end, &begun);
    if (tsr_number_read_real(text, &value) != TSR_NUMBER_OK) fail_msg("%s is refused", text);
    if (memcmp(&value, &nearest, sizeof(value)) != 0) fail_msg("%s: %a, not %a", text, value, nearest);
    if (begins && memcmp(&begun, &nearest, sizeof(begun)) != 0) fail_msg("%s begins with %a", text, begun);
    if (begins) assert_ptr_equal(end, text + strlen(text));
    return begins;
}

static void test_random_doubles_of_any_length_are_read_to_the_bit(void **state) {
    (void)state;
    uint64_t random = 1;
    int quick = 0;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        const double value =
            ldexp((double)(int64_t)(next(&random) - (UINT64_C(1) << 52)), (int)(next(&random) % 120) - 100);
        snprintf(text, sizeof(text), next(&random) % 2 ? "%.*g" : "%.*f", 1 + (int)(next(&random) % 20), value);
        quick += check(text);
    }
    assert_true(quick > 100000);
}

/* Halfway between two doubles, and one digit to each side of it. */
static void test_ties_go_to_the_even_double(void **state) {
    (void)state;
    uint64_t random = 2;
    int quick = 0;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        const uint64_t odd = UINT64_C(1) << 53 | next(&random) >> 11 << 1 | 1; /* 54 bits, of which the last is 1 */
        const uint64_t tie = odd << next(&random) % 10;
        const int64_t beside = (int64_t)(next(&random) % 3) - 1;
        snprintf(text, sizeof(text), "%" PRIu64, tie + (uint64_t)beside);
        quick += check(text);
        /* the same with a power of ten behind it or a point in it */
        snprintf(text, sizeof(text), "%" PRIu64 "e%d", tie / 1024 + (uint64_t)beside, (int)(next(&random) % 55) - 27);
        quick += check(text);
    }
    assert_true(quick > 190000);
}

static void test_all_ways_of_writing_a_number_are_read(void **state) {
    (void)state;
    const char *texts[] = {"0",
                           "-0",
                           "+0.0",
                           "1.",
                           ".5",
                           "-.5e1",
                           "00012",
                           "0.0000000000000000000000000000000000000001",
                           "0.000000000000000000000000000000000000000000000000000000000000000000000000001e75",
                           "123456789012345678901234567890",
                           "18446744073709551615",
                           "9999999999999999999",
                           "9007199254740993",
                           "9007199254740992.5e0",
                           "1e-400",
                           "1e22",
                           "1e23",
                           "8.5e-27",
                           "1E+05",
                           "2.2250738585072011e-308",
                           "1.7976931348623157e308",
                           "0e999999",
                           "0.1e0000000000000000001",
                           "100000000000000000000000e-23"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) check(texts[i]);
}

static void test_what_is_no_number_is_refused(void **state) {
    (void)state;
    const char *texts[] = {"",    "-",   ".",   "+.",  "e1",  "1e",   "1e+", "1.2.3", "1 ",   " 1",
                           "1,5", "0x1", "inf", "nan", "--1", "1e1.", "1f",  "1e1e1", "1_000"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double value = 7;
        assert_int_equal(tsr_number_read_real(texts[i], &value), TSR_NUMBER_MALFORMED);
        assert_true(value == 7);
    }
    double value = 7;
    assert_int_equal(tsr_number_read_real("1e999", &value), TSR_NUMBER_TOO_LARGE);
    assert_true(value == 7);
}

static void test_a_number_ends_where_it_cannot_go_on(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t length;
        double value;
    } cases[] = {{"1,2", 1, 1}, {"-2.5\n", 4, -2.5}, {"1.5.2", 3, 1.5}, {"3x", 1, 3}, {"4-5", 1, 4}, {"5e2 ", 3, 500}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *end;
        double value;
        assert_true(tsr_number_begins(cases[i].text, &end, &value));
        assert_int_equal(end - cases[i].text, cases[i].length);
        assert_true(value == cases[i].value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_doubles_of_any_length_are_read_to_the_bit),
        cmocka_unit_test(test_ties_go_to_the_even_double),
        cmocka_unit_test(test_all_ways_of_writing_a_number_are_read),
        cmocka_unit_test(test_what_is_no_number_is_refused),
        cmocka_unit_test(test_a_number_ends_where_it_cannot_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
