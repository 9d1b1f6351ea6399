/* The source hdf5: every layout, type, byte order and filter gives the values that HDF5 itself reads. */
#include "hdf5_files.h"

#include <math.h>
#include <setjmp.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "test_hdf5_source.XXXXXX";

static const char *path_to(const char *name) {
    static char path[300];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void *opened(const char *first, ...) {
    void *model = NULL;
    va_list settings;
    va_start(settings, first);
    const tsr_status status = open_hdf5_in(folder, &model, settings);
    va_end(settings);
    if (status != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return model;
}

/* The first argument is there for va_start only. */
#define OPEN(...) opened("", __VA_ARGS__, NULL)

static tsr_draws *desk_for(const void *model) {
    tsr_draws *draws = NULL;
    assert_int_equal(tsr_draws_create(tsr_source_hdf5.workspace(model, 1024), &draws), TSR_OK);
    return draws;
}

static bool same(double a, double b) { return (isnan(a) && isnan(b)) || a == b; }

/* expected: [rows][columns]. Read in blocks of several lengths, forwards and then hopping about. */
static void assert_table(const void *model, int64_t rows, int columns, const double *expected) {
    const int64_t lengths[] = {1024, 1, 17, 700};
    double *got = malloc((size_t)columns * 1024 * sizeof(*got));
    assert_int_equal(tsr_source_hdf5.items(model), rows);
    assert_int_equal(columns_of(model), columns);
    for (size_t l = 0; l < sizeof(lengths) / sizeof(*lengths); l++) {
        tsr_draws *draws = desk_for(model);
        const int64_t length = lengths[l], blocks = (rows + length - 1) / length, hop = l % 2 == 0 ? 1 : 7;
        for (int64_t b = 0; b < blocks && b < 3000; b++) {
            const int64_t first = b * hop % blocks * length, count = rows - first < length ? rows - first : length;
            if (read_rows(model, draws, first, count, got) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
            for (int64_t i = 0; i < count; i++)
                for (int c = 0; c < columns; c++)
                    if (!same(got[c * count + i], expected[(first + i) * columns + c]))
                        fail_msg("row %lld column %d: %.17g, not %.17g", (long long)(first + i), c, got[c * count + i],
                                 expected[(first + i) * columns + c]);
        }
        tsr_draws_destroy(&draws);
    }
    free(got);
}

static void assert_names(const void *model, const char *names) {
    char joined[4096] = "";
    const tsr_field *fields = tsr_source_hdf5.fields_of(model);
    for (int c = 0; fields[c].name != NULL; c++)
        snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s", c > 0 ? " " : "", fields[c].name);
    assert_string_equal(joined, names);
}

/* Values that fit into every type, and tell where they come from. */
static double *pattern(int64_t cells) {
    double *values = malloc((size_t)cells * sizeof(*values));
    for (int64_t i = 0; i < cells; i++) values[i] = (double)(i * 37 % 127);
    return values;
}

/* What HDF5 reads. */
static double *as_read(const char *path, const char *name, int64_t cells) {
    double *values = malloc((size_t)cells * sizeof(*values));
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) abort();
    H5Dclose(dataset);
    H5Fclose(file);
    return values;
}

/* Writes, opens, compares with what HDF5 reads, by rows. */
static void check_stored(const stored_as *how, const double *values) {
    const hid_t file = new_file(path_to("one.h5"));
    const hsize_t cells = stored_cells(how);
    store(file, "x", how, values);
    H5Fclose(file);
    double *expected = as_read(path_to("one.h5"), "x", (int64_t)cells);
    void *model = OPEN("file", "one.h5", "dataset", "x");
    assert_table(model, (int64_t)how->extent[0], (int)(cells / how->extent[0]), expected);
    tsr_source_hdf5.destroy(model);
    free(expected);
}

/* ---- types, filters, shapes ---- */

static void test_every_type_in_either_order_and_every_filter_is_read_as_hdf5_reads_it(void **state) {
    (void)state;
    const hid_t types[] = {H5T_STD_U8LE,   H5T_STD_I8BE,   H5T_STD_U16LE, H5T_STD_U16BE, H5T_STD_I16LE,
                           H5T_STD_I16BE,  H5T_STD_U32LE,  H5T_STD_U32BE, H5T_STD_I32LE, H5T_STD_I32BE,
                           H5T_STD_U64LE,  H5T_STD_U64BE,  H5T_STD_I64LE, H5T_STD_I64BE, H5T_IEEE_F32LE,
                           H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE};
    enum { CELLS = 2001 };
    double values[CELLS];
    for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++) {
        const bool is_float = H5Tget_class(types[t]) == H5T_FLOAT;
        const double bits = (double)H5Tget_precision(types[t]);
        const bool is_signed = is_float || H5Tget_sign(types[t]) == H5T_SGN_2;
        const double range = is_float ? 1e30 : ldexp(1, (int)bits - is_signed);
        for (int i = 0; i < CELLS; i++) {
            const double part = (double)(i * 7919 % CELLS) / CELLS;
            values[i] = (is_signed ? 2 * part - 1 : part) * range;
        }
        for (int f = 0; f < 9; f++) {
            const stored_as how = {.type = types[t],
                                   .rank = 1,
                                   .extent = {CELLS},
                                   .chunk = {f == 0 ? 0 : 300},
                                   .shuffle = f == 3 || f == 4 || f == 6 || f == 7,
                                   .deflate = f == 2 || f == 4 || f == 7 || f == 8 ? 6 : 0,
                                   .fletcher32 = f >= 5};
            check_stored(&how, values);
        }
    }
}

static void test_not_a_number_infinity_and_zeros_keep_what_they_are(void **state) {
    (void)state;
    const double values[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 4.9e-324, 1e-310, 1.7976931348623157e308};
    const stored_as how = {.type = H5T_IEEE_F64BE, .rank = 1, .extent = {8}};
    check_stored(&how, values);
    void *model = OPEN("file", "one.h5");
    tsr_draws *draws = desk_for(model);
    double got[8];
    assert_int_equal(read_rows(model, draws, 0, 8, got), TSR_OK);
    assert_true(signbit(got[4]) && !signbit(got[3]));
    tsr_draws_destroy(&draws);
    tsr_source_hdf5.destroy(model);
}

static void test_chunks_of_every_shape_give_the_same_rows(void **state) {
    (void)state;
    const hsize_t chunks[][2] = {{0, 0}, {10, 17}, {10, 5}, {1, 17}, {103, 1}, {103, 17}, {7, 16}, {1, 1}, {128, 32}};
    double *values = pattern(103 * 17);
    for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++)
        for (int deflate = 0; deflate < 2; deflate++) {
            const stored_as how = {.type = H5T_STD_I16LE,
                                   .rank = 2,
                                   .extent = {103, 17},
                                   .chunk = {chunks[i][0], chunks[i][1]},
                                   .grows = chunks[i][0] > 0,
                                   .deflate = chunks[i][0] > 0 ? deflate : 0};
            check_stored(&how, values);
        }
    free(values);
}

