/* Parameters: every text binds to exactly the value it says or is refused with place, reason and help. */
#include "engine/number.h"
#include "engine/param.h"
#include "settings.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

static const tsr_param option_table[] = {
    {.name = "spot", .type = TSR_REAL, .unit = "EUR", .minimum_open = true, .help = "price today"},
    {.name = "strike", .type = TSR_REAL, .unit = "EUR", .minimum = 0, .maximum = INFINITY, .help = "agreed price"},
    {.name = "volatility", .type = TSR_REAL, .unit = "1", .preset = "0.2", .minimum_open = true, .help = "per year"},
    {.name = "correlation", .type = TSR_REAL, .unit = "1", .preset = "0", .minimum = -1, .maximum = 1, .help = ""},
    {.name = "steps", .type = TSR_INTEGER, .unit = "1", .preset = "1", .minimum = 1, .help = "time steps"},
    {.name = "antithetic", .type = TSR_BOOLEAN, .unit = "1", .preset = "no", .help = "pairs"},
    {.name = "type", .type = TSR_CHOICE, .unit = "1", .preset = "call", .choices = "call|put", .help = "right"},
    {.name = "title", .type = TSR_TEXT, .unit = "1", .preset = "", .help = "free words"},
    {.name = "curve", .type = TSR_FILE, .unit = "1", .preset = "", .help = "interest rates"},
    {.name = "returns", .type = TSR_STAGE, .unit = "1", .preset = "", .help = "earlier stage"},
    {.name = "weights", .type = TSR_REAL_LIST, .unit = "1", .preset = "", .help = "matrix"},
    {.name = "levels",
     .type = TSR_REAL_LIST,
     .preset = "0.95, 0.99",
     .maximum = 1,
     .minimum_open = true,
     .maximum_open = true,
     .help = "levels"},
    {.name = "of", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns"},
    {.name = "days", .type = TSR_FILE_LIST, .unit = "1", .preset = "", .help = "files"},
    {.name = NULL},
};

static tsr_setting *map_with(tsr_setting *child) {
    return tree(TSR_MAP, "jobs/x.yaml:6:5", keyed("spot", scalar("jobs/x.yaml:6:11", "100")),
                keyed("strike", scalar("jobs/x.yaml:6:22", "95")), child, NULL);
}

/* Binds spot, strike and one more; frees the setting at once: nothing may be borrowed from it. */
static tsr_status bind_with(const char *key, tsr_setting *value, tsr_params **out) {
    tsr_error_clear();
    tsr_setting *map = map_with(keyed(key, value));
    tsr_status status = tsr_params_bind(option_table, map, "source european", NULL, out);
    tsr_setting_destroy(&map);
    return status;
}

static void assert_refused(const char *key, tsr_setting *value, const char *message) {
    tsr_params *params = NULL;
    assert_int_equal(bind_with(key, value, &params), TSR_EUSAGE);
    assert_null(params);
    assert_string_equal(tsr_error_get()->message, message);
}

static void refused_number(const char *key, const char *text, const char *sentence) {
    char message[256];
    snprintf(message, sizeof(message), "jobs/x.yaml:7:13: source european: %s", sentence);
    assert_refused(key, scalar("jobs/x.yaml:7:13", text), message);
}

static void test_number_real_is_the_whole_text_or_nothing(void **state) {
    (void)state;
    double value = 0;
    const char *good[] = {"1", "-1.5", "+.5", "5.", "1e8", "1E-3", "0.1", "-0.0", "1e-400", "4.9e-324"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_int_equal(tsr_number_read_real(good[i], &value), TSR_NUMBER_OK);
        assert_true(value == strtod(good[i], NULL));
    }
    const char *bad[] = {"",    "ten", "1 ", " 1",  "1,5",   "1_000", "0x10", "inf", "nan",   "1e",
                         "1e+", ".",   "-",  "+-1", "1.2.3", "1d5",   "--1",  "e5",  "1e5.0", "1\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(tsr_number_read_real(bad[i], &value), TSR_NUMBER_MALFORMED);
    assert_int_equal(tsr_number_read_real("1e309", &value), TSR_NUMBER_TOO_LARGE);
    assert_int_equal(tsr_number_read_real("-1e309", &value), TSR_NUMBER_TOO_LARGE);
}

static void test_number_integer_is_exact_or_refused(void **state) {
    (void)state;
    const struct {
        const char *text;
        tsr_number verdict;
        int64_t value;
    } row[] = {
        {"0", TSR_NUMBER_OK, 0},
        {"-0", TSR_NUMBER_OK, 0},
        {"0e999999999999999999999", TSR_NUMBER_OK, 0},
        {"007", TSR_NUMBER_OK, 7},
        {"1e8", TSR_NUMBER_OK, 100000000},
        {"2.5e3", TSR_NUMBER_OK, 2500},
        {"1500e-2", TSR_NUMBER_OK, 15},
        {"100.000", TSR_NUMBER_OK, 100},
        {"1.0000000000000000000000000", TSR_NUMBER_OK, 1},
        {"9223372036854775807", TSR_NUMBER_OK, INT64_MAX},
        {"9.223372036854775807e18", TSR_NUMBER_OK, INT64_MAX},
        {"-9223372036854775808", TSR_NUMBER_OK, INT64_MIN},
        {"9007199254740993", TSR_NUMBER_OK, 9007199254740993}, /* 2^53 + 1 is no double */
        {"9223372036854775808", TSR_NUMBER_TOO_LARGE, 0},
        {"-9223372036854775809", TSR_NUMBER_TOO_LARGE, 0},
        {"1e19", TSR_NUMBER_TOO_LARGE, 0},
        {"1e999999999999999999999", TSR_NUMBER_TOO_LARGE, 0},
        {"1.5", TSR_NUMBER_FRACTION, 0},
        {"1e-1", TSR_NUMBER_FRACTION, 0},
        {"1.25e1", TSR_NUMBER_FRACTION, 0},
        {"12345678901234567890123.5", TSR_NUMBER_FRACTION, 0},
        {"1_000", TSR_NUMBER_MALFORMED, 0},
        {"0x10", TSR_NUMBER_MALFORMED, 0},
        {"", TSR_NUMBER_MALFORMED, 0},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        int64_t value = 0;
        assert_int_equal(tsr_number_read_integer(row[i].text, &value), row[i].verdict);
        assert_int_equal(value, row[i].value);
    }
}

static void test_bind_nothing_gives_presets(void **state) {
    (void)state;
    tsr_params *params = NULL;
    assert_int_equal(bind_with("steps", scalar("jobs/x.yaml:7:13", "1e3"), &params), TSR_OK);
    int64_t count = 0;
    assert_true(tsr_params_real(params, "volatility") == 0.2);
    assert_int_equal(tsr_params_integer(params, "steps"), 1000);
    assert_false(tsr_params_boolean(params, "antithetic"));
    assert_int_equal(tsr_params_choice(params, "type"), 0);
    assert_string_equal(tsr_params_text(params, "type"), "call");
    assert_string_equal(tsr_params_text(params, "title"), "");
    assert_string_equal(tsr_params_text(params, "curve"), "");
    assert_null(tsr_params_stage(params, "returns"));
    assert_true(tsr_params_reals(params, "levels", &count)[1] == 0.99 && count == 2);
    tsr_params_texts(params, "of", &count);
    assert_int_equal(count, 0);
    assert_true(tsr_params_is_default(params, "volatility"));
    assert_string_equal(tsr_params_where(params, "volatility"), "default");
    assert_false(tsr_params_is_default(params, "steps"));
    assert_string_equal(tsr_params_where(params, "steps"), "jobs/x.yaml:7:13");
    assert_ptr_equal(tsr_params_table(params), option_table);
    assert_string_equal(tsr_params_written(params, 4), "1e3");
    assert_string_equal(tsr_params_written(params, 11), "0.95, 0.99");
    tsr_params_destroy(&params);
    assert_null(params);
}

static void test_bind_unknown_key_names_the_nearest(void **state) {
    (void)state;
    assert_refused(
        "strkie", scalar("jobs/x.yaml:7:13", "1"),
        "jobs/x.yaml:7:13: source european: unknown parameter 'strkie'; did you mean 'strike'? (known: spot, "
        "strike, volatility, correlation, steps, antithetic, type, title, curve, returns, weights, levels, "
        "of, days)");
    assert_refused("frequency", scalar("jobs/x.yaml:7:13", "1"),
                   "jobs/x.yaml:7:13: source european: unknown parameter 'frequency' (known: spot, "
                   "strike, volatility, correlation, steps, antithetic, type, title, curve, returns, weights, levels, "
                   "of, days)");
}

static void test_bind_key_twice_names_both_places(void **state) {
    (void)state;
    assert_refused("spot", scalar("jobs/x.yaml:7:13", "1"),
                   "jobs/x.yaml:7:13: source european: parameter 'spot' is given twice (first at jobs/x.yaml:6:11)");
}

static void test_bind_missing_required_says_which(void **state) {
    (void)state;
    tsr_error_clear();
    tsr_params *params = NULL;
    tsr_setting *map = tree(TSR_MAP, "x.yaml:6:5", keyed("spot", scalar("x.yaml:6:11", "100")), NULL);
    assert_int_equal(tsr_params_bind(option_table, map, "source european", NULL, &params), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message,
                        "x.yaml:6:5: source european: required parameter 'strike' is missing (agreed price)");
    tsr_setting_destroy(&map);

    tsr_binding binding = {.where = "x.yaml:5:3"};
    tsr_setting placeless = {.kind = TSR_MAP};
    const tsr_setting *settings[] = {NULL, &placeless};
    for (int i = 0; i < 2; i++) {
        tsr_error_clear();
        assert_int_equal(tsr_params_bind(option_table, settings[i], "source european", &binding, &params), TSR_EUSAGE);
        assert_string_equal(tsr_error_get()->message,
                            "x.yaml:5:3: source european: required parameter 'spot' is missing (price today)");
    }
}

static void test_bind_number_out_of_range_says_the_range(void **state) {
    (void)state;
    refused_number("volatility", "-0.2", "volatility is -0.2; it must be > 0");
    refused_number("volatility", "0", "volatility is 0; it must be > 0");
    refused_number("correlation", "1.01", "correlation is 1.01; it must be >= -1 and <= 1");
    refused_number("steps", "0", "steps is 0; it must be >= 1");
    refused_number("levels", "1", "levels holds 1; each value must be > 0 and < 1");
    tsr_params *params = NULL;
    assert_int_equal(bind_with("correlation", scalar("x:1:1", "-1"), &params), TSR_OK);
    tsr_params_destroy(&params);
}

static void test_bind_not_a_number_says_so(void **state) {
    (void)state;
    refused_number("volatility", "ten", "volatility: 'ten' is not a number");
    refused_number("volatility", "", "volatility: a number is missing here");
    refused_number("volatility", "1e309", "volatility: '1e309' is too large for a double");
    refused_number("steps", "1.5", "steps: '1.5' is not a whole number");
    refused_number("steps", "1e19", "steps: '1e19' does not fit into 64 bits");
    refused_number("antithetic", "maybe", "antithetic: 'maybe' is none of true, false, yes, no");
    refused_number("type", "cal", "type: 'cal' is not allowed; did you mean 'call'? (known: call, put)");
    refused_number("type", "digital", "type: 'digital' is not allowed (known: call, put)");
    refused_number("curve", "", "curve: the name of a file is missing here");
}

static void test_bind_wrong_shape_says_what_is_wanted(void **state) {
    (void)state;
    assert_refused("steps", tree(TSR_LIST, "x:7:1", scalar("x:7:2", "1"), NULL),
                   "x:7:1: source european: steps: a list stands here; it must be a whole number");
    assert_refused("weights", tree(TSR_MAP, "x:7:1", keyed("a", scalar("x:7:2", "1")), NULL),
                   "x:7:1: source european: weights: a map stands here; it must be a list of numbers");
    assert_refused(
        "title", tree(TSR_MAP, "x:7:1", keyed("x > 0 ? a", scalar("x:7:2", "b")), NULL),
        "x:7:1: source european: title: a map stands here; it must be a word; put it in quotes if it holds a colon");
    assert_refused("of", tree(TSR_LIST, "x:7:1", tree(TSR_LIST, "x:7:2", scalar("x:7:3", "a"), NULL), NULL),
                   "x:7:2: source european: of: a list stands here; it must be a list of words");
    assert_refused("weights", tree(TSR_LIST, "x:7:1", scalar("x:7:2", "1"), scalar("x:7:5", "b"), NULL),
                   "x:7:5: source european: weights: 'b' is not a number");
}

static tsr_setting *pair(const char *where, const char *a, const char *b) {
    return tree(TSR_LIST, where, scalar(where, a), b == NULL ? NULL : scalar(where, b), NULL);
}

static void test_bind_matrix_is_flattened_and_must_be_regular(void **state) {
    (void)state;
    tsr_params *params = NULL;
    int64_t count = 0;
    tsr_setting *matrix = tree(TSR_LIST, "x:7:1", pair("x:7:2", "1", "2"), pair("x:7:8", "3", "4e0"), NULL);
    assert_int_equal(bind_with("weights", matrix, &params), TSR_OK);
    const double *weights = tsr_params_reals(params, "weights", &count);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) assert_true(weights[i] == i + 1);
    assert_string_equal(tsr_params_written(params, 10), "[[1, 2], [3, 4e0]]");
    tsr_params_destroy(&params);
    assert_refused(
        "weights", tree(TSR_LIST, "x:7:1", pair("x:7:2", "1", "2"), pair("x:7:8", "3", NULL), NULL),
        "x:7:8: source european: weights: row 2 is not as long as row 1; all rows of a matrix must be alike");
}

static void test_bind_bare_scalar_and_list_go_to_the_first_row(void **state) {
    (void)state;
    static const tsr_param table[] = {
        {.name = "of", .type = TSR_TEXT_LIST, .preset = "x", .help = "columns"},
        {.name = "bins", .type = TSR_INTEGER, .preset = "10", .help = "bins"},
        {.name = NULL},
    };
    tsr_params *params = NULL;
    int64_t count = 0;
    tsr_setting *bare[] = {scalar("x:1:1", "DAX"), pair("x:1:1", "DAX", "SMI"), scalar("x:1:1", "")};
    const char *first[] = {"DAX", "DAX", "x"};
    const int64_t counts[] = {1, 2, 1};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tsr_params_bind(table, bare[i], "tally t", NULL, &params), TSR_OK);
        tsr_setting_destroy(&bare[i]);
        assert_string_equal(tsr_params_texts(params, "of", &count)[0], first[i]);
        assert_int_equal(count, counts[i]);
        assert_int_equal(tsr_params_integer(params, "bins"), 10);
        tsr_params_destroy(&params);
    }
    tsr_error_clear();
    static const tsr_param empty[] = {{.name = NULL}};
    tsr_setting *one = scalar("x:1:1", "5");
    assert_int_equal(tsr_params_bind(empty, one, "source pi", NULL, &params), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message, "x:1:1: source pi: it takes no parameters");
    tsr_setting_destroy(&one);
}

