/* The index of a CSV file: the same rows, words and breaches for chunks of any size and any number of threads. */
#include "io/csv/csv_index.h"
#include "io/csv/csv_rows.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_BYTES = 1 << 16, ROWS_MAX = 4096 };

static char path[] = "test_csv_index.XXXXXX";

/* A file with its heading, opened. */
typedef struct {
    tsr_csv_file file;
    tsr_input input;
    tsr_csv_manner manner;
    tsr_csv_heading heading;
} table;

static void table_open(const char *text, size_t bytes, table *out) {
    *out = (table){.input = {.path = path}};
    const int file = open(path, O_RDWR | O_TRUNC);
    struct stat about;
    assert_int_equal(write(file, text, bytes), bytes);
    assert_int_equal(fstat(file, &about), 0);
    out->input.bytes = about.st_size;
    out->input.modified_ns = about.st_mtim.tv_sec * INT64_C(1000000000) + about.st_mtim.tv_nsec;
    out->file = (tsr_csv_file){.descriptor = file, .input = &out->input};
    out->manner.missing = tsr_csv_missing_default;
    tsr_csv_grammar_init(',', &out->manner.grammar);
    tsr_error_clear();
    assert_int_equal(tsr_csv_file_begin(&out->file), TSR_OK);
    if (tsr_csv_heading_read(&out->file, &out->manner, &out->heading) != TSR_OK)
        fail_msg("%s", tsr_error_get()->message);
}

static void table_close(table *old) {
    tsr_csv_heading_clear(&old->heading);
    close(old->file.descriptor);
}

static tsr_status make_index(const table *of, size_t chunk_bytes, int threads, tsr_csv_labels *words,
                             tsr_csv_index *out) {
    tsr_csv_labels *labels[8] = {words};
    const tsr_csv_search search = {.manner = &of->manner,
                                   .heading = &of->heading,
                                   .labels = labels,
                                   .chunk_bytes = chunk_bytes,
                                   .threads = threads};
    tsr_error_clear();
    return tsr_csv_index_create(&of->file, &search, out);
}

static uint64_t next(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Rows of two or three cells whose first one is a word that may hold anything that a quoted cell can. */
static size_t make_text(uint64_t seed, char *text, int64_t *rows) {
    static const char *const words[] = {"a", "\"b,\n\"", "\"\"\"\"", "\"c\r\nc\"", "\"\"", "dd", "\"\n\n\n\"", " e "};
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\n \t\r\n\n"};
    uint64_t random = seed;
    size_t bytes = 0;
    *rows = 1 + (int64_t)(next(&random) % 400);
    for (int64_t i = 0; i < *rows; i++)
        bytes += (size_t)sprintf(text + bytes, "%s,%d%s", words[next(&random) % 6], (int)(next(&random) % 1000),
                                 ends[next(&random) % 5]);
    return bytes;
}

static void compare(const table *of, const tsr_csv_index *index, int64_t rows, size_t chunk_bytes) {
    tsr_csv_rows all;
    bool found = true;
    assert_int_equal(index->rows, rows);
    assert_int_equal(tsr_csv_rows_init(&of->file, &of->manner.grammar, 100, &all), TSR_OK);
    assert_int_equal(tsr_csv_rows_go(&all, 0), TSR_OK);
    int64_t last = -1;
    for (int64_t row = 0; row < rows; row++) {
        assert_int_equal(tsr_csv_rows_find(&all, &found), TSR_OK);
        assert_true(found);
        const int64_t chunk = tsr_csv_index_find(index, row);
        assert_true(index->first[chunk] <= row && row < index->first[chunk + 1]);
        if (index->first[chunk] == row) assert_int_equal(index->place[chunk], all.begin);
        assert_int_equal(tsr_csv_rows_read(&all), TSR_OK);
        assert_true((size_t)(tsr_csv_place(&all.window, all.text.at) - all.begin) < index->row_bytes_max);
        if (chunk == last) continue;
        assert_true(index->place[chunk] > chunk * (int64_t)chunk_bytes || chunk == 0);
        last = chunk;
    }
    tsr_csv_rows_clear(&all);
}

static void test_rows_are_found_with_chunks_of_any_size_and_any_threads(void **state) {
    (void)state;
    static char text[TEXT_BYTES];
    for (uint64_t seed = 1; seed <= 60; seed++) {
        int64_t rows;
        table of;
        const size_t bytes = make_text(seed, text, &rows);
        table_open(text, bytes, &of);
        const size_t sizes[] = {1, 2, 3, 7, 64, 1000, TEXT_BYTES};
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            tsr_csv_index index;
            if (make_index(&of, sizes[i], 1 + (int)(seed + i) % 4, NULL, &index) != TSR_OK)
                fail_msg("seed %d, chunks of %zu bytes: %s", (int)seed, sizes[i], tsr_error_get()->message);
            compare(&of, &index, rows, sizes[i]);
            tsr_csv_index_clear(&index);
        }
        table_close(&of);
    }
}

