/* The NumPy source: arrays of every kind are read to the bit, everything else is refused in a sentence. */
#include "io/data/npy_source.h"
#include "settings.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { COLUMNS = 64, LINE = 1024 };

static char path[] = "test_npy_source.XXXXXX";

/* A file of one version with a header of Python and data behind it. */
static void write_npy(int version, const char *header, const void *data, size_t bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    const size_t length = strlen(header);
    unsigned char begin[12] = "\x93NUMPY";
    begin[6] = (unsigned char)version;
    begin[8] = (unsigned char)(length & 255);
    begin[9] = (unsigned char)(length >> 8);
    fwrite(begin, 1, version == 1 ? 10 : 12, file);
    fputs(header, file);
    fwrite(data, 1, bytes, file);
    assert_int_equal(fclose(file), 0);
}

static tsr_status create(tsr_setting *more, void **model) {
    tsr_params *params = NULL;
    tsr_setting *map = tree(TSR_MAP, "job.yaml:7:5", keyed("file", scalar("job.yaml:7:11", path)), more, NULL);
    tsr_error_clear();
    tsr_status status = tsr_params_bind(tsr_source_npy.params, map, "source npy", NULL, &params);
    tsr_setting_destroy(&map);
    if (status == TSR_OK) status = tsr_source_npy.create(params, model);
    tsr_params_destroy(&params);
    return status;
}

static tsr_setting *option(const char *key, const char *text) { return keyed(key, scalar("job.yaml:8:9", text)); }

/* Rows from `row` on: [columns, LINE]. Returns the number of columns. */
static int read_rows(const void *model, int64_t row, int64_t rows, double *out) {
    const tsr_field *field = tsr_source_npy.fields_of(model);
    tsr_draws *draws = NULL;
    int columns = 0;
    while (field[columns].name != NULL) columns++;
    assert_true(columns <= COLUMNS);
    assert_int_equal(tsr_draws_create(tsr_source_npy.workspace(model, LINE), &draws), TSR_OK);
    tsr_block block = {.item = row, .items = rows, .stride = LINE, .columns = columns, .data = out};
    if (tsr_source_npy.fill(model, draws, &block) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    tsr_draws_destroy(&draws);
    return columns;
}

/* cells: row by row. */
static void holds(tsr_setting *more, const char *names, int64_t rows, const double *cells) {
    static double found[COLUMNS * LINE];
    char joined[256] = "";
    void *model = NULL;
    if (create(more, &model) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    assert_int_equal(tsr_source_npy.items(model), rows);
    const int columns = read_rows(model, 0, rows, found);
    for (int c = 0; c < columns; c++)
        strcat(strcat(joined, c > 0 ? "," : ""), tsr_source_npy.fields_of(model)[c].name); // NOLINT
    assert_string_equal(joined, names);
    for (int64_t i = 0; i < rows * columns; i++) {
        const double value = found[i % columns * LINE + i / columns];
        if (value != cells[i] && !(isnan(value) && isnan(cells[i])))
            fail_msg("cell %d is %g, not %g", (int)i, value, cells[i]);
    }
    tsr_source_npy.destroy(model);
}

static void refused(const char *sentence) {
    void *model = NULL;
    const tsr_status status = create(NULL, &model);
    assert_int_equal(status, TSR_EDATA);
    assert_null(model);
    if (strstr(tsr_error_get()->message, sentence) == NULL) fail_msg("%s", tsr_error_get()->message);
    assert_non_null(strstr(tsr_error_get()->message, path));
}

static const double one_to_six[] = {1, 2, 3, 4, 5, 6}, turned[] = {1, 4, 2, 5, 3, 6};

static void test_every_version_and_order_gives_the_same_rows(void **state) {
    (void)state;
    for (int version = 1; version <= 3; version++) {
        write_npy(version, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", one_to_six, 48);
        holds(NULL, "c1,c2,c3", 2, one_to_six);
        write_npy(version, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }  \n", turned, 48);
        holds(NULL, "c1,c2,c3", 2, one_to_six);
    }
    const double two[] = {3, 1, 6, 4};
    tsr_setting *list = tree(TSR_LIST, "j:1:1", scalar("j:1:1", "c3"), scalar("j:1:1", "c1"), NULL);
    holds(keyed("columns", list), "c3,c1", 2, two);
    write_npy(1, "{\"shape\":(6,),\"fortran_order\":False,\"descr\":\"=f8\"}", one_to_six, 48);
    holds(NULL, "c1", 6, one_to_six);
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", one_to_six, 8);
    holds(NULL, "c1", 1, one_to_six);
}

static void test_every_type_becomes_doubles(void **state) {
    (void)state;
    const double cells[] = {-1, 2};
    const double unsigned_cells[] = {255, 2}, boolean[] = {1, 0};
    write_npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (2,)}", "\xff\x02", 2);
    holds(NULL, "c1", 2, cells);
    write_npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", "\xff\x02", 2);
    holds(NULL, "c1", 2, unsigned_cells);
    write_npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\x01\x00", 2);
    holds(NULL, "c1", 2, boolean);
    write_npy(1, "{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}", "\xff\xff\x00\x02", 4);
    holds(NULL, "c1", 2, cells);
    write_npy(1, "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", "\xbf\x80\x00\x00\x40\x00\x00\x00", 8);
    holds(NULL, "c1", 2, cells);
    write_npy(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}", (const int64_t[]){-1, 2}, 16);
    holds(NULL, "c1", 2, cells);
    const double blanked[] = {NAN, 2};
    holds(option("missing", "-1"), "c1", 2, blanked);
}

static void test_fields_of_structured_arrays_are_columns(void **state) {
    (void)state;
    /* a: i1; skipped text of 2; b: pair of big-endian u2; in: x: u1 */
    const char *header = "{'descr': [('a', '|i1'), ('t', '|S2'), (('A title', 'b'), '>u2', (2,)), ('', '|V1'), "
                         "('in', [('x', '|u1')])], 'fortran_order': False, 'shape': (2,), }";
    const double cells[] = {1, 2, 3, 4, 5, 6, 7, 8};
    write_npy(1, header, "\x01xx\x00\x02\x00\x03-\x04\x05yy\x00\x06\x00\x07-\x08", 18);
    holds(NULL, "a,b_0,b_1,in_x", 2, cells);
}

static void test_cells_have_their_indices(void **state) {
    (void)state;
    const double cells[] = {0, 0, 1, 0, 1, 2, 0, 2, 3, 1, 0, 4, 1, 1, 5, 1, 2, 6};
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", one_to_six, 48);
    holds(option("items", "cells"), "i0,i1,value", 6, cells);
    void *model = NULL;
    write_npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n", one_to_six, 48);
    assert_int_equal(create(option("items", "cells"), &model), TSR_EUSAGE);
}

static void test_images_are_rows_of_pixels_in_either_order(void **state) {
    (void)state;
    const double cells[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const double turned_cells[] = {0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11};
    const char *names = "p0_0,p0_1,p1_0,p1_1,p2_0,p2_1";
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 2), }\n", cells, 96);
    holds(NULL, names, 2, cells);
    write_npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 2), }\n", turned_cells, 96);
    holds(NULL, names, 2, cells);
}