static void test_bind_file_is_relative_to_the_job(void **state) {
    (void)state;
    const char *folder[] = {"jobs", "jobs/", "", NULL, "jobs"};
    const char *given[] = {"a.csv", "a.csv", "a.csv", "a.csv", "/a.csv"};
    const char *resolved[] = {"jobs/a.csv", "jobs/a.csv", "a.csv", "a.csv", "/a.csv"};
    for (int i = 0; i < 5; i++) {
        tsr_params *params = NULL;
        tsr_binding binding = {.folder = folder[i]};
        tsr_setting *map = map_with(keyed("curve", scalar("x:7:1", given[i])));
        assert_int_equal(tsr_params_bind(option_table, map, "source european", &binding, &params), TSR_OK);
        assert_string_equal(tsr_params_text(params, "curve"), resolved[i]);
        assert_string_equal(tsr_params_written(params, 8), given[i]);
        tsr_params_destroy(&params);
        tsr_setting_destroy(&map);
    }
}

static const tsr_results *find_stage(const void *stages, const char *name) {
    return strcmp(name, "loss") == 0 ? stages : NULL;
}

static void test_bind_files_are_a_list_relative_to_the_job(void **state) {
    (void)state;
    tsr_params *params = NULL;
    const tsr_binding binding = {.folder = "jobs"};
    tsr_setting *list = tree(TSR_LIST, "jobs/x.yaml:7:13", scalar("jobs/x.yaml:7:14", "a-*.h5"),
                             scalar("jobs/x.yaml:7:20", "/b.h5"), NULL);
    tsr_setting *map = map_with(keyed("days", list));
    assert_int_equal(tsr_params_bind(option_table, map, "source european", &binding, &params), TSR_OK);
    tsr_setting_destroy(&map);
    int64_t count = 0;
    const char *const *file = tsr_params_texts(params, "days", &count);
    assert_int_equal(count, 2);
    assert_string_equal(file[0], "jobs/a-*.h5");
    assert_string_equal(file[1], "/b.h5");
    tsr_params_destroy(&params);
    assert_refused("days", tree(TSR_LIST, "jobs/x.yaml:7:13", tree(TSR_LIST, "jobs/x.yaml:7:14", NULL), NULL),
                   "jobs/x.yaml:7:14: source european: days: a list stands here; it must be a list of files");
    assert_refused("days", scalar("jobs/x.yaml:7:13", ""),
                   "jobs/x.yaml:7:13: source european: days: the name of a file is missing here");
}

