/* The source hdf5 refuses what it cannot read, with what, where, and what to do; damaged bytes never become numbers. */
#include "hdf5_files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "test_hdf5_refusals.XXXXXX";

static const char *path_to(const char *name) {
    static char path[300];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static tsr_status try_open(void **model, ...) {
    va_list settings;
    va_start(settings, model);
    const tsr_status status = open_hdf5_in(folder, model, settings);
    va_end(settings);
    return status;
}

static void assert_said(const char *part) {
    const char *said = tsr_error_get()->message;
    if (strstr(said, part) == NULL) fail_msg("said: %s\nnot: %s", said, part);
    assert_true(said[strlen(said) - 1] != '.' && strchr(said, '\n') == NULL);
}

/* parts of the sentence, then key, text, ..., NULL */
static void refused(tsr_status expected, const char *part, const char *file, const char *key, const char *text) {
    void *model = NULL;
    const tsr_status status =
        key != NULL ? try_open(&model, "file", file, key, text, NULL) : try_open(&model, "file", file, NULL);
    if (status == TSR_OK) fail_msg("%s was opened", file);
    assert_said(part);
    assert_int_equal(status, expected);
    assert_null(model);
}

static void write_bytes(const char *name, const char *bytes, size_t count) {
    FILE *file = fopen(path_to(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static const double ramp[2000] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

/* ---- files ---- */

static void test_what_is_no_hdf5_file_is_refused(void **state) {
    (void)state;
    write_bytes("text.h5", "x,y\n1,2\n", 8);
    write_bytes("empty.h5", "", 0);
    write_bytes("classic.nc", "CDF\001\0\0\0\0", 8);
    refused(TSR_EDATA, "job.yaml:7:11: '", "gone.h5", NULL, NULL);
    assert_said("gone.h5' cannot be opened: No such file or directory");
    refused(TSR_EDATA, "text.h5' is no HDF5 file; 'tessera inspect' tells what it is", "text.h5", NULL, NULL);
    refused(TSR_EDATA, "empty.h5' is no HDF5 file", "empty.h5", NULL, NULL);
    refused(TSR_EDATA, "classic.nc' is no HDF5 file, but a classic netCDF one", "classic.nc", NULL, NULL);
    refused(TSR_EDATA, "no file is called like '", "none-*.h5", NULL, NULL);
    refused(TSR_EDATA, "is a directory, not a file", ".", NULL, NULL);
}

static void store_ramp(const char *name) {
    const hid_t file = new_file(path_to(name));
    store(file, "x", &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {2000}}, ramp);
    H5Fclose(file);
}

static void test_a_file_that_was_cut_short_is_refused(void **state) {
    (void)state;
    struct stat about;
    store_ramp("short.h5");
    assert_int_equal(stat(path_to("short.h5"), &about), 0);
    const off_t lengths[] = {about.st_size - 1, about.st_size / 2, 2048, 600, 100, 20};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        store_ramp("short.h5");
        assert_int_equal(truncate(path_to("short.h5"), lengths[i]), 0);
        refused(TSR_EDATA, "short.h5' is ", "short.h5", NULL, NULL);
    }
    store_ramp("short.h5");
    assert_int_equal(truncate(path_to("short.h5"), about.st_size / 2), 0);
    refused(TSR_EDATA, "is a damaged HDF5 file: HDF5 says: truncated file", "short.h5", NULL, NULL);
}

/* ---- datasets ---- */

static void store_many_kinds(void) {
    const hid_t file = new_file(path_to("kinds.h5"));
    store(file, "velocity", &(stored_as){.type = H5T_IEEE_F32LE, .rank = 1, .extent = {10}}, ramp);
    store(file, "group/mass", &(stored_as){.type = H5T_IEEE_F32LE, .rank = 1, .extent = {11}}, ramp);
    store(file, "empty", &(stored_as){.type = H5T_STD_I8LE, .rank = 1, .extent = {0}}, NULL);
    store(file, "flat", &(stored_as){.type = H5T_STD_I8LE, .rank = 2, .extent = {10, 0}}, NULL);
    store(file, "wide", &(stored_as){.type = H5T_STD_I8LE, .rank = 2, .extent = {2, 70000}, .chunk = {1, 70}}, NULL);
    const hid_t text = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), none = H5Screate(H5S_NULL);
    H5Tset_size(text, H5T_VARIABLE);
    const hid_t list = H5Tvlen_create(H5T_NATIVE_INT), row = H5Screate_simple(1, (hsize_t[]){3}, NULL);
    H5Dclose(H5Dcreate2(file, "words", text, row, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "lists", list, row, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "links", H5T_STD_REF_OBJ, row, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "one", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "nothing", H5T_NATIVE_DOUBLE, none, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(text);
    H5Tclose(list);
    H5Sclose(space);
    H5Sclose(none);
    H5Sclose(row);
    H5Fclose(file);
}

static void test_datasets_that_are_no_tables_are_refused_with_the_reason(void **state) {
    (void)state;
    store_many_kinds();
    refused(TSR_EDATA,
            "kinds.h5' has several datasets; say which one with 'dataset:' (empty, flat, group/mass, velocity, wide)",
            "kinds.h5", NULL, NULL);
    refused(TSR_EDATA, "kinds.h5' has no dataset 'velocty'; did you mean 'velocity'?", "kinds.h5", "dataset",
            "velocty");
    refused(TSR_EDATA, "has no dataset '/group/mas'; did you mean 'group/mass'?", "kinds.h5", "dataset", "/group/mas");
    refused(TSR_EDATA, "has no dataset 'group'", "kinds.h5", "dataset", "group");
    refused(TSR_EDATA, "kinds.h5', words holds text of varying length, neither numbers nor words", "kinds.h5",
            "dataset", "words");
    refused(TSR_EDATA, "kinds.h5', lists holds lists of varying length, neither numbers nor words", "kinds.h5",
            "dataset", "lists");
    refused(TSR_EDATA, "kinds.h5', links holds references, neither numbers nor words", "kinds.h5", "dataset", "links");
    refused(TSR_EDATA, "kinds.h5', one holds a single value", "kinds.h5", "dataset", "one");
    refused(TSR_EDATA, "kinds.h5', nothing is empty", "kinds.h5", "dataset", "nothing");
    refused(TSR_EDATA, "kinds.h5', empty has no rows", "kinds.h5", "dataset", "empty");
    refused(TSR_EDATA, "kinds.h5', flat is empty: axis 1 has no length", "kinds.h5", "dataset", "flat");
    refused(TSR_EDATA, "wide has 70000 values in a row, and 65536 columns are allowed; 'items: cells'", "kinds.h5",
            "dataset", "wide");
    refused(TSR_EDATA, "group/mass has 11 rows, and velocity has 10", "kinds.h5", "dataset", "velocity,group/mass");
}

static void test_columns_that_are_not_there_or_alike_are_refused(void **state) {
    (void)state;
    const hid_t file = new_file(path_to("columns.h5"));
    store(file, "m", &(stored_as){.type = H5T_IEEE_F32LE, .rank = 2, .extent = {10, 12}}, ramp);
    store(file, "x", &(stored_as){.type = H5T_IEEE_F32LE, .rank = 1, .extent = {10}}, ramp);
    H5Fclose(file);
    void *model = NULL;
    assert_int_equal(try_open(&model, "file", "columns.h5", "dataset", "m", "columns", "c1,c13", NULL), TSR_EUSAGE);
    assert_said("has no column 'c13'; did you mean 'c1");
    assert_int_equal(try_open(&model, "file", "columns.h5", "dataset", "m", "columns", "c1,c1", NULL), TSR_EUSAGE);
    assert_said("source hdf5: columns: 'c1' is given twice");
    assert_int_equal(try_open(&model, "file", "columns.h5", "dataset", "x,x", NULL), TSR_EDATA);
    assert_said("has two columns that are called 'x'");
    assert_int_equal(try_open(&model, "file", "columns.h5", "dataset", "x,m", "items", "cells", NULL), TSR_EDATA);
    assert_said("m has not the shape of x");
    assert_int_equal(try_open(&model, "file", "columns.h5", "datasets", "x", NULL), TSR_EUSAGE);
    assert_said("unknown parameter 'datasets'; did you mean 'dataset'?");
    assert_null(model);
}

static void test_files_that_are_not_like_the_first_are_refused(void **state) {
    (void)state;
    const stored_as kinds[] = {{.type = H5T_IEEE_F64LE, .rank = 2, .extent = {10, 3}},
                               {.type = H5T_IEEE_F64LE, .rank = 2, .extent = {10, 4}},
                               {.type = H5T_IEEE_F64LE, .rank = 1, .extent = {10}}};
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof(name), "like-%d.h5", i);
        const hid_t file = new_file(path_to(name));
        store(file, "x", &kinds[i], ramp);
        H5Fclose(file);
    }
    refused(TSR_EDATA, "like-1.h5', x is 4 long along axis 1, and in '", "like-0.h5,like-1.h5", NULL, NULL);
    refused(TSR_EDATA, "like-2.h5', x has 1 axes, and in '", "like-0.h5,like-2.h5", NULL, NULL);
    store_many_kinds();
    refused(TSR_EDATA, "kinds.h5' has no dataset 'x'", "like-0.h5,kinds.h5", "dataset", "x");
    refused(TSR_EDATA, "like-0.h5' is named twice", "like-0.h5,like-?.h5", NULL, NULL);
}

static void test_chunks_that_need_too_much_memory_are_refused(void **state) {
    (void)state;
    const hid_t file = new_file(path_to("large.h5"));
    store(file, "x",
          &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {100000000}, .chunk = {50000000}, .deflate = 1},
          NULL);
    store(file, "z",
          &(stored_as){.type = H5T_IEEE_F64LE, .rank = 3, .extent = {100, 1000, 1000}, .chunk = {100, 10, 10}}, NULL);
    H5Fclose(file);
    refused(TSR_EDATA, "x must be read 400 MB at a time because of the shape of its chunks", "large.h5", "dataset",
            "x");
    void *model = NULL;
    assert_int_equal(try_open(&model, "file", "large.h5", "dataset", "z", "items", "cells", NULL), TSR_EDATA);
    assert_said("z must be read 800 MB at a time");
    assert_said("h5repack -l CHUNK=");
}

