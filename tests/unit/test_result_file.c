/* The result file: every number of a run lies where its names say, netCDF's rules hold throughout, the digest can be
 * recomputed from the file alone, and a file is there whole or not at all. */
#include "io/result/result_file.h"

#include "io/result/h5.h"
#include "io/result/stored_run.h"
#include "made_run.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>
#include <hdf5_hl.h>
#include <unistd.h>

typedef struct {
    char folder[64];
    char path[128];
    tsr_comm *comm;
    made_run *made;
    hid_t file;
} fixture;

static int set_up(void **state) {
    fixture *test = calloc(1, sizeof(*test));
    strcpy(test->folder, "/tmp/test_result_file.XXXXXX");
    assert_non_null(mkdtemp(test->folder));
    snprintf(test->path, sizeof(test->path), "%s/out.h5", test->folder);
    assert_int_equal(tsr_comm_self_open(&test->comm), TSR_OK);
    test->made = made_run_create(false);
    test->file = H5I_INVALID_HID;
    tsr_error_clear();
    *state = test;
    return 0;
}

static int tear_down(void **state) {
    fixture *test = *state;
    tsr_h5_drop(&test->file);
    unlink(test->path);
    assert_int_equal(rmdir(test->folder), 0); /* nothing else was left behind */
    made_run_destroy(test->made);
    tsr_comm_close(&test->comm);
    free(test);
    return 0;
}

static tsr_status write_run(fixture *test, bool force) {
    return tsr_result_file_write(test->path, force, &test->made->written, test->comm);
}