/* Chunks in the order in which they were written: the last one first. */
static void test_chunks_may_lie_anywhere_in_the_file(void **state) {
    (void)state;
    enum { ROWS = 5000, CHUNK = 600 };
    double *values = pattern(ROWS);
    for (int kind = 0; kind < 3; kind++) {
        const stored_as how = {.type = H5T_IEEE_F64LE,
                               .rank = 1,
                               .extent = {ROWS},
                               .chunk = {CHUNK},
                               .shuffle = kind > 0,
                               .deflate = kind};
        const hid_t list = stored_list(&how), file = new_file(path_to("one.h5"));
        const hid_t dataset = store_with(file, "x", &how, list, NULL), space = H5Dget_space(dataset);
        for (hsize_t begin = ROWS / CHUNK * CHUNK;; begin -= CHUNK) {
            const hsize_t count = ROWS - begin < CHUNK ? ROWS - begin : CHUNK;
            const hid_t memory = H5Screate_simple(1, &count, NULL);
            H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, NULL, &count, NULL);
            assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values + begin) >= 0);
            assert_true(H5Dflush(dataset) >= 0);
            H5Sclose(memory);
            if (begin == 0) break;
        }
        H5Sclose(space);
        H5Dclose(dataset);
        H5Pclose(list);
        H5Fclose(file);
        void *model = OPEN("file", "one.h5");
        assert_table(model, ROWS, 1, values);
        tsr_source_hdf5.destroy(model);
    }
    free(values);
}

/* Bit i of a chunk's mask says that filter i was left out: HDF5 does so where deflate gains nothing. */
static void test_filters_that_were_left_out_of_a_chunk_are_not_undone(void **state) {
    (void)state;
    enum { ROWS = 400, CHUNK = 100 };
    const stored_as how = {
        .type = H5T_IEEE_F64LE, .rank = 1, .extent = {ROWS}, .chunk = {CHUNK}, .shuffle = true, .deflate = 6};
    double *values = pattern(ROWS);
    const hid_t list = stored_list(&how), file = new_file(path_to("one.h5"));
    const hid_t dataset = store_with(file, "x", &how, list, values);
    unsigned char bytes[CHUNK * 8], turned[CHUNK * 8];
    memcpy(bytes, values + CHUNK, sizeof(bytes));
    for (int i = 0; i < CHUNK; i++)
        for (int k = 0; k < 8; k++) turned[k * CHUNK + i] = bytes[i * 8 + k];
    hsize_t begin = CHUNK;
    assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 3, &begin, sizeof(bytes), bytes) >= 0);
    begin = 2 * CHUNK;
    memcpy(bytes, values + 2 * CHUNK, sizeof(bytes));
    for (int i = 0; i < CHUNK; i++)
        for (int k = 0; k < 8; k++) turned[k * CHUNK + i] = bytes[i * 8 + k];
    assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 2, &begin, sizeof(turned), turned) >= 0);
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
    void *model = OPEN("file", "one.h5");
    assert_table(model, ROWS, 1, values);
    tsr_source_hdf5.destroy(model);
    free(values);
}