/* ---- damage ---- */

enum { ROWS = 600, CHUNK = 200 };

/* Where the middle chunk of the file lies. */
static haddr_t store_chunks(const char *name, bool fletcher32, int deflate, hsize_t *bytes) {
    double values[ROWS];
    for (int i = 0; i < ROWS; i++) values[i] = i * 0.37;
    const stored_as how = {.type = H5T_IEEE_F64LE,
                           .rank = 1,
                           .extent = {ROWS},
                           .chunk = {CHUNK},
                           .shuffle = deflate > 0,
                           .deflate = deflate,
                           .fletcher32 = fletcher32};
    const hid_t file = new_file(path_to(name));
    store(file, "x", &how, values);
    H5Fclose(file);
    const hid_t opened = H5Fopen(path_to(name), H5F_ACC_RDONLY, H5P_DEFAULT),
                dataset = H5Dopen2(opened, "x", H5P_DEFAULT);
    haddr_t address = 0;
    unsigned mask;
    assert_true(H5Dget_chunk_info_by_coord(dataset, (hsize_t[]){CHUNK}, &mask, &address, bytes) >= 0);
    H5Dclose(dataset);
    H5Fclose(opened);
    return address;
}

static void flip(const char *name, haddr_t place) {
    const int file = open(path_to(name), O_RDWR);
    unsigned char byte;
    assert_int_equal(pread(file, &byte, 1, (off_t)place), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(file, &byte, 1, (off_t)place), 1);
    close(file);
}

