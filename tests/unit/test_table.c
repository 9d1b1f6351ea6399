/* Tables stand in columns whatever their cells hold. */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 3 };

static void assert_printed(const tsr_align align[COLUMNS], const char *const (*rows)[COLUMNS], int count,
                           const char *expected) {
    tsr_table *table = NULL;
    assert_int_equal(tsr_table_create(COLUMNS, align, &table), TSR_OK);
    for (int i = 0; i < count; i++) tsr_table_add(table, rows[i]);
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_int_equal(tsr_table_print(table, 2, out), TSR_OK);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    tsr_table_destroy(&table);
    assert_null(table);
}

static const tsr_align plain[COLUMNS] = {TSR_ALIGN_LEFT, TSR_ALIGN_RIGHT, TSR_ALIGN_LEFT};
static const tsr_align numbers[COLUMNS] = {TSR_ALIGN_LEFT, TSR_ALIGN_POINT, TSR_ALIGN_LEFT};

static void test_columns_are_as_wide_as_their_widest_cell(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {{"a", "1", "x"}, {"long name", "1000", "y"}};
    assert_printed(plain, rows, 2,
                   "  a             1  x\n"
                   "  long name  1000  y\n");
}

static void test_numbers_stand_with_their_points_below_each_other(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {
        {"q", "value", "unit"}, {"a", "10.45 ± 0.15", "USD"}, {"b", "-0.051 ± 0.012", ""}, {"c", "1860", ""}};
    assert_printed(numbers, rows, 4,
                   "  q  value             unit\n"
                   "  a    10.45 ± 0.15    USD\n"
                   "  b    -0.051 ± 0.012\n"
                   "  c  1860\n");
}

static void test_one_long_number_does_not_move_all_others(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {{"a", "1.5", ""}, {"b", "-12.5", ""}, {"c", "100000000", ""}};
    assert_printed(numbers, rows, 3,
                   "  a    1.5\n"
                   "  b  -12.5\n"
                   "  c  100000000\n");
}

static void test_width_is_counted_in_characters(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {{"±±", "ä", "x"}, {"abc", "b", "y"}};
    assert_int_equal(tsr_text_width("±ä"), 2);
    assert_printed(plain, rows, 2,
                   "  ±±   ä  x\n"
                   "  abc  b  y\n");
}

static void test_no_blank_stands_at_the_end_of_a_line(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {{"a", "", ""}, {"", "", ""}, {"", "", "z"}, {"", "12", ""}};
    assert_printed(plain, rows, 4,
                   "  a\n"
                   "\n"
                   "         z\n"
                   "     12\n");
}

static void test_control_characters_do_not_reach_the_terminal(void **state) {
    (void)state;
    const char *const rows[][COLUMNS] = {{"a\x1b[2J", "b\n", "\x7f"}};
    assert_printed(plain, rows, 1, "  a?[2J  b?  ?\n");
}

static void test_many_rows(void **state) {
    (void)state;
    tsr_table *table = NULL;
    assert_int_equal(tsr_table_create(COLUMNS, plain, &table), TSR_OK);
    for (int i = 0; i < 1000; i++) tsr_table_add(table, (const char *[]){"a", "b", "c"});
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_int_equal(tsr_table_print(table, 0, out), TSR_OK);
    fclose(out);
    assert_int_equal(bytes, 1000 * strlen("a  b  c\n"));
    free(text);
    tsr_table_destroy(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(test_numbers_stand_with_their_points_below_each_other),
        cmocka_unit_test(test_one_long_number_does_not_move_all_others),
        cmocka_unit_test(test_width_is_counted_in_characters),
        cmocka_unit_test(test_no_blank_stands_at_the_end_of_a_line),
        cmocka_unit_test(test_control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(test_many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
