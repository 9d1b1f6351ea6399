/* The source integrand: means are the integrals one finds in tables, for boxes of any sides; mistakes are refused. */
#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 17 };

typedef struct {
    const char *expression;
    int64_t dimensions; /* 0: not given */
    double low[3];
    double high[3];
    int sides; /* numbers in low and high */
    double integral;
} example;

static tsr_status open_example(const example *row, tsr_drive *drive) {
    tsr_setting *settings = tree(TSR_MAP, "job.yaml:3:5", keyed("expression", scalar("job.yaml:3:6", row->expression)),
                                 numbers("low", row->sides, row->low), numbers("high", row->sides, row->high),
                                 number("dimensions", (double)row->dimensions), NULL);
    tsr_error_clear();
    return drive_open(drive_find("integrand"), settings, NULL, 20261121, drive);
}

static void test_means_are_integrals(void **state) {
    (void)state;
    static const example rows[] = {
        {"exp(-x^2 - y^2)", 2, {-6}, {6}, 1, M_PI},
        {"exp(-x1^2 - x2^2)", 2, {-6}, {6}, 1, M_PI},
        {"sin(x)", 1, {0}, {M_PI}, 1, 2},
        {"x1 + x2 * x3", 0, {0, 1, 2}, {1, 3, 5}, 3, 3 + 42},
        {"x^2 + y^2 + z^2 < 1", 3, {-1}, {1}, 1, 4.0 / 3.0 * M_PI},
        {"1 / (1 + x1^2)", 0, {0}, {1}, 1, M_PI / 4},
        {"x7", 9, {0}, {2}, 1, 512},
    };
    double *value = malloc(ITEMS * sizeof(double));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tsr_drive drive;
        assert_int_equal(open_example(&rows[i], &drive), TSR_OK);
        assert_int_equal(drive_column(&drive, 0, 0, ITEMS, value), TSR_OK);
        const tsr_sample sample = sample_of(value, ITEMS);
        const double z = (sample.mean - rows[i].integral) / sample.mean_error;
        print_message("%s: %.5f, z = %.2f\n", rows[i].expression, sample.mean, z);
        assert_true(fabs(z) <= 4.0);
        drive_close(&drive);
    }
    free(value);
}

/* Every dimension is drawn, whether the formula names it or not: x2 is the same number however many follow it. */
static void test_points_do_not_depend_on_the_formula(void **state) {
    (void)state;
    double first[2000], second[2000];
    tsr_drive drive;
    const example short_one = {"x2", 5, {0}, {1}, 1, 0}, long_one = {"x2 + 0 * x5", 5, {0}, {1}, 1, 0};
    assert_int_equal(open_example(&short_one, &drive), TSR_OK);
    assert_int_equal(drive.source->demand(drive.model).uniforms, 5);
    assert_int_equal(drive_column(&drive, 0, 0, 2000, first), TSR_OK);
    drive_close(&drive);
    assert_int_equal(open_example(&long_one, &drive), TSR_OK);
    assert_int_equal(drive_column(&drive, 0, 0, 2000, second), TSR_OK);
    for (int i = 0; i < 2000; i++) assert_true(first[i] == second[i]);
    drive_close(&drive);
}

static void test_mistakes_are_refused(void **state) {
    (void)state;
    static const struct {
        example what;
        const char *says;
    } rows[] = {
        {{"exp(-x^2", 1, {0}, {1}, 1, 0}, "expression: at character 9: a ')' is missing"},
        {{"x1 * x3", 2, {0}, {1}, 1, 0}, "at character 6: 'x3' is not known here; did you mean 'x1'? (known: x1, x2)"},
        {{"x1", 2, {0, 1, 2}, {1, 2, 3}, 3, 0}, "3 numbers for 2 dimensions"},
        {{"x1", 1, {1}, {1}, 1, 0}, "the box ends at 1 where it begins at 1 in dimension 1"},
        {{"x1", 900, {0}, {9}, 1, 0}, "the volume of the box is inf"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tsr_drive drive;
        assert_int_equal(open_example(&rows[i].what, &drive), TSR_EUSAGE);
        if (strstr(tsr_error_get()->message, rows[i].says) == NULL) fail_msg("%s", tsr_error_get()->message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_are_integrals),
        cmocka_unit_test(test_points_do_not_depend_on_the_formula),
        cmocka_unit_test(test_mistakes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
