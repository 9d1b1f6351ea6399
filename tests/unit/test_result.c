/* Results: what was added is kept unchanged, and every value has a name, a unit and perhaps an error. */
#include "engine/result.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A result of shape [2, 3] that owns all it points to, so that it can be spoilt after the copy. */
typedef struct {
    char name[16], label[2][8], unit[2][8];
    const char *labels[2], *units[2];
    double probability[3], value[6], error[6];
} fixture;

static tsr_result make(fixture *memory) {
    *memory = (fixture){.name = "VaR",
                        .label = {"loss", "gain"},
                        .unit = {"EUR", "USD"},
                        .probability = {0.95, 0.99, 1.0 / 3.0},
                        .value = {1, 2, 3, 4, 5, 6},
                        .error = {.1, .2, .3, .4, .5, .6}};
    for (int i = 0; i < 2; i++) memory->labels[i] = memory->label[i];
    for (int i = 0; i < 2; i++) memory->units[i] = memory->unit[i];
    return (tsr_result){.name = memory->name,
                        .long_name = "value at risk",
                        .unit = "",
                        .units = memory->units,
                        .dimensions = 2,
                        .dimension = {{.name = "column", .length = 2, .labels = memory->labels},
                                      {.name = "probability", .length = 3, .coordinates = memory->probability}},
                        .value = memory->value,
                        .error = memory->error,
                        .headline = true};
}

static tsr_results *created(void) {
    tsr_results *results = NULL;
    assert_int_equal(tsr_results_create(&results), TSR_OK);
    return results;
}

static void test_add_copies_everything(void **state) {
    (void)state;
    tsr_results *results = created();
    fixture memory;
    tsr_result given = make(&memory);
    assert_int_equal(tsr_results_add(results, &given), TSR_OK);
    memset(&memory, 0x7f, sizeof(memory));
    const tsr_result *kept = tsr_results_at(results, 0);
    assert_string_equal(kept->name, "VaR");
    assert_string_equal(kept->long_name, "value at risk");
    assert_string_equal(kept->units[1], "USD");
    assert_string_equal(kept->dimension[0].name, "column");
    assert_string_equal(kept->dimension[0].labels[1], "gain");
    assert_null(kept->dimension[0].coordinates);
    assert_string_equal(kept->dimension[1].unit, "1");
    assert_true(kept->dimension[1].coordinates[1] == 0.99);
    assert_true(kept->headline && !kept->integer);
    for (int i = 0; i < 6; i++) assert_true(kept->value[i] == i + 1);
    assert_true(kept->error[5] == 0.6);
    tsr_results_destroy(&results);
    assert_null(results);
    tsr_results_destroy(&results);
}

static void test_kept_results_stay_where_they_are(void **state) {
    (void)state;
    tsr_results *results = created();
    const double one = 1;
    const tsr_result *first = NULL;
    for (int i = 0; i < 100; i++) {
        char name[8] = {(char)('a' + i / 10), (char)('0' + i % 10)};
        assert_int_equal(tsr_results_add(results, &(tsr_result){.name = name, .value = &one}), TSR_OK);
        if (i == 0) first = tsr_results_at(results, 0);
    }
    assert_int_equal(tsr_results_count(results), 100);
    assert_ptr_equal(first, tsr_results_find(results, "a0"));
    assert_ptr_equal(tsr_results_at(results, 99), tsr_results_find(results, "j9"));
    assert_null(tsr_results_find(results, "z"));
    tsr_results_destroy(&results);
}

static void test_second_result_of_a_name_is_refused(void **state) {
    (void)state;
    tsr_results *results = created();
    fixture memory;
    tsr_result given = make(&memory);
    assert_int_equal(tsr_results_add(results, &given), TSR_OK);
    tsr_error_clear();
    assert_int_equal(tsr_results_add(results, &given), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message,
                        "two tallies of the stage give 'VaR'; name all columns in one of them, or take one away");
    assert_int_equal(tsr_results_count(results), 1);
    tsr_results_destroy(&results);
}

