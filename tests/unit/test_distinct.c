/* Counts of different values: exact for whole numbers and words, within their error bars for all others. */
#include "fold.h"
#include "passes.h"
#include "samples.h"

#include <math.h>

extern const tsr_tally tsr_tally_distinct;

static const tsr_field fields[] = {{.name = "x"}, {.name = NULL}};

static tsr_results *count(const double *value, int64_t items) {
    const tsr_table table = {fields, 1, items, value};
    return fold_table(&tsr_tally_distinct, NULL, &table);
}

static void test_whole_numbers_are_counted_one_by_one(void **state) {
    (void)state;
    enum { ITEMS = 5000 };
    static double value[ITEMS];
    for (int i = 0; i < ITEMS; i++) value[i] = i % 1001 * 65 - 32768;
    value[7] = -0.0;
    value[8] = 0.0;
    tsr_results *results = count(value, ITEMS);
    assert_true(fold_value(results, "distinct", 0) == 1002); /* none of the others is 0 */
    assert_true(fold_error(results, "distinct", 0) == 0);
    tsr_results_destroy(&results);
}

/* Deviations in standard errors over many counts: their mean square is 1, and none is large. */
static void test_other_numbers_lie_within_their_errors(void **state) {
    (void)state;
    double square = 0, sum = 0;
    int counts = 0;
    for (int64_t items = 50; items < 300000; items = items * 5 / 4, counts++) {
        double *value = sample_uniforms(77 + (uint64_t)items, items);
        tsr_results *results = count(value, items);
        const double z = (fold_value(results, "distinct", 0) - (double)items) / fold_error(results, "distinct", 0);
        if (!(fabs(z) < 4.5))
            fail_msg("%g of %lld: %g errors", fold_value(results, "distinct", 0), (long long)items, z);
        square += z * z;
        sum += z;
        tsr_results_destroy(&results);
        free(value);
    }
    assert_true(square / counts > 0.5 && square / counts < 1.8);
    assert_true(fabs(sum / counts) < 4 / sqrt(counts));
}

/* Bits of doubles that differ in few places: multiples of a power of 2, and neighbours. */
static void test_regular_numbers_are_no_worse(void **state) {
    (void)state;
    enum { ITEMS = 100000 };
    double *value = malloc(ITEMS * sizeof(*value));
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < ITEMS; i++)
            value[i] = kind == 0 ? ldexp(i, 40) : (kind == 1 ? 1 + i * 0x1p-52 : 1e6 + i / 8.0);
        tsr_results *results = count(value, ITEMS);
        const double z = (fold_value(results, "distinct", 0) - ITEMS) / fold_error(results, "distinct", 0);
        if (!(fabs(z) < 4)) fail_msg("kind %d: %g errors", kind, z);
        tsr_results_destroy(&results);
    }
    free(value);
}

static void test_the_same_values_again_do_not_count(void **state) {
    (void)state;
    enum { ITEMS = 20000 };
    double *value = sample_normal(3, ITEMS);
    tsr_results *once = count(value, ITEMS / 2);
    memcpy(value + ITEMS / 2, value, ITEMS / 2 * sizeof(*value));
    value[ITEMS - 1] = NAN;
    tsr_results *twice = count(value, ITEMS);
    assert_true(fold_value(once, "distinct", 0) == fold_value(twice, "distinct", 0));
    assert_true(fold_value(twice, "distinct_nans", 0) == 1);
    tsr_results_destroy(&once);
    tsr_results_destroy(&twice);
    free(value);
}

static void test_no_items_have_no_values(void **state) {
    (void)state;
    tsr_results *results = count(NULL, 0);
    assert_true(fold_value(results, "distinct", 0) == 0);
    tsr_results_destroy(&results);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    double *value = sample_normal(8, 3000);
    for (int i = 0; i < 3000; i += 2) value[i] = i;
    const tsr_table table = {fields, 1, 3000, value};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_distinct, NULL, fields, &folder), TSR_OK);
    tsr_state *one = passes_once(&folder, &table, 1);
    folder.tile_items = 70;
    folder.block_items = 13;
    tsr_state *five = passes_once(&folder, &table, 5);
    assert_same_words(one, five);
    tsr_state_destroy(&one);
    tsr_state_destroy(&five);
    fold_close(&folder);
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_numbers_are_counted_one_by_one),
        cmocka_unit_test(test_other_numbers_lie_within_their_errors),
        cmocka_unit_test(test_regular_numbers_are_no_worse),
        cmocka_unit_test(test_the_same_values_again_do_not_count),
        cmocka_unit_test(test_no_items_have_no_values),
        cmocka_unit_test(test_any_split_gives_the_same_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