/* Points of a sweep have models of their own, and one workspace. */
static void test_a_workspace_serves_one_dataset_after_the_other(void **state) {
    (void)state;
    const double a[] = {1, 2}, b[] = {4, 5};
    double got[2];
    hid_t file = new_file(path_to("one.h5"));
    store(file, "x", &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {2}}, a);
    H5Fclose(file);
    file = new_file(path_to("two.h5"));
    store(file, "x", &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {2}}, b);
    H5Fclose(file);
    void *one = OPEN("file", "one.h5"), *two = OPEN("file", "two.h5");
    tsr_draws *draws = desk_for(one);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(read_rows(one, draws, 0, 2, got), TSR_OK);
        assert_memory_equal(got, a, sizeof(a));
        assert_int_equal(read_rows(two, draws, 0, 2, got), TSR_OK);
        assert_memory_equal(got, b, sizeof(b));
    }
    tsr_draws_destroy(&draws);
    tsr_source_hdf5.destroy(one);
    tsr_source_hdf5.destroy(two);
}

static void test_many_columns_are_turned_without_a_slip(void **state) {
    (void)state;
    const hid_t types[] = {H5T_STD_U8LE, H5T_STD_I16BE, H5T_IEEE_F32LE, H5T_IEEE_F64LE};
    const hsize_t widths[] = {2, 7, 8, 9, 63, 64, 65, 129, 784};
    for (size_t w = 0; w < sizeof(widths) / sizeof(*widths); w++) {
        double *values = pattern(77 * (int64_t)widths[w]);
        for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++) {
            const stored_as how = {.type = types[t], .rank = 2, .extent = {77, widths[w]}};
            check_stored(&how, values);
        }
        free(values);
    }
}

static void check_cells(const stored_as *how, const double *values) {
    const hid_t file = new_file(path_to("one.h5"));
    const int64_t cells = (int64_t)stored_cells(how), columns = how->rank + 1;
    store(file, "z", how, values);
    H5Fclose(file);
    double *expected = malloc((size_t)(cells * columns) * sizeof(*expected));
    for (int64_t i = 0; i < cells; i++) {
        int64_t rest = i;
        for (int a = how->rank - 1; a >= 0; a--) {
            expected[i * columns + a] = (double)(rest % (int64_t)how->extent[a]);
            rest /= (int64_t)how->extent[a];
        }
        expected[i * columns + how->rank] = values[i];
    }
    void *model = OPEN("file", "one.h5", "items", "cells");
    assert_table(model, cells, (int)columns, expected);
    assert_names(model, how->rank == 3 ? "i0 i1 i2 z" : "i0 i1 i2 i3 z");
    tsr_source_hdf5.destroy(model);
    free(expected);
}

static void test_cells_of_any_rank_and_chunks_come_row_major_with_their_places(void **state) {
    (void)state;
    const hsize_t three[][3] = {{0, 0, 0},   {4, 5, 6}, {1, 5, 6}, {1, 2, 3},
                                {3, 11, 13}, {1, 1, 4}, {9, 1, 1}, {1, 1, 1}};
    double *values = pattern(9 * 11 * 13);
    for (size_t i = 0; i < sizeof(three) / sizeof(*three); i++) {
        stored_as how = {.type = H5T_IEEE_F32BE, .rank = 3, .extent = {9, 11, 13}};
        memcpy(how.chunk, three[i], sizeof(three[i]));
        how.shuffle = how.chunk[0] > 0 && i % 2 == 0;
        how.deflate = how.shuffle;
        check_cells(&how, values);
    }
    const hsize_t four[][4] = {{0, 0, 0, 0}, {2, 2, 2, 2}, {1, 1, 7, 3}, {1, 3, 2, 5}};
    for (size_t i = 0; i < sizeof(four) / sizeof(*four); i++) {
        stored_as how = {.type = H5T_STD_U8LE, .rank = 4, .extent = {3, 4, 7, 5}};
        memcpy(how.chunk, four[i], sizeof(four[i]));
        check_cells(&how, values);
    }
    free(values);
}

/* A contiguous dataset whose rows are longer than what is read at once, by cells and by rows. */
static void test_long_rows_are_read_in_pieces(void **state) {
    (void)state;
    enum { ROWS = 3, LENGTH = 100003 };
    double *values = pattern((int64_t)ROWS * LENGTH), got[3 * 1000];
    const stored_as how = {.type = H5T_IEEE_F64LE, .rank = 2, .extent = {ROWS, LENGTH}};
    const hid_t file = new_file(path_to("one.h5"));
    store(file, "z", &how, values);
    H5Fclose(file);
    void *model = OPEN("file", "one.h5", "items", "cells");
    tsr_draws *draws = desk_for(model);
    for (int64_t first = 0; first + 1000 <= (int64_t)ROWS * LENGTH; first += 997) {
        assert_int_equal(read_rows(model, draws, first, 1000, got), TSR_OK);
        for (int64_t i = 0; i < 1000; i++) {
            assert_true(got[i] == (double)((first + i) / LENGTH) && got[1000 + i] == (double)((first + i) % LENGTH));
            assert_true(got[2000 + i] == values[first + i]);
        }
    }
    tsr_draws_destroy(&draws);
    tsr_source_hdf5.destroy(model);
    free(values);
}

/* ---- what only HDF5 reads ---- */