static void test_bind_stage_is_looked_up(void **state) {
    (void)state;
    const char marker = 0;
    const tsr_binding binding = {.find = find_stage, .stages = &marker};
    const char *names[] = {"loss", "returns"};
    for (int i = 0; i < 2; i++) {
        tsr_params *params = NULL;
        tsr_setting *map = map_with(keyed("returns", scalar("x:7:1", names[i])));
        assert_int_equal(tsr_params_bind(option_table, map, "source european", &binding, &params), TSR_OK);
        assert_ptr_equal(tsr_params_stage(params, "returns"), i == 0 ? &marker : NULL);
        assert_string_equal(tsr_params_text(params, "returns"), names[i]);
        tsr_params_destroy(&params);
        tsr_setting_destroy(&map);
    }
}

static void test_bind_bad_preset_is_our_defect(void **state) {
    (void)state;
    static const tsr_param table[] = {{.name = "rate", .type = TSR_REAL, .preset = "much", .help = "rate"}, {0}};
    tsr_params *params = NULL;
    tsr_error_clear();
    assert_int_equal(tsr_params_bind(table, NULL, "source x", NULL, &params), TSR_EINTERNAL);
    assert_string_equal(tsr_error_get()->message, "source x: the preset 'much' of parameter 'rate' must be a number");
}

