/* The map derive: new columns have the values of their formulas, with name, unit and meaning; mistakes are refused. */
#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 5, STRIDE = 8 };

static const tsr_field market[] = {
    {.name = "open", .unit = "EUR", .long_name = "price in the morning"},
    {.name = "close", .unit = "EUR", .is_control = true, .expectation = 1.5},
    {.name = NULL},
};

static const tsr_map *find_map(const char *name) {
    for (const tsr_map *const *map = tsr_kernel_maps; *map != NULL; map++)
        if (strcmp((*map)->name, name) == 0) return *map;
    fail_msg("there is no map '%s'", name);
    return NULL;
}

/* Up to three definitions as a list. */
static tsr_status open_derive(const char *first, const char *second, const char *third, void **model) {
    const tsr_map *map = find_map("derive");
    tsr_setting *list = tree(TSR_LIST, "job.yaml:4:5", scalar("job.yaml:4:6", first),
                             second == NULL ? NULL : scalar("job.yaml:4:9", second),
                             third == NULL ? NULL : scalar("job.yaml:4:12", third), NULL);
    tsr_params *params = NULL;
    tsr_error_clear();
    tsr_status status = tsr_params_bind(map->params, list, "map derive", NULL, &params);
    if (status == TSR_OK) status = map->create(params, market, model);
    tsr_setting_destroy(&list);
    tsr_params_destroy(&params);
    return status;
}

static void test_new_columns_are_formulas_of_all_before_them(void **state) {
    (void)state;
    const tsr_map *map = find_map("derive");
    void *model = NULL;
    assert_int_equal(open_derive("gain [EUR] = close - open", "up = gain > 0", NULL, &model), TSR_OK);
    double in[2 * STRIDE] = {1, 2, 3, 4, 5, 0, 0, 0, 2, 2, 2, 5, NAN}, out[4 * STRIDE];
    tsr_block input = {.item = 7, .items = ITEMS, .stride = STRIDE, .columns = 2, .data = in};
    tsr_block output = {.item = 7, .items = ITEMS, .stride = STRIDE, .columns = 4, .data = out};
    for (int i = 0; i < 4 * STRIDE; i++) out[i] = -77;
    assert_int_equal(map->apply(model, &input, &output), TSR_OK);
    const double gain[] = {1, 0, -1, 1}, up[] = {1, 0, 0, 1};
    for (int i = 0; i < 4; i++) {
        assert_true(out[i] == in[i] && out[STRIDE + i] == in[STRIDE + i]);
        assert_true(out[2 * STRIDE + i] == gain[i] && out[3 * STRIDE + i] == up[i]);
    }
    assert_true(isnan(out[2 * STRIDE + 4]) && out[2 * STRIDE + ITEMS] == -77); /* what is missing stays missing */
    map->destroy(model);
}

static void test_columns_tell_what_they_are(void **state) {
    (void)state;
    const tsr_map *map = find_map("derive");
    void *model = NULL;
    assert_int_equal(open_derive("gain [EUR] = close - open", NULL, NULL, &model), TSR_OK);
    const tsr_field *fields = map->fields_of(model);
    assert_string_equal(fields[0].long_name, "price in the morning");
    assert_true(fields[1].is_control && fields[1].expectation == 1.5 && !fields[0].is_control);
    assert_string_equal(fields[2].name, "gain");
    assert_string_equal(fields[2].unit, "EUR");
    assert_string_equal(fields[2].long_name, "gain [EUR] = close - open");
    assert_true(!fields[2].is_control);
    assert_null(fields[3].name);
    map->destroy(model);
}

/* A control that a map changes has another expectation. */
static void test_log_returns_are_no_controls(void **state) {
    (void)state;
    void *model = NULL;
    const tsr_map *map = find_map("log_return");
    assert_int_equal(map->create(NULL, market, &model), TSR_OK);
    assert_true(!map->fields_of(model)[1].is_control);
    map->destroy(model);
}

static void test_mistakes_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"close - open", "in 'close - open', character 7: a '=' is expected here"},
        {"gain = clos - open", "in 'gain = clos - open', character 8: 'clos' is not known here; did you mean 'close'?"},
        {"open = close", "there is already a column 'open'; choose another name"},
        {"later = gain", "'gain' is not known here"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *model = NULL;
        assert_int_equal(open_derive(rows[i].text, "gain = close - open", NULL, &model), TSR_EUSAGE);
        if (strstr(tsr_error_get()->message, rows[i].says) == NULL) fail_msg("%s", tsr_error_get()->message);
        assert_non_null(strstr(tsr_error_get()->message, "job.yaml:4:5: map derive: columns: "));
        assert_null(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_columns_are_formulas_of_all_before_them),
        cmocka_unit_test(test_columns_tell_what_they_are),
        cmocka_unit_test(test_log_returns_are_no_controls),
        cmocka_unit_test(test_mistakes_are_refused_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