static void write_and_open(fixture *test) {
    if (write_run(test, false) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    test->file = H5Fopen(test->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(test->file >= 0);
}

static void assert_refused(tsr_status status, tsr_status expected, const char *word) {
    assert_int_equal(status, expected);
    if (!strstr(tsr_error_get()->message, word)) fail_msg("no '%s' in: %s", word, tsr_error_get()->message);
    tsr_error_clear();
}

/* ---- looking into a file ---- */

enum { READ_MAX = 512 };

/* Names of the dimensions of a variable, as its scales say: "strike kind column". */
static herr_t append_name(hid_t variable, unsigned dimension, hid_t scale, void *data) {
    (void)variable, (void)dimension;
    char name[128], *list = data;
    H5Iget_name(scale, name, sizeof(name));
    strcat(strcat(list, *list ? " " : ""), strrchr(name, '/') + 1);
    return 0;
}

static void assert_dimensions(const fixture *test, const char *name, const char *expected) {
    char list[512] = "";
    hid_t dataset = H5Dopen2(test->file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    assert_true(dataset >= 0);
    for (unsigned i = 0; i < (unsigned)H5Sget_simple_extent_ndims(space); i++)
        H5DSiterate_scales(dataset, i, NULL, append_name, list);
    tsr_h5_drop(&space);
    tsr_h5_drop(&dataset);
    assert_string_equal(list, expected);
}

static int64_t read_all(const fixture *test, const char *name, hid_t type, void *out) {
    hid_t dataset = H5Dopen2(test->file, name, H5P_DEFAULT);
    if (dataset < 0) fail_msg("no variable %s", name);
    hid_t space = H5Dget_space(dataset);
    const int64_t count = H5Sget_simple_extent_npoints(space);
    assert_in_range(count, 1, READ_MAX);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    tsr_h5_drop(&space);
    tsr_h5_drop(&dataset);
    return count;
}

/* NaN equals NaN. */
static void assert_reals(const fixture *test, const char *name, const double *expected, int64_t count) {
    double found[READ_MAX];
    assert_int_equal(read_all(test, name, H5T_NATIVE_DOUBLE, found), count);
    for (int64_t i = 0; i < count; i++)
        if (found[i] != expected[i] && !(isnan(found[i]) && isnan(expected[i])))
            fail_msg("%s[%lld] is %.17g, not %.17g", name, (long long)i, found[i], expected[i]);
}

static void assert_integers(const fixture *test, const char *name, const int64_t *expected, int64_t count) {
    int64_t found[READ_MAX];
    assert_int_equal(read_all(test, name, H5T_NATIVE_INT64, found), count);
    for (int64_t i = 0; i < count; i++) assert_int_equal(found[i], expected[i]);
}

static void assert_characters(const fixture *test, const char *name, const char *expected, int64_t count) {
    char found[READ_MAX];
    assert_int_equal(read_all(test, name, H5T_C_S1, found), count);
    assert_memory_equal(found, expected, (size_t)count);
}

static void assert_text(const fixture *test, const char *object, const char *attribute, const char *expected) {
    char found[1024] = "";
    hid_t open = H5Aopen_by_name(test->file, object, attribute, H5P_DEFAULT, H5P_DEFAULT);
    if (open < 0) fail_msg("%s has no attribute %s", object, attribute);
    hid_t type = H5Aget_type(open);
    assert_in_range(H5Tget_size(type), 1, sizeof(found));
    assert_int_equal(H5Tget_size(type), strlen(expected) + 1);
    assert_true(H5Aread(open, type, found) >= 0);
    tsr_h5_drop(&type);
    tsr_h5_drop(&open);
    assert_string_equal(found, expected);
}

static void assert_integer(const fixture *test, const char *object, const char *attribute, int64_t expected) {
    int64_t found = -1;
    hid_t open = H5Aopen_by_name(test->file, object, attribute, H5P_DEFAULT, H5P_DEFAULT);
    if (open < 0) fail_msg("%s has no attribute %s", object, attribute);
    assert_true(H5Aread(open, H5T_NATIVE_INT64, &found) >= 0);
    tsr_h5_drop(&open);
    assert_int_equal(found, expected);
}

static bool has_attribute(const fixture *test, const char *object, const char *attribute) {
    return H5Aexists_by_name(test->file, object, attribute, H5P_DEFAULT) > 0;
}

/* ---- values ---- */

static void test_values_lie_where_their_dimensions_say(void **state) {
    fixture *test = *state;
    write_and_open(test);
    static const double mean[] = {10, 20, 11, 21, 12, 22, 13, 23, 14, 24, 15, 25};
    static const double error[] = {0.1, NAN, 1.1, NAN, 2.1, NAN, 3.1, NAN, 4.1, NAN, 5.1, NAN};
    static const double strike[] = {90, 100, 110}, quantile[] = {0, 1, 10, 11, 20, 21}, probability[] = {0.01, 0.5};
    assert_dimensions(test, "price_mean", "strike kind column");
    assert_dimensions(test, "price_mean_error", "strike kind column");
    assert_dimensions(test, "assets_quantile", "assets_column probability");
    assert_reals(test, "strike", strike, 3);
    assert_reals(test, "price_mean", mean, 12);
    assert_reals(test, "price_mean_error", error, 12);
    assert_reals(test, "probability", probability, 2);
    assert_reals(test, "assets_quantile", quantile, 6);
    assert_text(test, "price_mean", "ancillary_variables", "price_mean_error price_mean_unit");
    assert_text(test, "price_mean", "stage", "price");
    assert_text(test, "price_mean", "result", "mean");
    assert_integer(test, "price_mean", "headline", 1);
    assert_false(has_attribute(test, "assets_quantile", "headline"));
}

static void test_words_and_units_read_as_characters(void **state) {
    fixture *test = *state;
    write_and_open(test);
    assert_characters(test, "kind", "callput\0", 8);
    assert_characters(test, "column", "payoff\0control", 14);
    assert_characters(test, "assets_column", "DAX\0\0\0\0\0FTSE 100\xc3\x96l\0\0\0\0\0", 24);
    assert_characters(test, "price_mean_unit", "EUR1\0\0", 6);
    assert_text(test, "kind", "_Encoding", "utf-8");
    assert_text(test, "strike", "units", "EUR");
    assert_text(test, "assets_quantile", "units", "percent");
    assert_false(has_attribute(test, "price_mean", "units"));
}

static void test_integers_stay_integers_and_say_when_they_are_missing(void **state) {
    fixture *test = *state;
    write_and_open(test);
    static const int64_t count[] = {1000, 1000, 1000, 1000, 1000, 1000}, missing[] = {-INT64_C(9223372036854775806)};
    hid_t dataset = H5Dopen2(test->file, "price_count", H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    assert_true(H5Tequal(type, H5T_STD_I64LE) > 0);
    tsr_h5_drop(&type);
    tsr_h5_drop(&dataset);
    assert_integers(test, "price_count", count, 6);
    assert_false(has_attribute(test, "price_count", "_FillValue"));
    assert_integers(test, "assets_count", missing, 1);
    assert_integer(test, "assets_count", "_FillValue", missing[0]);
}

static void test_points_may_differ_in_their_bins(void **state) {
    fixture *test = *state;
    write_and_open(test);
    static const double bins[] = {0, 1, NAN, 1, 2, 3, 2, 3, NAN, 3, 4, 5, 4, 5, NAN, 5, 6, 7};
    int64_t counts[18];
    for (int point = 0; point < 6; point++) {
        counts[3 * point] = 100;
        counts[3 * point + 1] = 200;
        counts[3 * point + 2] = point % 2 ? 300 + point : -INT64_C(9223372036854775806);
    }
    assert_dimensions(test, "price_counts", "strike kind price_counts_bin");
    assert_integers(test, "price_counts", counts, 18);
    assert_reals(test, "price_counts_bin_value", bins, 18);
    assert_text(test, "price_counts", "coordinates", "price_counts_bin_value");
    assert_text(test, "price_counts_bin_value", "units", "EUR");
}

/* A matrix whose rows are as long as the point says: cell [i][j] is 10 i + j everywhere. */
static void test_rows_of_different_length_keep_their_cells(void **state) {
    fixture *test = *state;
    static const double places[] = {0, 1, 2}, value[2][6] = {{0, 1, 10, 11}, {0, 1, 2, 10, 11, 12}};
    for (int point = 0; point < MADE_POINTS; point++)
        made(tsr_results_add(
            test->made->price[point],
            &(tsr_result){.name = "matrix",
                          .dimensions = 2,
                          .dimension = {{.name = "row", .length = 2, .coordinates = places},
                                        {.name = "place", .length = 2 + point % 2, .coordinates = places}},
                          .value = value[point % 2]}));
    write_and_open(test);
    double expected[36];
    for (int point = 0; point < MADE_POINTS; point++)
        for (int i = 0; i < 6; i++)
            expected[6 * point + i] = point % 2 == 0 && i % 3 == 2 ? NAN : 10.0 * (i / 3) + i % 3;
    assert_dimensions(test, "price_matrix", "strike kind row price_matrix_place");
    assert_reals(test, "price_matrix", expected, 36);
}

static void test_history_runs_along_its_items(void **state) {
    fixture *test = *state;
    write_and_open(test);
    static const int64_t items[] = {250, 500, 1000};
    double payoff[18], control_error[18];
    for (int i = 0; i < 18; i++) {
        payoff[i] = 2 * i;
        control_error[i] = 0.5 * (2 * i + 1);
    }
    assert_integers(test, "price_history_items", items, 3);
    assert_dimensions(test, "price_history_mean_payoff", "strike kind price_history_items");
    assert_reals(test, "price_history_mean_payoff", payoff, 18);
    assert_reals(test, "price_history_mean_control_error", control_error, 18);
    assert_text(test, "price_history_mean_payoff", "units", "EUR");
}

static void test_zipped_parameters_lie_along_one_axis(void **state) {
    fixture *test = *state;
    made_run_destroy(test->made);
    test->made = made_run_create(true);
    write_and_open(test);
    static const double strike[] = {90, 100, 110, 120, 130, 140};
    assert_dimensions(test, "price_mean", "point column");
    assert_dimensions(test, "strike", "point");
    assert_reals(test, "strike", strike, 6);
    assert_text(test, "strike", "units", "EUR");
    assert_characters(test, "kind", "callput\0callput\0callput\0", 24);
    assert_text(test, "price_mean", "coordinates", "strike kind");
}

/* ---- the rest of the file ---- */

static void test_provenance_says_what_was_run(void **state) {
    fixture *test = *state;
    write_and_open(test);
    uint64_t seed = 0;
    hid_t open = H5Aopen(test->file, "seed", H5P_DEFAULT);
    assert_true(H5Aread(open, H5T_NATIVE_UINT64, &seed) >= 0);
    tsr_h5_drop(&open);
    assert_true(seed == UINT64_MAX);
    assert_text(test, "/", "Conventions", "CF-1.10");
    assert_text(test, "/", "title", "A run made by hand: \xce\xb1 \xe2\x89\xa4 1");
    assert_text(test, "/", "seed_text", "18446744073709551615");
    assert_text(test, "/", "digest", test->made->digest);
    assert_text(test, "/", "job", "name: made\nseed: 18446744073709551615\n");
    assert_text(test, "/", "command", "tessera run jobs/made.yaml");
    assert_text(test, "/", "started", "2026-11-21T21:20:00Z");
    assert_text(test, "/", "history", "2026-11-21T21:20:00Z: tessera run jobs/made.yaml");
    assert_text(test, "/", "hosts", "node01 node02");
    assert_text(test, "/", "placement_advice", "all is well");
    assert_integer(test, "/", "tessera_format", TSR_RESULT_FORMAT);
    assert_integer(test, "/", "ranks", 2);
    assert_integer(test, "/", "threads", 4);
}

static void test_parameters_are_kept_as_written(void **state) {
    fixture *test = *state;
    write_and_open(test);
    assert_text(test, "/parameters/price", "source.european.strike", "9.5e1");
    assert_text(test, "/parameters/price", "source.european.strike.unit", "EUR");
    assert_text(test, "/parameters/price", "source.european.strike.where", "made.yaml:4:11");
    assert_integer(test, "/parameters/price", "source.european.strike.default", 0);
    assert_text(test, "/parameters/price", "source.european.kind", "call");
    assert_integer(test, "/parameters/price", "source.european.kind.default", 1);
    assert_text(test, "/parameters/price", "source.european_2.strike", "9.5e1");
    assert_text(test, "/parameters/assets", "source.european.strike", "9.5e1");
    assert_integer(test, "/parameters/price", "source.european.strike.swept", 1);
    assert_false(has_attribute(test, "/parameters/assets", "source.european.strike.swept"));
}

static void test_ranks_tell_their_times(void **state) {
    fixture *test = *state;
    write_and_open(test);
    static const int64_t phases[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, items[4] = {2500, 3500}, threads[] = {4, 4};
    assert_dimensions(test, "run/phase_time", "stage rank phase");
    assert_integers(test, "run/phase_time", phases, 20);
    assert_integers(test, "run/items", items, 4);
    assert_integers(test, "run/threads", threads, 2);
    assert_characters(test, "run/host", "node01node02", 12);
    assert_characters(test, "run/cpus",
                      "0-3\0\0"
                      "0-3,8",
                      10);
}

/* netCDF cannot write to a file in which one object does not track the order of its members and attributes. */
static herr_t check_order(hid_t root, const char *name, const H5O_info_t *info, void *data) {
    (void)info;
    int *untracked = data;
    unsigned links = H5P_CRT_ORDER_TRACKED, attributes = 0;
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    const bool is_group = H5Iget_type(object) == H5I_GROUP;
    hid_t list = is_group ? H5Gget_create_plist(object) : H5Dget_create_plist(object);
    if (is_group) H5Pget_link_creation_order(list, &links);
    H5Pget_attr_creation_order(list, &attributes);
    *untracked += !(links & H5P_CRT_ORDER_TRACKED) || !(attributes & H5P_CRT_ORDER_TRACKED);
    tsr_h5_drop(&list);
    tsr_h5_drop(&object);
    return 0;
}

static void test_every_object_tracks_creation_order(void **state) {
    fixture *test = *state;
    write_and_open(test);
    int untracked = 0;
    assert_true(H5Ovisit2(test->file, H5_INDEX_NAME, H5_ITER_NATIVE, check_order, &untracked, H5O_INFO_BASIC) >= 0);
    assert_int_equal(untracked, 0);
}

/* ---- reading back ---- */

static void assert_unreadable(const char *path, tsr_status expected, const char *word) {
    tsr_stored_run *run = NULL;
    assert_refused(tsr_stored_run_read(path, &run), expected, word);
    assert_null(run);
}

static void assert_digest(const fixture *test, bool is_sealed) {
    tsr_stored_run *run = NULL;
    if (tsr_stored_run_read(test->path, &run) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    assert_string_equal(run->digest, test->made->digest);
    assert_int_equal(run->is_sealed, is_sealed);
    tsr_stored_run_destroy(&run);
}

static void test_a_file_is_sealed_and_has_its_digest(void **state) {
    fixture *test = *state;
    assert_int_equal(write_run(test, false), TSR_OK);
    assert_digest(test, true);
}

static void test_a_file_changed_by_another_program_has_no_seal_and_the_same_digest(void **state) {
    fixture *test = *state;
    assert_int_equal(write_run(test, false), TSR_OK);
    test->file = H5Fopen(test->path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5LTset_attribute_string(test->file, "/", "comment", "read and found good") >= 0);
    tsr_h5_drop(&test->file);
    assert_digest(test, false);
}

static void test_a_changed_word_is_found(void **state) {
    fixture *test = *state;
    int64_t words[READ_MAX];
    assert_int_equal(write_run(test, false), TSR_OK);
    test->file = H5Fopen(test->path, H5F_ACC_RDWR, H5P_DEFAULT);
    read_all(test, "state/assets/quantile/words", H5T_NATIVE_INT64, words);
    words[3] ^= 1;
    hid_t dataset = H5Dopen2(test->file, "state/assets/quantile/words", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) >= 0);
    tsr_h5_drop(&dataset);
    tsr_h5_drop(&test->file);
    assert_unreadable(test->path, TSR_ECHECKPOINT, "its state has digest");
}

static void test_a_damaged_state_is_told_from_a_strange_file(void **state) {
    fixture *test = *state;
    assert_int_equal(write_run(test, false), TSR_OK);
    test->file = H5Fopen(test->path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(test->file, "state/assets/quantile/offsets", H5P_DEFAULT) >= 0);
    tsr_h5_drop(&test->file);
    assert_unreadable(test->path, TSR_ECHECKPOINT, "offsets");

    test->file = H5Fcreate(test->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    tsr_h5_drop(&test->file);
    assert_unreadable(test->path, TSR_ECHECKPOINT, "tessera_format");
    assert_unreadable("/dev/null", TSR_EDATA, "/dev/null: it is not an ordinary file");
    assert_unreadable("/missing.h5", TSR_EDATA, "No such file");
}

/* ---- whole or not at all ---- */

static void test_an_existing_file_is_replaced_only_when_forced(void **state) {
    fixture *test = *state;
    assert_int_equal(write_run(test, false), TSR_OK);
    assert_refused(tsr_result_file_check(test->path, false), TSR_EUSAGE, "exists");
    assert_refused(write_run(test, false), TSR_EUSAGE, "exists");
    tsr_state_page(test->made->assets_state[0], 0)[0]++;
    made(tsr_digest_outcome(&test->made->outcome, test->made->digest));
    assert_int_equal(tsr_result_file_check(test->path, true), TSR_OK);
    assert_int_equal(write_run(test, true), TSR_OK);
    assert_digest(test, true);
}

static void test_a_digest_of_another_state_is_not_published(void **state) {
    fixture *test = *state;
    test->made->digest[7] ^= 1;
    assert_refused(write_run(test, false), TSR_EINTERNAL, "its state has digest");
    assert_int_equal(access(test->path, F_OK), -1);
}

static void test_points_of_different_kinds_are_refused(void **state) {
    fixture *test = *state;
    const double value = 1;
    tsr_results_destroy(&test->made->price[4]);
    made(tsr_results_create(&test->made->price[4]));
    made(tsr_results_add(test->made->price[4], &(tsr_result){.name = "mean", .value = &value}));
    assert_refused(write_run(test, false), TSR_EINTERNAL, "another kind");
    assert_int_equal(access(test->path, F_OK), -1);
}

static void test_a_point_may_lack_a_result(void **state) {
    fixture *test = *state;
    tsr_results_destroy(&test->made->price[0]);
    made(tsr_results_create(&test->made->price[0]));
    write_and_open(test);
    static const double mean[] = {NAN, NAN, 11, 21, 12, 22, 13, 23, 14, 24, 15, 25};
    assert_reals(test, "price_mean", mean, 12);
}

static void test_a_missing_folder_is_refused(void **state) {
    fixture *test = *state;
    char path[256];
    snprintf(path, sizeof(path), "%s/missing/out.h5", test->folder);
    assert_refused(tsr_result_file_write(path, false, &test->made->written, test->comm), TSR_EIO, "No such file");
}

#define PROPERTY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        PROPERTY(test_values_lie_where_their_dimensions_say),
        PROPERTY(test_words_and_units_read_as_characters),
        PROPERTY(test_integers_stay_integers_and_say_when_they_are_missing),
        PROPERTY(test_points_may_differ_in_their_bins),
        PROPERTY(test_rows_of_different_length_keep_their_cells),
        PROPERTY(test_history_runs_along_its_items),
        PROPERTY(test_zipped_parameters_lie_along_one_axis),
        PROPERTY(test_provenance_says_what_was_run),
        PROPERTY(test_parameters_are_kept_as_written),
        PROPERTY(test_ranks_tell_their_times),
        PROPERTY(test_every_object_tracks_creation_order),
        PROPERTY(test_a_file_is_sealed_and_has_its_digest),
        PROPERTY(test_a_file_changed_by_another_program_has_no_seal_and_the_same_digest),
        PROPERTY(test_a_changed_word_is_found),
        PROPERTY(test_a_damaged_state_is_told_from_a_strange_file),
        PROPERTY(test_an_existing_file_is_replaced_only_when_forced),
        PROPERTY(test_a_digest_of_another_state_is_not_published),
        PROPERTY(test_points_of_different_kinds_are_refused),
        PROPERTY(test_a_point_may_lack_a_result),
        PROPERTY(test_a_missing_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
