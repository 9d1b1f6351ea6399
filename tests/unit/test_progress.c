/* The progress line says what it knows, fits the terminal, and stays out of logs of short runs. */
#include "cli/progress.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tsr_progress half = {.stage = "loss",
                                  .items_done = 50000000,
                                  .items_total = 100000000,
                                  .elapsed_ns = INT64_C(8000000000),
                                  .headline = "mean.payoff",
                                  .value = 10.4506,
                                  .error = 0.0148};

static void assert_line(const tsr_progress *progress, bool bar, bool utf8, int width, const char *expected) {
    char text[TSR_PROGRESS_BYTES];
    tsr_progress_write(progress, bar, utf8, width, text);
    assert_string_equal(text, expected);
}

static void test_the_line_says_share_speed_time_left_and_estimate(void **state) {
    (void)state;
    assert_line(&half, true, false, 200,
                "loss  [##########..........]   50 %  50.0 M of 100 M  6.25 M/s  8 s left  "
                "mean.payoff 10.451 +/- 0.015");
    assert_line(&half, false, true, 200,
                "loss   50 %  50.0 M of 100 M  6.25 M/s  8 s left  mean.payoff 10.451 ± 0.015");
}

static void test_what_is_not_known_is_left_out(void **state) {
    (void)state;
    const tsr_progress nothing = {.stage = "a"}, begun = {.stage = "a", .items_total = 1000};
    assert_line(&nothing, false, true, 200, "a    0 %  0 of 0");
    assert_line(&begun, false, true, 200, "a    0 %  0 of 1.00 k");
}

static void test_a_line_that_is_too_long_loses_whole_parts(void **state) {
    (void)state;
    assert_line(&half, true, true, 79, "loss   50 %  50.0 M of 100 M  6.25 M/s  8 s left  mean.payoff 10.451 ± 0.015");
    assert_line(&half, true, true, 76, "loss   50 %  50.0 M of 100 M  6.25 M/s  8 s left  mean.payoff 10.451 ± 0.015");
    assert_line(&half, true, true, 75, "loss   50 %  8 s left  mean.payoff 10.451 ± 0.015");
    assert_line(&half, true, true, 40, "loss   50 %  mean.payoff 10.451 ± 0.015");
    assert_line(&half, true, true, 20, "loss   50 %");
    assert_line(&half, true, true, 8, " 50 %");
}

static void test_names_of_any_length_fit(void **state) {
    (void)state;
    char name[2000], text[TSR_PROGRESS_BYTES];
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    tsr_progress long_name = half;
    long_name.stage = name;
    tsr_progress_write(&long_name, true, true, 1000, text);
    assert_int_equal(strlen(text), TSR_PROGRESS_BYTES - 1);
    assert_line(&long_name, true, true, 79, " 50 %");
}

static void test_a_log_gets_a_line_every_ten_seconds(void **state) {
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    tsr_progress_line line = tsr_progress_line_make(stderr);
    line.out = out;
    line.is_terminal = false;
    line.utf8 = false;
    tsr_progress_line_show(&half, &line);
    fflush(out);
    assert_int_equal(bytes, 0);
    line.said_ns -= INT64_C(10000000000); /* as if ten seconds had gone by */
    tsr_progress_line_show(&half, &line);
    tsr_progress_line_show(&half, &line);
    fclose(out);
    assert_string_equal(text, "tessera: loss   50 %  50.0 M of 100 M  6.25 M/s  8 s left  "
                              "mean.payoff 10.451 +/- 0.015\n");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line_says_share_speed_time_left_and_estimate),
        cmocka_unit_test(test_what_is_not_known_is_left_out),
        cmocka_unit_test(test_a_line_that_is_too_long_loses_whole_parts),
        cmocka_unit_test(test_names_of_any_length_fit),
        cmocka_unit_test(test_a_log_gets_a_line_every_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