static void check_with(hid_t list, hid_t type, const double *values, const char *note) {
    enum { CELLS = 1000 };
    const hid_t file = new_file(path_to("one.h5"));
    const stored_as how = {.type = type, .rank = 2, .extent = {CELLS / 4, 4}};
    H5Dclose(store_with(file, "x", &how, list, values));
    H5Fclose(file);
    double *expected = as_read(path_to("one.h5"), "x", CELLS);
    if (values != NULL && memcmp(values, expected, CELLS * sizeof(double)) != 0) fail_msg("%s: not written", note);
    void *model = OPEN("file", "one.h5");
    assert_table(model, CELLS / 4, 4, expected);
    tsr_source_hdf5.destroy(model);
    free(expected);
    H5Pclose(list);
}

static hid_t chunked_list(void) {
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 2, (hsize_t[]){33, 3});
    return list;
}

static void test_what_is_rare_is_read_by_hdf5(void **state) {
    (void)state;
    double *values = pattern(1000);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(list, H5D_COMPACT);
    check_with(list, H5T_STD_I16LE, values, "compact");
    list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(list, path_to("outside.bin"), 0, H5F_UNLIMITED);
    check_with(list, H5T_STD_I32BE, values, "external");
    if (H5Zfilter_avail(H5Z_FILTER_SZIP) > 0) {
        list = chunked_list();
        H5Pset_szip(list, H5_SZIP_NN_OPTION_MASK, 8);
        check_with(list, H5T_STD_I32LE, values, "szip");
    }
    list = chunked_list();
    H5Pset_nbit(list);
    check_with(list, H5T_STD_I32LE, values, "nbit");
    list = chunked_list();
    H5Pset_scaleoffset(list, H5Z_SO_INT, 0);
    check_with(list, H5T_STD_I32LE, values, "scaleoffset");
    list = chunked_list();
    H5Pset_deflate(list, 1);
    H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    check_with(list, H5T_STD_I32LE, values, "partial chunks without filters");
    const hid_t odd = H5Tcopy(H5T_STD_I32LE), half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_size(odd, 3);
    H5Tset_precision(odd, 24);
    check_with(H5Pcreate(H5P_DATASET_CREATE), odd, values, "24 bits");
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    check_with(H5Pcreate(H5P_DATASET_CREATE), half, values, "half precision");
    list = chunked_list();
    H5Pset_deflate(list, 1);
    check_with(list, half, values, "half precision, deflated");
    H5Tclose(odd);
    H5Tclose(half);
    free(values);
}

static void test_what_was_never_written_is_the_fill_value(void **state) {
    (void)state;
    const double fill = 77;
    for (int kind = 0; kind < 3; kind++) {
        const hid_t list = kind == 0 ? H5Pcreate(H5P_DATASET_CREATE) : chunked_list();
        H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &fill);
        if (kind == 2) H5Pset_deflate(list, 1);
        check_with(list, H5T_STD_I32LE, NULL, "never written");
    }
    /* some chunks are there, others not */
    hid_t list = chunked_list();
    H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &fill);
    H5Pset_deflate(list, 1);
    const stored_as how = {.type = H5T_STD_I32LE, .rank = 2, .extent = {250, 4}};
    const hid_t file = new_file(path_to("one.h5")), dataset = store_with(file, "x", &how, list, NULL);
    const hsize_t begin[] = {40, 1}, count[] = {50, 1};
    const hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(2, count, NULL);
    double *values = pattern(50);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, count, NULL);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Sclose(memory);
    H5Dclose(dataset);
    H5Fclose(file);
    H5Pclose(list);
    free(values);
    double *expected = as_read(path_to("one.h5"), "x", 1000);
    void *model = OPEN("file", "one.h5");
    assert_table(model, 250, 4, expected);
    tsr_source_hdf5.destroy(model);
    free(expected);
}

/* ---- columns ---- */

