/* Units of products and inverses, as UDUNITS reads them. */
#include "engine/tallies/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_product(const char *a, const char *b, const char *expected) {
    char out[TSR_UNIT_BYTES];
    tsr_unit_product(a, b, out);
    assert_string_equal(out, expected);
}

static void test_products_of_units(void **unused) {
    (void)unused;
    assert_product("EUR", "EUR", "EUR^2");
    assert_product("EUR", "kg", "EUR kg");
    assert_product("m/s", "m/s", "(m/s)^2");
    assert_product("m/s", "K", "(m/s) K");
    assert_product("m2", "m2", "(m2)^2");
}

static void test_inverses_of_units(void **unused) {
    (void)unused;
    static const char *const units[][2] = {{"EUR", "1/EUR"}, {"m/s", "1/(m/s)"}, {"1", "1"}, {NULL, "1"}};
    for (size_t k = 0; k < sizeof(units) / sizeof(units[0]); k++) {
        char out[TSR_UNIT_BYTES];
        tsr_unit_inverse(units[k][0], out);
        assert_string_equal(out, units[k][1]);
    }
}

static void test_one_is_neutral(void **unused) {
    (void)unused;
    assert_product("1", "1", "1");
    assert_product("1", "EUR", "EUR");
    assert_product("m/s", NULL, "m/s");
    assert_product("", NULL, "1");
}

static void test_long_units_are_cut_off_within_bounds(void **unused) {
    (void)unused;
    char unit[200], out[TSR_UNIT_BYTES];
    memset(unit, 'x', sizeof(unit));
    unit[sizeof(unit) - 1] = '\0';
    tsr_unit_product(unit, "kg", out);
    assert_int_equal(strlen(out), TSR_UNIT_BYTES - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_of_units),
        cmocka_unit_test(test_inverses_of_units),
        cmocka_unit_test(test_one_is_neutral),
        cmocka_unit_test(test_long_units_are_cut_off_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