static void assert_label(const tsr_result *result, int64_t index, const char *expected) {
    char label[64];
    tsr_result_label(result, index, label, sizeof(label));
    assert_string_equal(label, expected);
}

static void test_label_names_the_place_in_each_dimension(void **state) {
    (void)state;
    fixture memory;
    tsr_result result = make(&memory);
    assert_label(&result, 0, "VaR.loss.0.95");
    assert_label(&result, 1, "VaR.loss.0.99");
    assert_label(&result, 2, "VaR.loss.0.333333");
    assert_label(&result, 5, "VaR.gain.0.333333");
    assert_label(&(tsr_result){.name = "count"}, 0, "count");
    const char *const columns[] = {"DAX", "SMI"};
    const tsr_dimension column = {.name = "column", .length = 2, .labels = columns};
    tsr_result covariance = {.name = "covariance", .dimensions = 2, .dimension = {column, column}};
    assert_label(&covariance, 1, "covariance.DAX.SMI");
    assert_label(&covariance, 2, "covariance.SMI.DAX");
    tsr_result series = {.name = "mean", .dimensions = 1, .dimension = {{.name = "lag", .length = 9}}};
    assert_label(&series, 7, "mean.7");
}

static void test_label_is_cut_off_at_the_end_of_its_memory(void **state) {
    (void)state;
    fixture memory;
    tsr_result result = make(&memory);
    for (size_t bytes = 1; bytes < 20; bytes++) {
        char label[32];
        memset(label, '#', sizeof(label));
        tsr_result_label(&result, 1, label, bytes);
        size_t expected = bytes - 1 < strlen("VaR.loss.0.99") ? bytes - 1 : strlen("VaR.loss.0.99");
        assert_int_equal(strlen(label), expected);
        assert_memory_equal(label, "VaR.loss.0.99", expected);
        for (size_t i = bytes; i < sizeof(label); i++) assert_int_equal(label[i], '#');
    }
}

static void test_unit_follows_the_first_dimension(void **state) {
    (void)state;
    fixture memory;
    tsr_result result = make(&memory);
    assert_string_equal(tsr_result_unit_at(&result, 2), "EUR");
    assert_string_equal(tsr_result_unit_at(&result, 3), "USD");
    assert_string_equal(tsr_result_unit_at(&(tsr_result){.name = "pi", .unit = "1"}, 0), "1");
}

static void test_error_is_nan_where_there_is_none(void **state) {
    (void)state;
    fixture memory;
    tsr_result result = make(&memory);
    assert_true(tsr_result_error_at(&result, 4) == 0.5);
    result.error = NULL;
    assert_true(isnan(tsr_result_error_at(&result, 4)));
}

static void test_length_is_the_product_of_the_dimensions(void **state) {
    (void)state;
    fixture memory;
    tsr_result result = make(&memory);
    assert_int_equal(tsr_result_length(&result), 6);
    assert_int_equal(tsr_result_length(&(tsr_result){.name = "pi"}), 1);
    tsr_result empty = {.name = "bins", .dimensions = 1, .dimension = {{.name = "bin", .length = 0}}};
    assert_int_equal(tsr_result_length(&empty), 0);
    tsr_results *results = created();
    assert_int_equal(tsr_results_add(results, &empty), TSR_OK);
    tsr_results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_copies_everything),
        cmocka_unit_test(test_kept_results_stay_where_they_are),
        cmocka_unit_test(test_second_result_of_a_name_is_refused),
        cmocka_unit_test(test_label_names_the_place_in_each_dimension),
        cmocka_unit_test(test_label_is_cut_off_at_the_end_of_its_memory),
        cmocka_unit_test(test_unit_follows_the_first_dimension),
        cmocka_unit_test(test_error_is_nan_where_there_is_none),
        cmocka_unit_test(test_length_is_the_product_of_the_dimensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