static void test_a_compound_table_has_its_members_as_columns(void **state) {
    (void)state;
    typedef struct {
        int16_t id;
        char word[5];
        struct {
            float x;
            double y;
        } at;
        uint8_t rgb[3];
        uint8_t flag;
    } row;
    const hid_t at = H5Tcreate(H5T_COMPOUND, sizeof(((row *)0)->at)), text = H5Tcopy(H5T_C_S1);
    const hid_t rgb = H5Tarray_create2(H5T_NATIVE_UINT8, 1, (hsize_t[]){3}),
                type = H5Tcreate(H5T_COMPOUND, sizeof(row));
    const hid_t truth = H5Tenum_create(H5T_NATIVE_UINT8);
    const uint8_t no = 0, yes = 1;
    H5Tenum_insert(truth, "FALSE", &no);
    H5Tenum_insert(truth, "TRUE", &yes);
    H5Tset_size(text, 5);
    H5Tinsert(at, "x", 0, H5T_NATIVE_FLOAT);
    H5Tinsert(at, "y", offsetof(row, at.y) - offsetof(row, at), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "id", offsetof(row, id), H5T_NATIVE_INT16);
    H5Tinsert(type, "word", offsetof(row, word), text);
    H5Tinsert(type, "at", offsetof(row, at), at);
    H5Tinsert(type, "rgb", offsetof(row, rgb), rgb);
    H5Tinsert(type, "flag", offsetof(row, flag), truth);
    enum { ROWS = 1500, COLUMNS = 7 };
    static const char words[4][6] = {"Zoe  ", "abc\0\xff", "m\xc3\xbc x", "   "};
    row *rows = calloc(ROWS, sizeof(*rows));
    double *expected = malloc(sizeof(double) * ROWS * COLUMNS);
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (row){.id = (int16_t)(i - 700), .at = {(float)i / 7, i / 3.0}, .flag = i % 2 == 1};
        memcpy(rows[i].word, words[i % 4], sizeof(rows[i].word));
        for (int k = 0; k < 3; k++) rows[i].rgb[k] = (uint8_t)(i * (k + 3));
        const double cells[] = {rows[i].id,     rows[i].at.x,   rows[i].at.y, rows[i].rgb[0],
                                rows[i].rgb[1], rows[i].rgb[2], rows[i].flag};
        memcpy(expected + (ptrdiff_t)i * COLUMNS, cells, sizeof(cells));
    }
    const hsize_t extent[] = {ROWS}, chunk[] = {400};
    for (int chunked = 0; chunked < 2; chunked++) {
        const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, extent, NULL);
        if (chunked) H5Pset_chunk(list, 1, chunk);
        if (chunked) H5Pset_shuffle(list);
        if (chunked) H5Pset_deflate(list, 3);
        const hid_t file = new_file(path_to("one.h5"));
        const hid_t dataset = H5Dcreate2(file, "table", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
        assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >= 0);
        H5Dclose(dataset);
        H5Fclose(file);
        H5Sclose(space);
        H5Pclose(list);
        void *model = OPEN("file", "one.h5");
        assert_names(model, "id at_x at_y rgb_0 rgb_1 rgb_2 flag");
        assert_table(model, ROWS, COLUMNS, expected);
        tsr_source_hdf5.destroy(model);
        model = OPEN("file", "one.h5", "columns", "flag,at_y");
        double two[2 * ROWS];
        for (int i = 0; i < ROWS; i++) {
            two[(ptrdiff_t)2 * i] = rows[i].flag;
            two[2 * i + 1] = rows[i].at.y;
        }
        assert_table(model, ROWS, 2, two);
        tsr_source_hdf5.destroy(model);
        model = OPEN("file", "one.h5", "columns", "word,id", "missing", "-700");
        for (int i = 0; i < ROWS; i++) {
            two[(ptrdiff_t)2 * i] = i % 4 == 3 ? (double)NAN : (double)(i % 4);
            two[2 * i + 1] = i == 0 ? NAN : rows[i].id;
        }
        assert_table(model, ROWS, 2, two);
        const tsr_field *field = tsr_source_hdf5.fields_of(model);
        assert_null(field[1].categories);
        assert_string_equal(field[0].categories[0], "Zoe");
        assert_string_equal(field[0].categories[1], "abc");
        assert_string_equal(field[0].categories[2], "m\xc3\xbc x");
        assert_null(field[0].categories[3]);
        tsr_source_hdf5.destroy(model);
    }
    free(rows);
    free(expected);
    H5Tclose(at);
    H5Tclose(text);
    H5Tclose(rgb);
    H5Tclose(truth);
    H5Tclose(type);
}

static void test_columns_are_named_and_chosen(void **state) {
    (void)state;
    double *values = pattern(60 * 12 * 11);
    hid_t file = new_file(path_to("one.h5"));
    store(file, "m", &(stored_as){.type = H5T_STD_U8LE, .rank = 2, .extent = {60, 3}}, values);
    store(file, "deep/image", &(stored_as){.type = H5T_STD_U8LE, .rank = 3, .extent = {60, 12, 11}}, values);
    store(file, "a", &(stored_as){.type = H5T_STD_U8LE, .rank = 1, .extent = {60}}, values);
    store(file, "deep/a", &(stored_as){.type = H5T_IEEE_F64BE, .rank = 1, .extent = {60}, .chunk = {7}}, values);
    const hid_t labelled = store_with(
        file, "labelled", &(stored_as){.type = H5T_STD_U8LE, .rank = 2, .extent = {60, 2}}, H5P_DEFAULT, values);
    const hid_t text = H5Tcopy(H5T_C_S1), two = H5Screate_simple(1, (hsize_t[]){2}, NULL);
    H5Tset_size(text, 6);
    const hid_t names = H5Acreate2(labelled, "columns", text, two, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(names, text,
                         "height"
                         "we\tght") >= 0);
    H5Aclose(names);
    H5Tclose(text);
    H5Sclose(two);
    H5Dclose(labelled);
    H5Fclose(file);

    void *model = OPEN("file", "one.h5", "dataset", "/m");
    assert_names(model, "c1 c2 c3");
    tsr_source_hdf5.destroy(model);
    model = OPEN("file", "one.h5", "dataset", "labelled");
    assert_names(model, "height we?ght");
    tsr_source_hdf5.destroy(model);
    model = OPEN("file", "one.h5", "dataset", "deep/image", "columns", "p11_10,p00_09,p00_10,p01_00");
    double expected[60 * 4];
    for (int i = 0; i < 60; i++) {
        const int place[] = {131, 9, 10, 11};
        for (int c = 0; c < 4; c++) expected[i * 4 + c] = values[i * 132 + place[c]];
    }
    assert_table(model, 60, 4, expected);
    tsr_source_hdf5.destroy(model);
    model = OPEN("file", "one.h5", "dataset", "a,/deep/a,m");
    assert_names(model, "a deep_a m_c1 m_c2 m_c3");
    for (int i = 0; i < 60; i++) {
        const double cells[] = {values[i], values[i], values[3 * i], values[3 * i + 1], values[3 * i + 2]};
        memcpy(expected, cells, sizeof(cells));
        double got[5];
        tsr_draws *draws = desk_for(model);
        assert_int_equal(read_rows(model, draws, i, 1, got), TSR_OK);
        assert_memory_equal(got, cells, sizeof(cells));
        tsr_draws_destroy(&draws);
    }
    tsr_source_hdf5.destroy(model);
    free(values);
}