static void test_files_that_are_none_are_refused(void **state) {
    (void)state;
    write_npy(4, "{}", "", 0);
    refused("it is a NumPy file of version 4; 1 to 3 are known");
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", one_to_six, 47);
    refused("it was cut short: 1 bytes of data are missing of 48");
    write_npy(1, "{'descr': '<U4', 'fortran_order': False, 'shape': (2, 3), }\n", one_to_six, 48);
    refused("it holds no numbers of 8 to 64 bits, but '<U4'");
    write_npy(1, "{'descr': '<c16', 'fortran_order': False, 'shape': (3,), }\n", one_to_six, 48);
    refused("but '<c16'");
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 4000000000), }\n", one_to_six, 48);
    refused("it is too large");
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }\n", one_to_six, 48);
    refused("it is empty");
    write_npy(1, "{'descr': '<f8', 'fortran_order': maybe, 'shape': (3,), }\n", one_to_six, 48);
    refused("fortran_order is neither True nor False");
    write_npy(1, "{'descr': '<f8', 'shape': (3,), }\n", one_to_six, 48);
    refused("descr, fortran_order or shape is missing");
    assert_int_equal(truncate(path, 40), 0);
    refused("it ends within its header");
    assert_int_equal(truncate(path, 5), 0);
    refused("it is no NumPy file");
}

/* 3 x 2^31 rows of zeros that take no room on the disk, but for one. */
static void test_rows_beyond_two_to_the_31_are_read(void **state) {
    (void)state;
    static double found[COLUMNS * LINE];
    const int64_t rows = INT64_C(3) << 31, row = (INT64_C(5) << 30) + 12345;
    const char *header = "{'descr': '<i2', 'fortran_order': False, 'shape': (6442450944, 2), }\n";
    const int16_t value = -321;
    const off_t begin = 10 + (off_t)strlen(header);
    void *model = NULL;
    write_npy(1, header, "", 0);
    const int file = open(path, O_RDWR);
    assert_int_equal(ftruncate(file, begin + rows * 4), 0);
    assert_int_equal(pwrite(file, &value, sizeof(value), begin + row * 4 + 2), sizeof(value));
    close(file);
    if (create(NULL, &model) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    assert_true(tsr_source_npy.items(model) == rows);
    read_rows(model, row - 10, 100, found);
    for (int i = 0; i < 100; i++) assert_true(found[i] == 0 && found[LINE + i] == (i == 10 ? -321 : 0));
    read_rows(model, rows - 5, 5, found);
    tsr_source_npy.destroy(model);
    assert_int_equal(truncate(path, 100), 0);
}

static void test_a_file_that_is_cut_short_while_it_is_read_is_refused(void **state) {
    (void)state;
    double cell[LINE];
    tsr_draws *draws = NULL;
    void *model = NULL;
    write_npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }\n", one_to_six, 48);
    assert_int_equal(create(NULL, &model), TSR_OK);
    assert_int_equal(tsr_draws_create(tsr_source_npy.workspace(model, LINE), &draws), TSR_OK);
    assert_int_equal(truncate(path, 80), 0);
    tsr_block block = {.item = 0, .items = 6, .stride = LINE, .columns = 1, .data = cell};
    assert_int_equal(tsr_source_npy.fill(model, draws, &block), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "has changed since"));
    tsr_draws_destroy(&draws);
    tsr_source_npy.destroy(model);
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
        cmocka_unit_test(test_every_version_and_order_gives_the_same_rows),
        cmocka_unit_test(test_every_type_becomes_doubles),
        cmocka_unit_test(test_fields_of_structured_arrays_are_columns),
        cmocka_unit_test(test_cells_have_their_indices),
        cmocka_unit_test(test_images_are_rows_of_pixels_in_either_order),
        cmocka_unit_test(test_files_that_are_none_are_refused),
        cmocka_unit_test(test_rows_beyond_two_to_the_31_are_read),
        cmocka_unit_test(test_a_file_that_is_cut_short_while_it_is_read_is_refused),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