/* All rows of the file; the number of chunks that were refused. */
static int count_refused(const char *name) {
    void *model = NULL;
    tsr_draws *draws = NULL;
    double got[CHUNK];
    int refused = 0;
    if (try_open(&model, "file", name, NULL) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    assert_int_equal(tsr_draws_create(tsr_source_hdf5.workspace(model, 1024), &draws), TSR_OK);
    for (int row = 0; row < ROWS; row += CHUNK) {
        tsr_error_clear();
        const tsr_status status = read_rows(model, draws, row, CHUNK, got);
        for (int i = 0; status == TSR_OK && i < CHUNK; i++) assert_true(got[i] == (row + i) * 0.37);
        if (status == TSR_OK) continue;
        assert_int_equal(status, TSR_EDATA);
        assert_int_equal(row, CHUNK);
        assert_said("x: a chunk of rows 200 to 399 is damaged: ");
        refused++;
    }
    tsr_draws_destroy(&draws);
    tsr_source_hdf5.destroy(model);
    return refused;
}

static void test_every_damaged_byte_of_a_chunk_is_noticed_and_its_rows_are_named(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        hsize_t bytes = 0;
        const haddr_t place = store_chunks("damaged.h5", kind != 0, kind != 1 ? 6 : 0, &bytes);
        for (hsize_t i = 0; i < bytes; i += kind == 0 ? 1 : 7) {
            flip("damaged.h5", place + i);
            const int refused = count_refused("damaged.h5");
            if (refused == 0 && kind != 0) fail_msg("kind %d: byte %d went unnoticed", kind, (int)i);
            /* a bit of zlib's header says what it was made with: nothing that a value depends on */
            if (refused == 0 && i > 1) fail_msg("byte %d went unnoticed", (int)i);
            flip("damaged.h5", place + i);
        }
        assert_int_equal(count_refused("damaged.h5"), 0);
    }
}