static void test_words_of_many_files_have_the_same_codes(void **state) {
    (void)state;
    const char *const words[2][4] = {{"ORD", "ATL", "ORD", "JFK"}, {"LAX", "", "ATL", "ORD"}};
    const double expected[] = {3, 0, 3, 1, 2, NAN, 0, 3};
    for (int i = 0; i < 2; i++) {
        char name[32], text[4 * 6] = "";
        snprintf(name, sizeof(name), "words-%d.h5", i);
        const hid_t file = new_file(path_to(name)), type = H5Tcopy(H5T_C_S1);
        const size_t bytes = i == 0 ? 6 : 3; /* without room for a zero */
        for (int k = 0; k < 4; k++) memcpy(text + (size_t)k * bytes, words[i][k], strlen(words[i][k]));
        H5Tset_size(type, bytes);
        H5Tset_strpad(type, i == 0 ? H5T_STR_NULLTERM : H5T_STR_NULLPAD);
        const hid_t space = H5Screate_simple(1, (hsize_t[]){4}, NULL);
        const hid_t dataset = H5Dcreate2(file, "origin", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0);
        H5Dclose(dataset);
        H5Sclose(space);
        H5Tclose(type);
        H5Fclose(file);
    }
    void *model = OPEN("file", "words-*.h5", "dataset", "origin");
    assert_table(model, 8, 1, expected);
    const tsr_field *field = tsr_source_hdf5.fields_of(model);
    const char *const labels[] = {"ATL", "JFK", "LAX", "ORD"};
    for (int i = 0; i < 4; i++) assert_string_equal(field->categories[i], labels[i]);
    assert_null(field->categories[4]);
    tsr_source_hdf5.destroy(model);
}

/* ---- conventions ---- */

static void test_conventions_of_netcdf_are_applied(void **state) {
    (void)state;
    const double stored[] = {-999, 5, 32767, 100, 200, -3, 0, 1, 199, -2};
    const stored_as how = {.type = H5T_STD_I16BE, .rank = 1, .extent = {10}};
    const hid_t file = new_file(path_to("one.h5")), dataset = store_with(file, "t", &how, H5P_DEFAULT, stored);
    set_number(dataset, "_FillValue", H5T_STD_I16BE, -999);
    set_number(dataset, "missing_value", H5T_STD_I16BE, 32767);
    set_number(dataset, "valid_min", H5T_STD_I16BE, -2);
    set_number(dataset, "valid_max", H5T_STD_I16BE, 199);
    set_number(dataset, "scale_factor", H5T_IEEE_F64LE, 0.1);
    set_number(dataset, "add_offset", H5T_IEEE_F64LE, 273.15);
    set_text(dataset, "units", "K");
    set_text(dataset, "long_name", "surface temperature");
    H5Dclose(dataset);
    H5Fclose(file);
    void *model = OPEN("file", "one.h5");
    const double expected[] = {NAN,
                               5 * 0.1 + 273.15,
                               NAN,
                               100 * 0.1 + 273.15,
                               NAN,
                               NAN,
                               273.15,
                               1 * 0.1 + 273.15,
                               199 * 0.1 + 273.15,
                               -2 * 0.1 + 273.15};
    assert_table(model, 10, 1, expected);
    const tsr_field *field = tsr_source_hdf5.fields_of(model);
    assert_string_equal(field->unit, "K");
    assert_string_equal(field->long_name, "surface temperature");
    tsr_source_hdf5.destroy(model);
    model = OPEN("file", "one.h5", "decode", "no", "missing", "5,1");
    const double raw[] = {-999, NAN, 32767, 100, 200, -3, 0, NAN, 199, -2};
    assert_table(model, 10, 1, raw);
    tsr_source_hdf5.destroy(model);
}

static void test_markers_of_floats_are_compared_as_floats(void **state) {
    (void)state;
    const double stored[] = {1, -99.9, 1e20, 2};
    const stored_as how = {.type = H5T_IEEE_F32LE, .rank = 1, .extent = {4}};
    const hid_t file = new_file(path_to("one.h5")), dataset = store_with(file, "t", &how, H5P_DEFAULT, stored);
    set_number(dataset, "missing_value", H5T_IEEE_F64LE, 1e20);
    H5Dclose(dataset);
    H5Fclose(file);
    void *model = OPEN("file", "one.h5", "missing", "-99.9");
    const double expected[] = {1, NAN, NAN, 2};
    assert_table(model, 4, 1, expected);
    tsr_source_hdf5.destroy(model);
}

