/* The map join: rows of a table are found by numbers and by words; what does not fit is refused. */
#include "mapping.h"

#include "io/data/join.h"

#include <unistd.h>

enum { ITEMS = 1000 };

static const char *const airports[] = {"ATL", "DFW", "ORD", "XYZ", NULL};
static const tsr_field flights[] = {
    {.name = "delay", .unit = "min"}, {.name = "origin", .categories = airports}, {.name = "zone"}, {.name = NULL}};
static char folder[] = "/tmp/test_join.XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "%s/table.csv", folder);
    unlink(path);
    return rmdir(folder);
}

/* The table is what it says now. */
static tsr_status open_join(const char *table, const char *on, const char *columns, const char *unmatched,
                            const tsr_field *in, mapping *out) {
    char path[64];
    snprintf(path, sizeof(path), "%s/table.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(table, file);
    fclose(file);
    const tsr_binding binding = {.folder = folder};
    return mapping_bind(&tsr_map_join,
                        tree(TSR_MAP, "job.yaml:3:5", entry("table", "table.csv"), entry("on", on),
                             entry("columns", columns), entry("unmatched", unmatched), NULL),
                        &binding, in, out);
}

static const char places[] = "origin,lat,state,lon\nORD,41.98,IL,-87.9\nATL,33.64,GA,-84.43\nBOS,42.36,MA,-71.01\n"
                             "DFW,32.9,TX,\n";

static void test_words_are_looked_up_by_their_letters(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[6 * ITEMS];
    const double lat[] = {33.64, 32.9, 41.98, NAN}, lon[] = {-84.43, NAN, -87.9, NAN}, region[] = {0, 3, 1, NAN};
    for (int i = 0; i < ITEMS; i++) in[ITEMS + i] = i % 5 == 4 ? NAN : (double)(i % 5);
    mapping join;
    if (open_join(places, "origin", "lon, state, lat", "missing", flights, &join) != TSR_OK)
        fail_msg("%s", tsr_error_get()->message);
    const tsr_field *fields = join.map->fields_of(join.model);
    assert_string_equal(fields[3].name, "lon");
    assert_string_equal(fields[4].name, "state");
    assert_string_equal(fields[4].categories[3], "TX");
    assert_true(fields[1].categories == airports && fields[5].categories == NULL);
    mapping_run(&join, in, ITEMS, 100, out);
    assert_memory_equal(out, in, sizeof(in));
    for (int i = 0; i < ITEMS; i++) {
        const double *expected[] = {lon, region, lat};
        for (int c = 0; c < 3; c++) {
            const double value = out[(3 + c) * ITEMS + i], wanted = i % 5 == 4 ? NAN : expected[c][i % 5];
            assert_true(value == wanted || (isnan(value) && isnan(wanted)));
        }
    }
    assert_blocks_do_not_matter(&join, in, ITEMS);
    int count = 0;
    const tsr_input *inputs = join.map->inputs(join.model, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(inputs[0].path, "table.csv"));
    mapping_close(&join);
}

static void test_numbers_are_looked_up_by_their_value(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[4 * ITEMS];
    for (int i = 0; i < ITEMS; i++) in[2 * ITEMS + i] = (i % 7) * 0.5 - 1.0;
    mapping join;
    assert_int_equal(open_join("zone,price\n2,20\n-0.5,5\n0,7\n1.5,15\n", "zone", "price", "missing", flights, &join),
                     TSR_OK);
    mapping_run(&join, in, ITEMS, 64, out);
    const double price[] = {NAN, 5, 7, NAN, NAN, 15, 20};
    for (int i = 0; i < ITEMS; i++) {
        const double value = out[3 * ITEMS + i];
        assert_true(value == price[i % 7] || (isnan(value) && isnan(price[i % 7])));
    }
    mapping_close(&join);
}

/* Words that look like numbers are words where the dataset has words. */
static void test_the_dataset_says_whether_keys_are_words(void **state) {
    (void)state;
    static const char *const zips[] = {"01001", "1001", NULL};
    static const tsr_field letters[] = {{.name = "zip", .categories = zips}, {.name = NULL}};
    const double in[] = {0, 1};
    double out[4];
    mapping join;
    assert_int_equal(open_join("zip,x\n1001,7\n01001,8\n", "zip", "x", "refuse", letters, &join), TSR_OK);
    mapping_run(&join, in, 2, 2, out);
    assert_true(out[2] == 8 && out[3] == 7);
    mapping_close(&join);
}

static void test_what_is_not_found_can_be_refused(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[4 * ITEMS];
    mapping join;
    assert_int_equal(open_join(places, "origin", "lat", "refuse", flights, &join), TSR_OK);
    in[ITEMS + 5] = 3;
    const tsr_block input = {.item = 100, .items = 10, .stride = ITEMS, .columns = 3, .data = in};
    tsr_block output = {.item = 100, .items = 10, .stride = ITEMS, .columns = 4, .data = out};
    assert_int_equal(join.map->apply(join.model, &input, &output), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "the table has no 'XYZ', which column 'origin' of item 105 "));
    in[ITEMS + 2] = NAN;
    tsr_error_clear();
    assert_int_equal(join.map->apply(join.model, &input, &output), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "column 'origin' of item 102 (counted from 0) is missing"));
    mapping_close(&join);
}

static void test_tables_that_do_not_fit_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *table, *on, *columns, *says;
    } rows[] = {
        {places, "origins", "lat", "there is no column 'origins'; did you mean 'origin'?"},
        {places, "zone", "lat", "has no column 'zone'"},
        {places, "origin", "lati", "has no column 'lati'; did you mean 'lat'?"},
        {"origin,lat\nORD,1\nATL,2\nORD,3\n", "origin", "lat", "origin 'ORD' stands in rows 1 and 3"},
        {"zone,lat\n1,1\n2,2\n1.0,3\n", "zone", "lat", "zone 1 stands in rows 1 and 3"},
        {"zone,lat\n1,1\n,2\n", "zone", "lat", "row 2 (counted from 1, without the header) has no zone"},
        {"zone,lat\na,1\nb,2\n", "zone", "lat", "column zone of the table holds words"},
        {"zone,delay\n1,1\n", "zone", "delay", "there is already a column 'delay'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mapping join;
        assert_int_not_equal(open_join(rows[i].table, rows[i].on, rows[i].columns, "missing", flights, &join), TSR_OK);
        if (strstr(tsr_error_get()->message, rows[i].says) == NULL) fail_msg("%zu: %s", i, tsr_error_get()->message);
        assert_null(join.model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_looked_up_by_their_letters),
        cmocka_unit_test(test_numbers_are_looked_up_by_their_value),
        cmocka_unit_test(test_the_dataset_says_whether_keys_are_words),
        cmocka_unit_test(test_what_is_not_found_can_be_refused),
        cmocka_unit_test(test_tables_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
