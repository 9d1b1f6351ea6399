/* Durations are read as people and Slurm write them, and anything else is refused with what is allowed. */
#include "engine/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    const char *text;
    double seconds;
} written;

static void assert_read(const written *row, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double seconds = -1;
        if (tsr_duration_read(row[i].text, "--max-time", &seconds) != TSR_OK) fail_msg("'%s' is refused", row[i].text);
        if (seconds != row[i].seconds) fail_msg("'%s' is read as %.17g s", row[i].text, seconds);
    }
}

static void test_a_number_alone_is_seconds(void **state) {
    (void)state;
    const written rows[] = {{"90", 90}, {"0", 0}, {"1.5", 1.5}, {"1e3", 1000}, {".5", 0.5}};
    assert_read(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_units_may_follow_each_other_from_large_to_small(void **state) {
    (void)state;
    const written rows[] = {{"90s", 90},          {"15m", 900},        {"15 min", 900},         {"2h", 7200},
                            {"1.5h", 5400},       {"2d", 172800},      {"1h30m", 5400},         {"2 h 05 min", 7500},
                            {"4 d 03 h", 356400}, {"3 min 20 s", 200}, {"1d1h1m1.5s", 90061.5}, {"2H", 7200}};
    assert_read(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_colons_and_days_mean_what_slurm_means(void **state) {
    (void)state;
    const written rows[] = {{"4:59", 299},         {"90:00", 5400}, {"1:02:03", 3723},         {"100:00:00", 360000},
                            {"1-02:03:04", 93784}, {"2-0", 172800}, {"1-12", 129600},          {"1-12:30", 131400},
                            {"0-00:00:01", 1},     {"00:00", 0},    {"365-00:00:00", 31536000}};
    assert_read(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_anything_else_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",          " ",         "-5",     "+5",      "-1-00",  "1h-30m", "ten",          "5 parsecs", "1:60",
        "1:60:00",   "1:00:60",   "1-24",   "1-23:60", "1-",     "-12",    "1::2",         ":30",       "30:",
        "1:2:3:4",   "1-1:2:3:4", "30m1h",  "1h1h",    "1m5min", "nan",    "inf",          "1e400",     "0x10",
        "1,5h",      "h",         "1.5.2h", "1:2.5",   "1e3:00", "5s 3",   "1e999999999h", "1.5-12",    "2 h x",
        "UNLIMITED",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        double seconds = -1;
        tsr_error_clear();
        const tsr_status status = tsr_duration_read(texts[i], "--max-time", &seconds);
        if (status != TSR_EUSAGE) fail_msg("'%s' is read as %g s", texts[i], seconds);
        assert_true(seconds == -1);
        assert_non_null(strstr(tsr_error_get()->message, "--max-time: '"));
        assert_non_null(strstr(tsr_error_get()->message, "HH:MM:SS"));
    }
}

static void test_a_long_text_is_refused_not_cut(void **state) {
    (void)state;
    char text[400];
    double seconds = -1;
    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    tsr_error_clear();
    assert_int_equal(tsr_duration_read(text, "--max-time", &seconds), TSR_EUSAGE);
    memcpy(text + sizeof(text) - 4, "s", 2);
    tsr_error_clear();
    assert_int_equal(tsr_duration_read(text, "--max-time", &seconds), TSR_EUSAGE);
    assert_true(seconds == -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_alone_is_seconds),
        cmocka_unit_test(test_units_may_follow_each_other_from_large_to_small),
        cmocka_unit_test(test_colons_and_days_mean_what_slurm_means),
        cmocka_unit_test(test_anything_else_is_refused),
        cmocka_unit_test(test_a_long_text_is_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
