/* Options are read by their table, and what is wrong with a command line is said in one sentence. */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    bool quiet;
    const char *out;
    tsr_words set;
    int threads;
    uint64_t seed;
} values;

static const tsr_option table[] = {
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "changes a value of the job", offsetof(values, set)},
    {"out", 'o', TSR_OPTION_TEXT, "FILE", "where results go", offsetof(values, out)},
    {"threads", '\0', TSR_OPTION_COUNT, "N", "threads per rank", offsetof(values, threads)},
    {"seed", '\0', TSR_OPTION_SEED, "SEED", "a seed", offsetof(values, seed)},
    {"quiet", 'q', TSR_OPTION_FLAG, NULL, "says nothing", offsetof(values, quiet)},
    {0},
};

enum { WORDS_MAX = 16 };

typedef struct {
    values values;
    tsr_words operands;
    char *argv[WORDS_MAX]; /* operands point into it */
    char line[256];
} command_line;

/* Splits the line at blanks, as a shell would. */
static tsr_status parse(const char *line, command_line *out) {
    int argc = 0;
    *out = (command_line){0};
    tsr_error_clear();
    strcpy(out->line, line);
    for (char *word = strtok(out->line, " "); word != NULL; word = strtok(NULL, " ")) out->argv[argc++] = word;
    return tsr_options_parse(table, "try", argc, out->argv, &out->values, &out->operands);
}

static void clear(command_line *parsed) { tsr_options_clear(table, &parsed->values); }

static void assert_refused(const char *line, const char *sentence) {
    command_line parsed;
    assert_int_equal(parse(line, &parsed), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message, sentence);
    clear(&parsed);
}

static void test_options_and_operands_may_stand_in_any_order(void **state) {
    (void)state;
    command_line parsed;
    assert_int_equal(parse("try a --set x=1 b -o f.h5 -q -s y=2 --threads=3 --seed 7", &parsed), TSR_OK);
    assert_int_equal(parsed.operands.count, 2);
    assert_string_equal(parsed.operands.word[0], "a");
    assert_string_equal(parsed.operands.word[1], "b");
    assert_int_equal(parsed.values.set.count, 2);
    assert_string_equal(parsed.values.set.word[0], "x=1");
    assert_string_equal(parsed.values.set.word[1], "y=2");
    assert_string_equal(parsed.values.out, "f.h5");
    assert_true(parsed.values.quiet);
    assert_int_equal(parsed.values.threads, 3);
    assert_int_equal(parsed.values.seed, 7);
    clear(&parsed);
}

static void test_nothing_given_leaves_all_as_it_was(void **state) {
    (void)state;
    command_line parsed;
    assert_int_equal(parse("try", &parsed), TSR_OK);
    assert_int_equal(parsed.operands.count, 0);
    assert_int_equal(parsed.values.set.count, 0);
    assert_null(parsed.values.out);
    assert_false(parsed.values.quiet);
    clear(&parsed);
}

static void test_after_two_dashes_all_words_are_operands(void **state) {
    (void)state;
    command_line parsed;
    assert_int_equal(parse("try -- --quiet -x", &parsed), TSR_OK);
    assert_int_equal(parsed.operands.count, 2);
    assert_false(parsed.values.quiet);
    clear(&parsed);
}

static void test_an_unknown_option_names_the_nearest(void **state) {
    (void)state;
    assert_refused("try --thread-count 3", "try: unknown option --thread-count (known: --set, --out, "
                                           "--threads, --seed, --quiet)");
    assert_refused("try --treads=3", "try: unknown option --treads; did you mean '--threads'? (known: --set, "
                                     "--out, --threads, --seed, --quiet)");
    assert_refused("try -x", "try: unknown option -x (known: --set, --out, --threads, --seed, --quiet)");
    assert_refused("try -qx", "try: unknown option -x (known: --set, --out, --threads, --seed, --quiet)");
}

static void test_values_are_wanted_where_the_table_says_so(void **state) {
    (void)state;
    assert_refused("try --out", "try: --out needs a value: --out FILE");
    assert_refused("try -s", "try: --set needs a value: --set KEY=VALUE");
    assert_refused("try --quiet=yes", "try: --quiet takes no value");
}

static void test_numbers_are_whole_and_in_range(void **state) {
    (void)state;
    command_line parsed;
    assert_refused("try --threads 0", "try: --threads 0: N must be a whole number from 1 to 4096");
    assert_refused("try --threads -2", "try: --threads -2: N must be a whole number from 1 to 4096");
    assert_refused("try --threads 2x", "try: --threads 2x: N must be a whole number from 1 to 4096");
    assert_refused("try --threads 4097", "try: --threads 4097: N must be a whole number from 1 to 4096");
    assert_refused("try --seed 99999999999999999999",
                   "try: --seed 99999999999999999999: SEED must be a whole number from 1 to "
                   "9223372036854775807");
    assert_int_equal(parse("try --seed 9223372036854775807", &parsed), TSR_OK);
    assert_true(parsed.values.seed == INT64_MAX);
}

static void test_help_comes_from_the_table(void **state) {
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    tsr_options_print(table, out);
    fclose(out);
    assert_string_equal(text, "  -s, --set KEY=VALUE       changes a value of the job\n"
                              "  -o, --out FILE            where results go\n"
                              "      --threads N           threads per rank\n"
                              "      --seed SEED           a seed\n"
                              "  -q, --quiet               says nothing\n");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_and_operands_may_stand_in_any_order),
        cmocka_unit_test(test_nothing_given_leaves_all_as_it_was),
        cmocka_unit_test(test_after_two_dashes_all_words_are_operands),
        cmocka_unit_test(test_an_unknown_option_names_the_nearest),
        cmocka_unit_test(test_values_are_wanted_where_the_table_says_so),
        cmocka_unit_test(test_numbers_are_whole_and_in_range),
        cmocka_unit_test(test_help_comes_from_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
