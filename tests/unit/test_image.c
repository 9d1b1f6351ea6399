/* Images: whatever contents compose to opens again, is the same bytes every time, and what is no whole file is refused
 * in words before anything is believed of it. */
#include "io/result/h5_image.h"

#include "io/result/seal.h"
#include "made_contents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_refused(tsr_status status, tsr_status expected, const char *word) {
    assert_int_equal(status, expected);
    if (!strstr(tsr_error_get()->message, word)) fail_msg("no '%s' in: %s", word, tsr_error_get()->message);
    tsr_error_clear();
}

/* Many small objects, many attributes on one object, long texts, deep groups, nothing at all. */
static tsr_contents *make_crowd(int variables, int attributes, int text_bytes) {
    static double data[10];
    tsr_contents *contents = created();
    char *text = calloc(1, (size_t)text_bytes + 1);
    memset(text, 'x', (size_t)text_bytes);
    int group = TSR_CONTENTS_ROOT;
    for (int i = 0; i < variables; i++) {
        char name[64];
        snprintf(name, sizeof(name), "a_rather_long_name_of_variable_%d", i);
        if (i % 10 == 9) group = tsr_contents_group(contents, i % 100 == 99 ? TSR_CONTENTS_ROOT : group, name);
        const int dimension = tsr_contents_dimension(contents, group, "dimension", 10);
        const int variable = add_numbers(contents, group, name, dimension, data);
        for (int k = 0; k < attributes; k++) {
            snprintf(name, sizeof(name), "a_rather_long_name_of_attribute_%d", k);
            tsr_contents_text(contents, variable, name, text);
        }
    }
    free(text);
    return contents;
}