/* Bytes of metadata that no checksum covers: the width of the shuffle filter. */
static void test_a_damaged_filter_is_refused(void **state) {
    (void)state;
    const unsigned char wanted[] = {'s', 'h', 'u', 'f', 'f', 'l', 'e', 0, 8, 0, 0, 0};
    unsigned char bytes[8192];
    hsize_t unused = 0;
    store_chunks("filter.h5", false, 1, &unused);
    const int file = open(path_to("filter.h5"), O_RDWR);
    const ssize_t count = pread(file, bytes, sizeof(bytes), 0);
    const unsigned char *found = memmem(bytes, (size_t)count, wanted, sizeof(wanted));
    assert_non_null(found);
    const uint32_t widths[] = {0, 7, 16, UINT32_MAX};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pwrite(file, &widths[i], 4, found + 8 - bytes), 4);
        refused(TSR_EDATA, "bytes, and its elements have 8: the file is damaged", "filter.h5", NULL, NULL);
    }
    close(file);
}

static void test_a_file_that_changes_while_it_is_read_ends_the_run(void **state) {
    (void)state;
    double got[10];
    for (int late = 0; late < 2; late++) {
        void *model = NULL;
        tsr_draws *draws = NULL;
        const hid_t file = new_file(path_to("changes.h5"));
        store(file, "x", &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {100000}}, NULL);
        store(file, "y", &(stored_as){.type = H5T_STD_I8LE, .rank = 1, .extent = {2000}}, ramp);
        store(file, "z", &(stored_as){.type = H5T_STD_U8LE, .rank = 1, .extent = {2000000}, .chunk = {4096}}, NULL);
        const hid_t dataset = H5Dopen2(file, "z", H5P_DEFAULT);
        unsigned char *some = calloc(2000000, 1);
        assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, some) >= 0);
        free(some);
        H5Dclose(dataset);
        H5Fclose(file);
        assert_int_equal(try_open(&model, "file", "changes.h5", "dataset", "z", NULL), TSR_OK);
        assert_int_equal(tsr_draws_create(tsr_source_hdf5.workspace(model, 1024), &draws), TSR_OK);
        if (late) assert_int_equal(read_rows(model, draws, 0, 10, got), TSR_OK);
        assert_int_equal(truncate(path_to("changes.h5"), 700000), 0);
        tsr_error_clear();
        assert_int_equal(read_rows(model, draws, 1999000, 10, got), TSR_EDATA);
        assert_said("changes.h5' has changed since it was opened first; datasets must not change");
        tsr_draws_destroy(&draws);
        tsr_source_hdf5.destroy(model);
    }
}

static int set_up(void **state) {
    (void)state;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command); // NOLINT
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_hdf5_file_is_refused),
        cmocka_unit_test(test_a_file_that_was_cut_short_is_refused),
        cmocka_unit_test(test_datasets_that_are_no_tables_are_refused_with_the_reason),
        cmocka_unit_test(test_columns_that_are_not_there_or_alike_are_refused),
        cmocka_unit_test(test_files_that_are_not_like_the_first_are_refused),
        cmocka_unit_test(test_chunks_that_need_too_much_memory_are_refused),
        cmocka_unit_test(test_every_damaged_byte_of_a_chunk_is_noticed_and_its_rows_are_named),
        cmocka_unit_test(test_a_damaged_filter_is_refused),
        cmocka_unit_test(test_a_file_that_changes_while_it_is_read_ends_the_run),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
