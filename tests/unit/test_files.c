/* Files of a dataset: patterns filled in and sorted, every row in one file, every file known by what is in it. */
#include "io/data/files.h"
#include "io/input/input_note.h"
#include "settings.h"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static const tsr_param table[] = {
    {.name = "file", .type = TSR_FILE_LIST, .unit = "1", .help = "files"},
    {.name = NULL},
};

static char folder[] = "test_files.XXXXXX";

static void make(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static tsr_params *params;

static tsr_status find(tsr_setting *setting, tsr_files *out) {
    const tsr_binding binding = {.folder = folder};
    tsr_setting *map = tree(TSR_MAP, "job.yaml:7:5", keyed("file", setting), NULL);
    tsr_error_clear();
    tsr_params_destroy(&params);
    assert_int_equal(tsr_params_bind(table, map, "source hdf5", &binding, &params), TSR_OK);
    tsr_setting_destroy(&map);
    return tsr_files_find(params, "file", out);
}

static tsr_setting *named(const char *text) { return scalar("job.yaml:7:11", text); }

/* names: without the folder, joined by blanks. */
static void assert_files(const tsr_files *files, const char *names) {
    char joined[1024] = "";
    for (int i = 0; i < files->count; i++)
        snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s", i > 0 ? " " : "",
                 files->input[i].path + strlen(folder) + 1);
    assert_string_equal(joined, names);
}

static void test_a_pattern_gives_its_files_sorted_by_bytes(void **state) {
    (void)state;
    tsr_files files;
    const char *names[] = {"day-2.h5", "day-10.h5", "Day-1.h5", "day-1.h5", "day-a.h5", "day-\xc3\xa4.h5", "night.h5"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) make(names[i], "x");
    assert_int_equal(find(named("[Dd]ay-*.h5"), &files), TSR_OK);
    assert_files(&files, "Day-1.h5 day-1.h5 day-10.h5 day-2.h5 day-a.h5 day-\xc3\xa4.h5");
    tsr_files_clear(&files);
    tsr_setting *list = tree(TSR_LIST, "job.yaml:7:11", named("night.h5"), named("day-?.h5"), NULL);
    assert_int_equal(find(list, &files), TSR_OK);
    assert_files(&files, "night.h5 day-1.h5 day-2.h5 day-a.h5");
    tsr_files_clear(&files);
}

static void test_a_name_that_is_a_file_is_no_pattern(void **state) {
    (void)state;
    tsr_files files;
    make("what[12].csv", "x");
    make("what1.csv", "x");
    assert_int_equal(find(named("what[12].csv"), &files), TSR_OK);
    assert_files(&files, "what[12].csv");
    tsr_files_clear(&files);
    assert_int_equal(find(named("missing.h5"), &files), TSR_OK); /* told by who opens it */
    tsr_files_clear(&files);
}

static void refused(tsr_setting *setting, tsr_status status, const char *sentence) {
    tsr_files files;
    assert_int_equal(find(setting, &files), status);
    if (strstr(tsr_error_get()->message, sentence) == NULL) fail_msg("%s", tsr_error_get()->message);
    tsr_files_clear(&files);
}

static void test_what_names_no_file_or_one_twice_is_refused(void **state) {
    (void)state;
    make("one.h5", "x");
    refused(named("none-*.h5"), TSR_EDATA, "job.yaml:7:11: no file is called like '");
    refused(tree(TSR_LIST, "job.yaml:7:11", NULL), TSR_EUSAGE, "job.yaml:7:11: source hdf5: file: the name of a file");
    refused(tree(TSR_LIST, "job.yaml:7:11", named("one.h5"), named("o*.h5"), NULL), TSR_EDATA,
            "one.h5' is named twice");
    refused(tree(TSR_LIST, "job.yaml:7:11", named("one.h5"), named("./one.h5"), NULL), TSR_EDATA, "are one file");
    char first[256], second[256];
    snprintf(first, sizeof(first), "%s/one.h5", folder);
    snprintf(second, sizeof(second), "%s/two.h5", folder);
    assert_int_equal(link(first, second), 0);
    refused(named("*.h5"), TSR_EDATA, "two.h5' are one file; its rows would count twice");
    assert_int_equal(unlink(second), 0);
}

static void test_every_row_is_in_the_file_that_begins_before_it(void **state) {
    (void)state;
    const int64_t rows[] = {3, 0, 1, 0, 0, 5000000000, 2, 0};
    enum { FILES = 8 };
    int64_t begin[FILES + 1] = {0};
    tsr_input input[FILES] = {{0}};
    tsr_files files = {.count = FILES, .input = input, .begin = begin};
    for (int i = 0; i < FILES; i++) assert_int_equal(tsr_files_add_rows(&files, i, rows[i]), TSR_OK);
    assert_int_equal(begin[FILES], 5000000006);
    const struct {
        int64_t row;
        int file;
    } at[] = {{0, 0}, {2, 0}, {3, 2}, {4, 5}, {5000000003, 5}, {5000000004, 6}, {5000000005, 6}};
    for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) assert_int_equal(tsr_files_at(&files, at[i].row), at[i].file);
    input[0].path = folder;
    tsr_error_clear();
    assert_int_equal(tsr_files_add_rows(&files, 0, INT64_C(1) << 62), TSR_OK);
    assert_int_equal(tsr_files_add_rows(&files, 1, 1), TSR_EDATA);
}