static void test_fail_points_to_the_value_or_to_the_component(void **state) {
    (void)state;
    tsr_params *params = NULL;
    const struct {
        const char *name, *message;
    } row[] = {
        {"strike", "jobs/x.yaml:6:22: source european: strike: it is 7 too many"},
        {"volatility", "jobs/x.yaml:6:5: source european: volatility: it is 7 too many"},
        {NULL, "jobs/x.yaml:6:5: source european: it is 7 too many"},
    };
    assert_int_equal(bind_with("title", scalar("x:7:1", "a"), &params), TSR_OK);
    for (int i = 0; i < 3; i++) {
        tsr_error_clear();
        assert_int_equal(tsr_params_fail(params, row[i].name, "it is %d too many", 7), TSR_EUSAGE);
        assert_string_equal(tsr_error_get()->message, row[i].message);
    }
    tsr_params_destroy(&params);
}

static void test_nearest_word_is_near_or_none(void **state) {
    (void)state;
    const char *const words[] = {"spot", "strike", "rate", "volatility", "DAX", "T", NULL};
    const char *cases[][2] = {{"strkie", "strike"},
                              {"sopt", "spot"},
                              {"dax", "DAX"},
                              {"volatilty", "volatility"},
                              {"spots", "spot"},
                              {"frequency", NULL},
                              {"x", NULL},
                              {"t", "T"},
                              {"", NULL},
                              {"SMI", NULL},
                              {"vloatiltiy", "volatility"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *near = tsr_nearest_word(cases[i][0], words);
        if (cases[i][1] == NULL)
            assert_null(near);
        else
            assert_string_equal(near, cases[i][1]);
    }
    char longest[200];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_null(tsr_nearest_word(longest, words));
    const char *const long_candidates[] = {longest, NULL};
    assert_null(tsr_nearest_word("aaaa", long_candidates));
}

static void test_nearest_hint_lists_what_fits(void **state) {
    (void)state;
    char hint[TSR_HINT_BYTES];
    const char *const two[] = {"call", "put", NULL}, *const none[] = {NULL};
    tsr_nearest_hint("cal", two, hint);
    assert_string_equal(hint, "; did you mean 'call'? (known: call, put)");
    tsr_nearest_hint("digital", two, hint);
    assert_string_equal(hint, " (known: call, put)");
    tsr_nearest_hint("call", none, hint);
    assert_string_equal(hint, " (known: )");
    char names[200][8];
    const char *many[201] = {NULL};
    for (int count = 1; count <= 200; count++) {
        snprintf(names[count - 1], sizeof(names[0]), "k%d", count * 37);
        many[count - 1] = names[count - 1];
        memset(hint, 1, sizeof(hint));
        tsr_nearest_hint("digital", many, hint);
        assert_true(strlen(hint) < sizeof(hint) && hint[strlen(hint) - 1] == ')');
    }
    assert_non_null(strstr(hint, "k37, k74, "));
    assert_string_equal(hint + strlen(hint) - 6, ", ...)");
}

static void test_setting_find_looks_into_maps_only(void **state) {
    (void)state;
    tsr_setting *map = map_with(NULL);
    assert_string_equal(tsr_setting_find(map, "strike")->text, "95");
    assert_null(tsr_setting_find(map, "rate"));
    assert_null(tsr_setting_find(map->child[0], "rate"));
    assert_null(tsr_setting_find(NULL, "rate"));
    tsr_setting_destroy(&map);
    assert_null(map);
    tsr_setting_destroy(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_real_is_the_whole_text_or_nothing),
        cmocka_unit_test(test_number_integer_is_exact_or_refused),
        cmocka_unit_test(test_bind_nothing_gives_presets),
        cmocka_unit_test(test_bind_unknown_key_names_the_nearest),
        cmocka_unit_test(test_bind_key_twice_names_both_places),
        cmocka_unit_test(test_bind_missing_required_says_which),
        cmocka_unit_test(test_bind_number_out_of_range_says_the_range),
        cmocka_unit_test(test_bind_not_a_number_says_so),
        cmocka_unit_test(test_bind_wrong_shape_says_what_is_wanted),
        cmocka_unit_test(test_bind_matrix_is_flattened_and_must_be_regular),
        cmocka_unit_test(test_bind_bare_scalar_and_list_go_to_the_first_row),
        cmocka_unit_test(test_bind_file_is_relative_to_the_job),
        cmocka_unit_test(test_bind_files_are_a_list_relative_to_the_job),
        cmocka_unit_test(test_bind_stage_is_looked_up),
        cmocka_unit_test(test_bind_bad_preset_is_our_defect),
        cmocka_unit_test(test_fail_points_to_the_value_or_to_the_component),
        cmocka_unit_test(test_nearest_word_is_near_or_none),
        cmocka_unit_test(test_nearest_hint_lists_what_fits),
        cmocka_unit_test(test_setting_find_looks_into_maps_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