static void test_dimension_scales_give_the_coordinates_of_cells(void **state) {
    (void)state;
    const double lat[] = {-10, 0, 10}, lon[] = {0.5, 1.5, 2.5, 3.5};
    double *values = pattern(12), expected[12 * 3];
    const hid_t file = new_file(path_to("one.h5"));
    const hid_t z =
        store_with(file, "z", &(stored_as){.type = H5T_IEEE_F32LE, .rank = 2, .extent = {3, 4}}, H5P_DEFAULT, values);
    const hid_t y =
        store_with(file, "lat", &(stored_as){.type = H5T_IEEE_F32BE, .rank = 1, .extent = {3}}, H5P_DEFAULT, lat);
    const hid_t x =
        store_with(file, "lon", &(stored_as){.type = H5T_IEEE_F64LE, .rank = 1, .extent = {4}}, H5P_DEFAULT, lon);
    set_text(y, "units", "degrees_north");
    H5DSset_scale(y, "lat");
    H5DSset_scale(x, "lon");
    H5DSattach_scale(z, y, 0);
    H5DSattach_scale(z, x, 1);
    H5Dclose(x);
    H5Dclose(y);
    H5Dclose(z);
    H5Fclose(file);
    for (int i = 0; i < 12; i++) {
        expected[3 * i] = lat[i / 4];
        expected[3 * i + 1] = lon[i % 4];
        expected[3 * i + 2] = values[i];
    }
    void *model = OPEN("file", "one.h5", "items", "cells");
    assert_names(model, "lat lon z");
    assert_string_equal(tsr_source_hdf5.fields_of(model)[0].unit, "degrees_north");
    assert_table(model, 12, 3, expected);
    tsr_source_hdf5.destroy(model);
    model = OPEN("file", "one.h5", "items", "cells", "columns", "z,lat");
    for (int i = 0; i < 12; i++) {
        expected[(ptrdiff_t)2 * i] = values[i];
        expected[2 * i + 1] = lat[i / 4];
    }
    assert_table(model, 12, 2, expected);
    tsr_source_hdf5.destroy(model);
    free(values);
}

/* ---- many files ---- */

static void test_files_follow_each_other_whatever_they_are_stored_as(void **state) {
    (void)state;
    double *values = pattern(3000 * 2);
    const stored_as how[] = {
        {.type = H5T_IEEE_F64LE, .rank = 2, .extent = {1000, 2}},
        {.type = H5T_STD_I16BE,
         .rank = 2,
         .extent = {1, 2},
         .chunk = {64, 1},
         .grows = true,
         .shuffle = true,
         .deflate = 1},
        {.type = H5T_STD_U8LE, .rank = 2, .extent = {0, 2}, .chunk = {5, 2}, .grows = true},
        {.type = H5T_IEEE_F32BE, .rank = 2, .extent = {1999, 2}, .chunk = {100, 2}, .deflate = 9, .fletcher32 = true},
    };
    hsize_t row = 0;
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof(name), "part-%d.h5", i);
        const hid_t file = new_file(path_to(name));
        store(file, "g/m", &how[i], how[i].extent[0] > 0 ? values + 2 * row : NULL);
        H5Fclose(file);
        row += how[i].extent[0];
    }
    void *model = OPEN("file", "part-*.h5");
    assert_table(model, 3000, 2, values);
    int count = 0;
    const tsr_input *input = tsr_source_hdf5.inputs(model, &count);
    assert_int_equal(count, 4);
    assert_non_null(strstr(input[1].path, "part-1.h5"));
    assert_int_equal(strlen(input[1].sha256), 64);
    tsr_source_hdf5.destroy(model);
    free(values);
}

static void test_each_file_has_its_own_scale(void **state) {
    (void)state;
    const double stored[] = {1, 2, 3}, scale[] = {0.5, 10};
    for (int i = 0; i < 2; i++) {
        char name[32];
        snprintf(name, sizeof(name), "scaled-%d.h5", i);
        const hid_t file = new_file(path_to(name));
        const stored_as how = {.type = H5T_STD_I16LE, .rank = 1, .extent = {3}};
        const hid_t dataset = store_with(file, "t", &how, H5P_DEFAULT, stored);
        set_number(dataset, "scale_factor", H5T_IEEE_F64LE, scale[i]);
        H5Dclose(dataset);
        H5Fclose(file);
    }
    void *model = OPEN("file", "scaled-*.h5");
    const double expected[] = {0.5, 1, 1.5, 10, 20, 30};
    assert_table(model, 6, 1, expected);
    tsr_source_hdf5.destroy(model);
}

static void test_more_files_than_are_kept_open_are_read(void **state) {
    (void)state;
    enum { FILES = 90, ROWS = 11 };
    double *values = pattern((int64_t)FILES * ROWS);
    for (int i = 0; i < FILES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "many-%03d.h5", i);
        const hid_t file = new_file(path_to(name));
        store(file, "x",
              &(stored_as){.type = H5T_STD_I16LE, .rank = 1, .extent = {ROWS}, .chunk = {i % 3 == 0 ? 0 : 4}},
              values + (ptrdiff_t)i * ROWS);
        H5Fclose(file);
    }
    void *model = OPEN("file", "many-*.h5");
    assert_table(model, (int64_t)FILES * ROWS, 1, values);
    tsr_source_hdf5.destroy(model);
    free(values);
}

/* ---- more rows than an int can count ---- */