static void test_words_are_the_same_however_they_are_found(void **state) {
    (void)state;
    static char text[TEXT_BYTES];
    size_t bytes = 0;
    table of;
    for (int i = 0; i < 3000; i++) bytes += (size_t)sprintf(text + bytes, "w%d,1\n", i * 7919 % 1500);
    table_open(text, bytes, &of);
    for (int threads = 1; threads <= 4; threads++) {
        tsr_csv_labels *labels = NULL;
        tsr_csv_index index;
        assert_int_equal(tsr_csv_labels_create(&labels), TSR_OK);
        assert_int_equal(make_index(&of, 100, threads, labels, &index), TSR_OK);
        assert_int_equal(tsr_csv_labels_sort(labels), TSR_OK);
        assert_int_equal(tsr_csv_labels_count(labels), 1500);
        const char *const *sorted = tsr_csv_labels_sorted(labels);
        for (int i = 0; i < 1500; i++) assert_int_equal(tsr_csv_labels_code(labels, sorted[i], strlen(sorted[i])), i);
        for (int i = 1; i < 1500; i++) assert_true(strcmp(sorted[i - 1], sorted[i]) < 0);
        assert_int_equal(tsr_csv_labels_code(labels, "w1500", 5), -1);
        tsr_csv_index_clear(&index);
        tsr_csv_labels_destroy(&labels);
    }
    table_close(&of);
}

/* However many there are, and also where one of them makes nonsense of all that follows. */
static void test_the_first_breach_is_the_one_that_is_told(void **state) {
    (void)state;
    static char text[TEXT_BYTES];
    const struct {
        const char *row, *place;
    } breach[] = {{"1,2,3\n", ":1001:1: this row has 3 cells"},
                  {"1\n", ":1001:1: this row has 1 cells"},
                  {"a\"b,2\n", ":1001:2: a quote stands where none is allowed"},
                  {"1,\"x\"y\n", ":1001:6: a quote stands where none is allowed"}};
    for (size_t b = 0; b < sizeof(breach) / sizeof(*breach); b++) {
        size_t bytes = 0;
        table of;
        for (int i = 0; i < 1000; i++) bytes += (size_t)sprintf(text + bytes, "\"1,\n\",%d\n", i);
        char expected[200];
        bytes += (size_t)sprintf(text + bytes, "%s", breach[b].row);
        for (int i = 0; i < 1000; i++)
            bytes += (size_t)sprintf(text + bytes, i % 100 == 99 ? "1,2,3,4\n" : "%d,2\n", i);
        table_open(text, bytes, &of);
        snprintf(expected, sizeof(expected), "%s%s", path, breach[b].place);
        memcpy(strstr(expected, ":1001:"), ":2001:", 6); /* the rows before it have two lines each */
        for (int threads = 1; threads <= 4; threads++) {
            tsr_csv_index index;
            assert_int_equal(make_index(&of, 50, threads, NULL, &index), TSR_EDATA);
            if (strncmp(tsr_error_get()->message, expected, strlen(expected)) != 0)
                fail_msg("%d threads: %s, not %s", threads, tsr_error_get()->message, expected);
            tsr_csv_index_clear(&index);
        }
        table_close(&of);
    }
}

static void test_a_file_that_changes_meanwhile_is_refused(void **state) {
    (void)state;
    table of;
    tsr_csv_index index;
    table_open("1,2\n3,4\n", 8, &of);
    assert_int_equal(ftruncate(of.file.descriptor, 5), 0);
    assert_int_equal(make_index(&of, 4, 1, NULL, &index), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "has changed since it was read: it had 8 bytes and has 5"));
    tsr_csv_index_clear(&index);
    table_close(&of);
}

static int make_path(void **state) {
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_found_with_chunks_of_any_size_and_any_threads),
        cmocka_unit_test(test_words_are_the_same_however_they_are_found),
        cmocka_unit_test(test_the_first_breach_is_the_one_that_is_told),
        cmocka_unit_test(test_a_file_that_changes_meanwhile_is_refused),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
