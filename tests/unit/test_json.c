/* The JSON of a run holds every number with all its digits, under names that tell the point of a sweep. */
#include "cli/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "outcome.h"

static const tsr_report report = {
    .job = "pi", .digest = "ab12", .file = "pi.h5", .seconds = 1.25, .ranks = 2, .threads = 4};

static json_t *printed_json(const tsr_stage_outcome *stage) {
    const tsr_outcome outcome = {.stages = 1, .stage = stage};
    char *text = NULL;
    PRINTED(text, tsr_json_print(&report, &outcome, out));
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) fail_msg("%s in %s", error.text, text);
    free(text);
    return object;
}

static tsr_results *results_of(const tsr_result *result) {
    tsr_results *results = NULL;
    assert_int_equal(tsr_results_create(&results), TSR_OK);
    assert_int_equal(tsr_results_add(results, result), TSR_OK);
    return results;
}

static const json_t *entry_of(const json_t *object, const char *name) {
    return json_object_get(json_object_get(json_object_get(json_object_get(object, "stages"), "darts"), "results"),
                           name);
}

static double number_of(const json_t *object, const char *name, const char *member) {
    return json_real_value(json_object_get(entry_of(object, name), member));
}

static void test_numbers_come_back_bit_for_bit(void **state) {
    (void)state;
    const char *const labels[] = {"x", "y"};
    const double value[] = {0.1 + 0.2, 1e-300}, error[] = {1.0 / 3.0, 0.0};
    tsr_results *results = results_of(&(tsr_result){.name = "mean",
                                                    .unit = "USD",
                                                    .dimensions = 1,
                                                    .dimension = {{.name = "column", .length = 2, .labels = labels}},
                                                    .value = value,
                                                    .error = error});
    json_t *object = printed_json(&(tsr_stage_outcome){.name = "darts",
                                                       .points = 1,
                                                       .sets = 1,
                                                       .items_total = INT64_C(9007199254740993),
                                                       .results = (const tsr_results *[]){results}});
    assert_true(number_of(object, "mean.x", "value") == 0.1 + 0.2);
    assert_true(number_of(object, "mean.x", "error") == 1.0 / 3.0);
    assert_true(number_of(object, "mean.y", "value") == 1e-300);
    assert_string_equal(json_string_value(json_object_get(entry_of(object, "mean.x"), "unit")), "USD");
    assert_string_equal(json_string_value(json_object_get(object, "digest")), "ab12");
    assert_int_equal(json_integer_value(json_object_get(object, "threads")), 4);
    const json_t *stage = json_object_get(json_object_get(object, "stages"), "darts");
    assert_true(json_integer_value(json_object_get(stage, "items")) == INT64_C(9007199254740993));
    json_decref(object);
    tsr_results_destroy(&results);
}

static void test_what_is_no_number_is_null(void **state) {
    (void)state;
    const double value[] = {NAN};
    tsr_results *results = results_of(&(tsr_result){.name = "mean", .value = value});
    json_t *object = printed_json(
        &(tsr_stage_outcome){.name = "darts", .points = 1, .sets = 1, .results = (const tsr_results *[]){results}});
    assert_true(json_is_null(json_object_get(entry_of(object, "mean"), "value")));
    assert_true(json_is_null(json_object_get(entry_of(object, "mean"), "error")));
    json_decref(object);
    tsr_results_destroy(&results);
}

static void test_counts_are_whole_numbers(void **state) {
    (void)state;
    const double value[] = {1e15};
    tsr_results *results = results_of(&(tsr_result){.name = "items", .value = value, .integer = true});
    json_t *object = printed_json(
        &(tsr_stage_outcome){.name = "darts", .points = 1, .sets = 1, .results = (const tsr_results *[]){results}});
    const json_t *count = json_object_get(entry_of(object, "items"), "value");
    assert_true(json_is_integer(count) && json_integer_value(count) == INT64_C(1000000000000000));
    json_decref(object);
    tsr_results_destroy(&results);
}

static void test_points_of_a_sweep_are_told_apart(void **state) {
    (void)state;
    const double strikes[] = {90, 100.25};
    const char *const types[] = {"call", "put"};
    const tsr_dimension axes[] = {{.name = "strike", .length = 2, .coordinates = strikes},
                                  {.name = "type", .length = 2, .labels = types}};
    const double value[] = {0, 1, 2, 3};
    tsr_results *results[4];
    for (int i = 0; i < 4; i++) results[i] = results_of(&(tsr_result){.name = "mean", .value = &value[i]});
    json_t *object = printed_json(&(tsr_stage_outcome){.name = "darts",
                                                       .points = 4,
                                                       .sets = 4,
                                                       .axes = 2,
                                                       .axis = axes,
                                                       .results = (const tsr_results *const *)results});
    assert_true(number_of(object, "mean[strike=90,type=put]", "value") == 1);
    assert_true(number_of(object, "mean[strike=100.25,type=call]", "value") == 2);
    json_decref(object);
    for (int i = 0; i < 4; i++) tsr_results_destroy(&results[i]);
}

static void test_labels_of_a_zipped_sweep_speak_for_themselves(void **state) {
    (void)state;
    const char *const labels[] = {"strike=90,volatility=0.2"};
    const tsr_dimension axis = {.name = "point", .length = 1, .labels = labels};
    const double value[] = {5};
    tsr_results *results = results_of(&(tsr_result){.name = "mean", .value = value});
    json_t *object = printed_json(&(tsr_stage_outcome){.name = "darts",
                                                       .points = 1,
                                                       .sets = 1,
                                                       .axes = 1,
                                                       .axis = &axis,
                                                       .results = (const tsr_results *[]){results}});
    assert_true(number_of(object, "mean[strike=90,volatility=0.2]", "value") == 5);
    json_decref(object);
    tsr_results_destroy(&results);
}

static void test_names_in_other_encodings_do_not_spoil_the_object(void **state) {
    (void)state;
    const char *const labels[] = {"caf\xe9"};
    const double value[] = {7};
    tsr_results *results = results_of(&(tsr_result){.name = "mean",
                                                    .dimensions = 1,
                                                    .dimension = {{.name = "column", .length = 1, .labels = labels}},
                                                    .value = value});
    json_t *object = printed_json(
        &(tsr_stage_outcome){.name = "darts", .points = 1, .sets = 1, .results = (const tsr_results *[]){results}});
    assert_true(number_of(object, "mean.caf?", "value") == 7);
    json_decref(object);
    tsr_results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_come_back_bit_for_bit),
        cmocka_unit_test(test_what_is_no_number_is_null),
        cmocka_unit_test(test_counts_are_whole_numbers),
        cmocka_unit_test(test_points_of_a_sweep_are_told_apart),
        cmocka_unit_test(test_labels_of_a_zipped_sweep_speak_for_themselves),
        cmocka_unit_test(test_names_in_other_encodings_do_not_spoil_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