static void assert_values_at(const void *model, const int64_t *row, int count, const double *expected) {
    tsr_draws *draws = desk_for(model);
    for (int i = 0; i < count; i++) {
        double got;
        if (read_rows(model, draws, row[i], 1, &got) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
        if (got != expected[i]) fail_msg("row %lld: %g, not %g", (long long)row[i], got, expected[i]);
    }
    tsr_draws_destroy(&draws);
}

static const hsize_t huge = (UINT64_C(1) << 31) + 100000;
static const int64_t marked[] = {0, 5, (INT64_C(1) << 31) - 1, INT64_C(1) << 31, (INT64_C(1) << 31) + 99999};
static const double marks[] = {1, -3, 2, 3, 4};

static void write_marks(hid_t dataset) {
    const hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, (hsize_t[]){1}, NULL);
    for (int i = 0; i < 5; i++) {
        const hsize_t at = (hsize_t)marked[i];
        if (i == 1) continue; /* stays the fill value */
        H5Sselect_elements(space, H5S_SELECT_SET, 1, &at);
        assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, &marks[i]) >= 0);
    }
    H5Sclose(memory);
    H5Sclose(space);
}

static void test_more_rows_than_2_to_the_31_are_read(void **state) {
    (void)state;
    const double fill = -3;
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 1, (hsize_t[]){1000});
    H5Pset_deflate(list, 1);
    H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &fill);
    const stored_as how = {.type = H5T_IEEE_F32LE, .rank = 1, .extent = {huge}};
    hid_t file = new_file(path_to("huge.h5"));
    const hid_t dataset = store_with(file, "x", &how, list, NULL);
    write_marks(dataset);
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
    void *model = OPEN("file", "huge.h5");
    assert_true(tsr_source_hdf5.items(model) == (int64_t)huge);
    assert_values_at(model, marked, 5, marks);
    tsr_source_hdf5.destroy(model);

    /* the same rows, shown by a virtual dataset: the last half million of them first */
    const hid_t view = H5Pcreate(H5P_DATASET_CREATE), from = H5Screate_simple(1, &huge, NULL);
    const hsize_t all = huge + 500000, begin = 0, shift = 500000, some = 500000, late = huge - 500000;
    const hid_t to = H5Screate_simple(1, &all, NULL);
    H5Sselect_hyperslab(to, H5S_SELECT_SET, &begin, NULL, &some, NULL);
    H5Sselect_hyperslab(from, H5S_SELECT_SET, &late, NULL, &some, NULL);
    assert_true(H5Pset_virtual(view, to, "huge.h5", "x", from) >= 0);
    H5Sselect_hyperslab(to, H5S_SELECT_SET, &shift, NULL, &huge, NULL);
    H5Sselect_all(from);
    assert_true(H5Pset_virtual(view, to, "huge.h5", "x", from) >= 0);
    file = new_file(path_to("view.h5"));
    const stored_as seen = {.type = H5T_IEEE_F32LE, .rank = 1, .extent = {all}};
    H5Dclose(store_with(file, "x", &seen, view, NULL));
    H5Fclose(file);
    H5Sclose(from);
    H5Sclose(to);
    H5Pclose(view);
    model = OPEN("file", "view.h5");
    assert_true(tsr_source_hdf5.items(model) == (int64_t)all);
    const int64_t row[] = {499999, 500000, (INT64_C(1) << 31) + 500000, (INT64_C(1) << 31) + 599999};
    const double expected[] = {4, 1, 3, 4};
    assert_values_at(model, row, 4, expected);
    tsr_source_hdf5.destroy(model);
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
        cmocka_unit_test(test_every_type_in_either_order_and_every_filter_is_read_as_hdf5_reads_it),
        cmocka_unit_test(test_not_a_number_infinity_and_zeros_keep_what_they_are),
        cmocka_unit_test(test_chunks_of_every_shape_give_the_same_rows),
        cmocka_unit_test(test_chunks_may_lie_anywhere_in_the_file),
        cmocka_unit_test(test_filters_that_were_left_out_of_a_chunk_are_not_undone),
        cmocka_unit_test(test_a_workspace_serves_one_dataset_after_the_other),
        cmocka_unit_test(test_many_columns_are_turned_without_a_slip),
        cmocka_unit_test(test_cells_of_any_rank_and_chunks_come_row_major_with_their_places),
        cmocka_unit_test(test_long_rows_are_read_in_pieces),
        cmocka_unit_test(test_what_is_rare_is_read_by_hdf5),
        cmocka_unit_test(test_what_was_never_written_is_the_fill_value),
        cmocka_unit_test(test_a_compound_table_has_its_members_as_columns),
        cmocka_unit_test(test_columns_are_named_and_chosen),
        cmocka_unit_test(test_words_of_many_files_have_the_same_codes),
        cmocka_unit_test(test_conventions_of_netcdf_are_applied),
        cmocka_unit_test(test_markers_of_floats_are_compared_as_floats),
        cmocka_unit_test(test_dimension_scales_give_the_coordinates_of_cells),
        cmocka_unit_test(test_files_follow_each_other_whatever_they_are_stored_as),
        cmocka_unit_test(test_each_file_has_its_own_scale),
        cmocka_unit_test(test_more_files_than_are_kept_open_are_read),
        cmocka_unit_test(test_more_rows_than_2_to_the_31_are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