static tsr_image composed(tsr_contents *contents) {
    tsr_image image = {0};
    if (tsr_image_create(contents, &image) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return image;
}

static void assert_opens(tsr_contents *contents) {
    tsr_image image = composed(contents), again = composed(contents);
    hid_t file = H5I_INVALID_HID;
    bool is_sealed = false;
    assert_int_equal(image.count, again.count);
    assert_memory_equal(image.bytes, again.bytes, (size_t)image.count);
    assert_int_equal(tsr_image_open(&image, &file, &is_sealed), TSR_OK);
    assert_true(is_sealed);
    assert_int_equal(tsr_h5_close(&file), TSR_OK);
    assert_memory_equal(image.bytes, again.bytes, (size_t)image.count);
    tsr_image_clear(&image);
    tsr_image_clear(&again);
    tsr_contents_destroy(&contents);
}

static void test_contents_compose_to_the_same_sealed_bytes_every_time(void **state) {
    (void)state;
    assert_opens(make_crowd(0, 0, 0));
    assert_opens(make_crowd(1, 0, 0));
    assert_opens(make_crowd(500, 0, 0));
    assert_opens(make_crowd(200, 5, 20));
    assert_opens(make_crowd(50, 50, 20));
    assert_opens(make_crowd(1, 1000, 10));
    assert_opens(make_crowd(20, 40, 1000));
    assert_opens(make_crowd(1, 10, 200000)); /* beyond the 64 KB that fit into an object header */
}

static tsr_status open_bytes(const unsigned char *bytes, int64_t count, bool *is_sealed) {
    tsr_image image = {malloc((size_t)count + 1), count};
    hid_t file = H5I_INVALID_HID;
    memcpy(image.bytes, bytes, (size_t)count);
    const tsr_status status = tsr_image_open(&image, &file, is_sealed);
    assert_true(status == TSR_OK || file < 0);
    tsr_h5_drop(&file);
    tsr_image_clear(&image);
    return status;
}

static void test_a_file_without_its_seal_is_opened_and_told_apart(void **state) {
    (void)state;
    tsr_contents *contents = make_crowd(20, 3, 20);
    tsr_image image = composed(contents);
    bool is_sealed = true;
    assert_int_equal(open_bytes(image.bytes, image.count - TSR_SEAL_BYTES, &is_sealed), TSR_OK);
    assert_false(is_sealed);
    tsr_image_clear(&image);
    tsr_contents_destroy(&contents);
}

/* At every length near the ends, and at many between. */
static void test_a_truncated_file_is_refused(void **state) {
    (void)state;
    tsr_contents *contents = make_crowd(20, 3, 20);
    tsr_image image = composed(contents);
    const int64_t whole = image.count - TSR_SEAL_BYTES;
    bool is_sealed;
    for (int64_t count = 0; count < image.count; count += count < 64 || count > whole - 8 ? 1 : 61)
        if (count != whole) assert_refused(open_bytes(image.bytes, count, &is_sealed), TSR_ECHECKPOINT, "damaged");
    tsr_image_clear(&image);
    tsr_contents_destroy(&contents);
}

static void test_bytes_behind_the_end_are_refused(void **state) {
    (void)state;
    tsr_contents *contents = make_crowd(5, 3, 20);
    tsr_image image = composed(contents);
    unsigned char *longer = calloc(1, (size_t)image.count + 1000);
    bool is_sealed;
    memcpy(longer, image.bytes, (size_t)image.count);
    assert_refused(open_bytes(longer, image.count + 1, &is_sealed), TSR_ECHECKPOINT, "damaged");
    assert_refused(open_bytes(longer, image.count + 1000, &is_sealed), TSR_ECHECKPOINT, "damaged");
    free(longer);
    tsr_image_clear(&image);
    tsr_contents_destroy(&contents);
}

/* ---- files ---- */

static void test_a_file_is_read_as_it_is(void **state) {
    (void)state;
    char path[] = "/tmp/test_image.XXXXXX", bytes[3000];
    for (size_t i = 0; i < sizeof(bytes); i++) bytes[i] = (char)(i * 31);
    const int file = mkstemp(path);
    for (size_t length = 0; length <= sizeof(bytes); length += 1500) {
        tsr_image image = {0};
        assert_int_equal(pwrite(file, bytes, length, 0), length);
        assert_int_equal(tsr_image_read(path, &image), TSR_OK);
        assert_int_equal(image.count, length);
        assert_memory_equal(image.bytes, bytes, length);
        tsr_image_clear(&image);
    }
    assert_false(tsr_image_is_one(path));
    assert_int_equal(pwrite(file, "\x89HDF\r\n\x1a\n", 8, 0), 8);
    assert_true(tsr_image_is_one(path));
    close(file);
    unlink(path);
}

static void test_what_is_no_ordinary_file_is_not_read(void **state) {
    (void)state;
    char folder[] = "/tmp/test_image.XXXXXX", path[64];
    tsr_image image = {0};
    assert_non_null(mkdtemp(folder));
    assert_refused(tsr_image_read(folder, &image), TSR_EDATA, "not an ordinary file");
    assert_refused(tsr_image_read("/dev/zero", &image), TSR_EDATA, "not an ordinary file");
    snprintf(path, sizeof(path), "%s/pipe", folder);
    assert_refused(tsr_image_read(path, &image), TSR_EDATA, "No such file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(tsr_image_read(path, &image), TSR_EDATA, "not an ordinary file"); /* and without waiting */
    assert_false(tsr_image_is_one(path));
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_refused(tsr_image_read(path, &image), TSR_EDATA, "symbolic link");
    unlink(path);
    rmdir(folder);
    assert_null(image.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents_compose_to_the_same_sealed_bytes_every_time),
        cmocka_unit_test(test_a_file_without_its_seal_is_opened_and_told_apart),
        cmocka_unit_test(test_a_truncated_file_is_refused),
        cmocka_unit_test(test_bytes_behind_the_end_are_refused),
        cmocka_unit_test(test_a_file_is_read_as_it_is),
        cmocka_unit_test(test_what_is_no_ordinary_file_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
