/* Contents: names become legal and unique, words become characters, and memory that ran out is not forgotten. */
#include "io/result/contents.h"

#include "io/result/h5_image.h"
#include "made_contents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_names_are_unique_in_their_group(void **state) {
    (void)state;
    tsr_contents *contents = created();
    const int group = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "a");
    const int second = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "a");
    const int third = tsr_contents_dimension(contents, TSR_CONTENTS_ROOT, "a", 1);
    const int inner = tsr_contents_group(contents, group, "a");
    assert_string_equal(tsr_contents_name(contents, group), "a");
    assert_string_equal(tsr_contents_name(contents, second), "a_2");
    assert_string_equal(tsr_contents_name(contents, third), "a_3");
    assert_string_equal(tsr_contents_name(contents, inner), "a");
    tsr_contents_destroy(&contents);
}

static void test_names_are_legal(void **state) {
    (void)state;
    static const char *const given[] = {"a/b", "", ".x", "x ", "a\nb", "\xc3\x96l", "mean.pay off"};
    static const char *const wanted[] = {"a_b", "unnamed", "_x", "x_", "a_b_2", "\xc3\x96l", "mean.pay off"};
    tsr_contents *contents = created();
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        assert_string_equal(tsr_contents_name(contents, tsr_contents_group(contents, TSR_CONTENTS_ROOT, given[i])),
                            wanted[i]);
    tsr_contents_destroy(&contents);
}

static void test_a_variable_named_like_its_dimension_is_its_coordinate(void **state) {
    (void)state;
    static const double data[] = {1, 2};
    tsr_contents *contents = created();
    const int x = tsr_contents_dimension(contents, TSR_CONTENTS_ROOT, "x", 2);
    const int y = tsr_contents_dimension(contents, TSR_CONTENTS_ROOT, "y", 2);
    assert_int_equal(tsr_contents_coordinate(contents, x), -1);
    const int coordinate = add_numbers(contents, TSR_CONTENTS_ROOT, "x", x, data);
    const int stranger = add_numbers(contents, TSR_CONTENTS_ROOT, "y", x, data);
    const int again = add_numbers(contents, TSR_CONTENTS_ROOT, "x", x, data);
    assert_int_equal(tsr_contents_coordinate(contents, x), coordinate);
    assert_int_equal(tsr_contents_coordinate(contents, y), -1);
    assert_string_equal(tsr_contents_name(contents, stranger), "y_2");
    assert_string_equal(tsr_contents_name(contents, again), "x_2");
    tsr_contents_destroy(&contents);
}

static void test_words_are_padded_to_the_longest(void **state) {
    (void)state;
    static const char *const words[] = {"DAX", "", "FTSE"};
    tsr_contents *contents = created();
    const int column = tsr_contents_dimension(contents, TSR_CONTENTS_ROOT, "column", 3);
    const tsr_variable variable = {.name = "column", .rank = 1, .dimension = {column}, .data = words};
    const int entry = tsr_contents_words(contents, TSR_CONTENTS_ROOT, &variable);
    assert_int_equal(contents->entry[entry].rank, 2);
    assert_int_equal(tsr_contents_cells(contents, entry), 12);
    assert_memory_equal(contents->entry[entry].data, "DAX\0\0\0\0\0FTSE", 12);
    assert_string_equal(tsr_contents_name(contents, contents->entry[entry].dimension[1]), "string4");
    tsr_contents_destroy(&contents);
}

static void test_memory_that_ran_out_is_said_at_last(void **state) {
    (void)state;
    tsr_image image = {0};
    tsr_contents *contents = created();
    assert_null(tsr_contents_keep(contents, INT64_MAX / 16, 8));
    assert_int_equal(add_numbers(contents, TSR_CONTENTS_ROOT, "x", -1, NULL), -1);
    tsr_contents_text(contents, -1, "units", "1");
    assert_int_equal(tsr_image_create(contents, &image), TSR_ERUNTIME);
    tsr_error_clear();
    tsr_contents_destroy(&contents);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_unique_in_their_group),
        cmocka_unit_test(test_names_are_legal),
        cmocka_unit_test(test_a_variable_named_like_its_dimension_is_its_coordinate),
        cmocka_unit_test(test_words_are_padded_to_the_longest),
        cmocka_unit_test(test_memory_that_ran_out_is_said_at_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