static void test_opening_tells_what_is_no_file(void **state) {
    (void)state;
    tsr_files files;
    int file = -1;
    assert_int_equal(find(tree(TSR_LIST, "job.yaml:7:11", named("gone.h5"), named("."), NULL), &files), TSR_OK);
    assert_int_equal(tsr_files_open(&files, params, "file", 0, &file), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "gone.h5' cannot be opened: No such file"));
    tsr_error_clear();
    assert_int_equal(tsr_files_open(&files, params, "file", 1, &file), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "is a directory, not a file"));
    assert_int_equal(file, -1);
    tsr_files_clear(&files);
}

/* ---- what identifies a file ---- */

static void hash_of(const uint8_t *bytes, size_t count, const uint8_t *more, size_t more_count, char *out) {
    struct sha256_ctx context;
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, count, bytes);
    sha256_update(&context, more_count, more);
    sha256_digest(&context, sizeof(sum), sum);
    for (size_t i = 0; i < sizeof(sum); i++) snprintf(out + 2 * i, 3, "%02x", (unsigned)sum[i]);
}

static tsr_input note(int64_t bytes, int64_t flipped, bool in_memory) {
    char path[] = "test_files_note.XXXXXX", *kept = path;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    unlink(path);
    assert_int_equal(ftruncate(file, bytes), 0);
    const uint8_t mark = 1;
    if (flipped >= 0) assert_int_equal(pwrite(file, &mark, 1, flipped), 1);
    struct stat about;
    assert_int_equal(fstat(file, &about), 0);
    tsr_input out = {0};
    if (in_memory) {
        uint8_t *memory = calloc((size_t)bytes + 1, 1);
        if (flipped >= 0) memory[flipped] = mark;
        out = tsr_input_note(kept, &about, memory, (size_t)bytes);
        free(memory);
    } else {
        assert_int_equal(tsr_input_read(file, kept, &about, &out), TSR_OK);
    }
    close(file);
    return out;
}

static void test_up_to_the_limit_the_hash_is_of_all_bytes(void **state) {
    (void)state;
    char expected[TSR_SHA256_CHARS];
    uint8_t *bytes = calloc(TSR_INPUT_WHOLE_BYTES, 1);
    const int64_t sizes[] = {0, 1, 65535, 65536, 65537, 1000000, TSR_INPUT_WHOLE_BYTES};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        const int64_t last = sizes[i] - 1;
        if (last >= 0) bytes[last] = 1;
        hash_of(bytes, (size_t)sizes[i], NULL, 0, expected);
        if (last >= 0) bytes[last] = 0;
        const tsr_input read = note(sizes[i], last, false), noted = note(sizes[i], last, true);
        assert_string_equal(read.sha256, expected);
        assert_string_equal(noted.sha256, expected);
        assert_false(tsr_input_is_sample(&read));
    }
    free(bytes);
}

static void test_beyond_the_limit_the_hash_is_of_the_size_and_64_pieces(void **state) {
    (void)state;
    enum { PIECE = 65536, SAMPLE = 64 * PIECE };
    const int64_t bytes = INT64_C(5000000007);
    char expected[TSR_SHA256_CHARS];
    uint8_t size[8], *pieces = calloc(SAMPLE, 1);
    for (int i = 0; i < 8; i++) size[i] = (uint8_t)(bytes >> 8 * i);
    const int place[] = {0, 1, 31, 62, 63};
    for (int i = 0; i < 5; i++) {
        const int64_t begin = place[i] * (bytes - PIECE) / 63;
        pieces[place[i] * PIECE + 65535] = 1;
        hash_of(size, 8, pieces, SAMPLE, expected);
        pieces[place[i] * PIECE + 65535] = 0;
        const tsr_input read = note(bytes, begin + 65535, false);
        assert_string_equal(read.sha256, expected);
        assert_true(tsr_input_is_sample(&read));
        assert_true(read.bytes == bytes);
    }
    free(pieces);
    const tsr_input empty = note(bytes, -1, false), other = note(bytes + 1, -1, false);
    assert_string_not_equal(empty.sha256, other.sha256);
    const tsr_input between = note(bytes, 65536, false); /* not in the sample: this is what a sample is */
    assert_string_equal(empty.sha256, between.sha256);
    const int64_t just = TSR_INPUT_WHOLE_BYTES + 1;
    assert_string_equal(note(just, just - 1, false).sha256, note(just, just - 1, true).sha256);
    assert_string_not_equal(note(just, just - 1, false).sha256, note(just, -1, false).sha256);
}

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state) {
    (void)state;
    char command[300];
    tsr_params_destroy(&params);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command); // NOLINT
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pattern_gives_its_files_sorted_by_bytes),
        cmocka_unit_test(test_a_name_that_is_a_file_is_no_pattern),
        cmocka_unit_test(test_what_names_no_file_or_one_twice_is_refused),
        cmocka_unit_test(test_every_row_is_in_the_file_that_begins_before_it),
        cmocka_unit_test(test_opening_tells_what_is_no_file),
        cmocka_unit_test(test_up_to_the_limit_the_hash_is_of_all_bytes),
        cmocka_unit_test(test_beyond_the_limit_the_hash_is_of_the_size_and_64_pieces),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
