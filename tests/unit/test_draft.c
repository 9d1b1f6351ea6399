/* A draft: the target is whole or untouched, nothing stays behind, and what cannot be written is refused before. */
#include "io/result/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], target[128];

static int set_up(void **state) {
    (void)state;
    tsr_error_clear();
    strcpy(folder, "/tmp/test_draft.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(target, sizeof(target), "%s/out.h5", folder);
    return 0;
}

static int files_in_folder(void) {
    DIR *open = opendir(folder);
    int files = 0;
    for (struct dirent *entry; (entry = readdir(open));) files += entry->d_type != DT_DIR;
    closedir(open);
    return files;
}

static int tear_down(void **state) {
    (void)state;
    unlink(target);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *path, const char *text) {
    char found[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(found, 1, sizeof(found) - 1, file) < sizeof(found));
    fclose(file);
    assert_string_equal(found, text);
}

static void assert_refused(tsr_status status, tsr_status expected, const char *word) {
    assert_int_equal(status, expected);
    if (!strstr(tsr_error_get()->message, word)) fail_msg("no '%s' in: %s", word, tsr_error_get()->message);
    tsr_error_clear();
}

static tsr_draft *created(bool force) {
    tsr_draft *draft = NULL;
    assert_int_equal(tsr_draft_create(target, force, &draft), TSR_OK);
    return draft;
}

static void test_check_leaves_nothing(void **state) {
    (void)state;
    assert_int_equal(tsr_draft_check(target, false), TSR_OK);
    assert_int_equal(files_in_folder(), 0);
}

static void test_check_refuses_what_is_no_place_for_a_file(void **state) {
    (void)state;
    char path[256];
    assert_refused(tsr_draft_check("", false), TSR_EUSAGE, "not the name");
    assert_refused(tsr_draft_check(folder, true), TSR_EUSAGE, "is a folder");
    snprintf(path, sizeof(path), "%s/", folder);
    assert_refused(tsr_draft_check(path, true), TSR_EUSAGE, "not the name");
    assert_refused(tsr_draft_check("/dev/null", true), TSR_EUSAGE, "ordinary");
    snprintf(path, sizeof(path), "%s/missing/out.h5", folder);
    assert_refused(tsr_draft_check(path, false), TSR_EIO, "No such file or directory");
    put(target, "old");
    snprintf(path, sizeof(path), "%s/out.h5", target);
    assert_refused(tsr_draft_check(path, false), TSR_EIO, "Not a directory");
    assert_refused(tsr_draft_check("/proc/out.h5", false), TSR_EIO, "/proc");
}

static void test_check_refuses_an_existing_file_unless_forced(void **state) {
    (void)state;
    put(target, "old");
    assert_refused(tsr_draft_check(target, false), TSR_EUSAGE, "--force");
    assert_int_equal(tsr_draft_check(target, true), TSR_OK);
    assert_holds(target, "old");
    assert_int_equal(files_in_folder(), 1);
}

static void test_check_refuses_a_symbolic_link_even_when_forced(void **state) {
    (void)state;
    char real[128];
    snprintf(real, sizeof(real), "%s/real", folder);
    put(real, "old");
    assert_int_equal(symlink(real, target), 0);
    assert_refused(tsr_draft_check(target, true), TSR_EUSAGE, "symbolic link");
    assert_holds(real, "old");
    assert_int_equal(unlink(real), 0);
    assert_refused(tsr_draft_check(target, true), TSR_EUSAGE, "symbolic link"); /* one that dangles, too */
}

static void test_publish_puts_the_file_under_its_name(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    put(tsr_draft_path(draft), "new");
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(tsr_draft_publish(draft, 3), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_null(draft);
    assert_holds(target, "new");
    assert_int_equal(files_in_folder(), 1);
}

static void test_publish_replaces_only_when_forced(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    put(tsr_draft_path(draft), "new");
    put(target, "from another run");
    assert_refused(tsr_draft_publish(draft, 3), TSR_EIO, "File exists");
    tsr_draft_destroy(&draft);
    assert_holds(target, "from another run");
    assert_int_equal(files_in_folder(), 1);

    draft = created(true);
    put(tsr_draft_path(draft), "new");
    assert_int_equal(tsr_draft_publish(draft, 3), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_holds(target, "new");
}

static void test_destroy_without_publish_leaves_nothing(void **state) {
    (void)state;
    put(target, "old");
    tsr_draft *draft = created(true);
    put(tsr_draft_path(draft), "half");
    tsr_draft_destroy(&draft);
    tsr_draft_destroy(&draft);
    assert_holds(target, "old");
    assert_int_equal(files_in_folder(), 1);
}

static void test_drafts_of_one_target_have_different_names(void **state) {
    (void)state;
    tsr_draft *one = created(false), *other = created(false);
    assert_string_not_equal(tsr_draft_path(one), tsr_draft_path(other));
    tsr_draft_destroy(&one);
    tsr_draft_destroy(&other);
    assert_int_equal(files_in_folder(), 0);
}

static void test_publish_notices_a_replaced_draft(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    char *path = strdup(tsr_draft_path(draft));
    assert_int_equal(unlink(path), 0);
    put(path, "planted");
    assert_refused(tsr_draft_publish(draft, 7), TSR_EIO, "replaced");
    tsr_draft_destroy(&draft);
    assert_int_equal(access(target, F_OK), -1);
    unlink(path);
    free(path);
}

static void test_reserve_takes_blocks_and_publish_gives_the_rest_back(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    struct stat found;
    assert_int_equal(tsr_draft_reserve(draft, 1 << 20), TSR_OK);
    assert_int_equal(stat(tsr_draft_path(draft), &found), 0);
    assert_true(found.st_blocks * 512 >= 1 << 20);
    const int file = open(tsr_draft_path(draft), O_WRONLY);
    assert_int_equal(write(file, "new", 3), 3);
    close(file);
    assert_int_equal(tsr_draft_publish(draft, 3), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_int_equal(stat(target, &found), 0);
    assert_int_equal(found.st_size, 3);
    assert_true(found.st_blocks * 512 < 1 << 16);
}

static void test_reserve_refuses_more_than_the_disk_has(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    tsr_error_clear();
    assert_refused(tsr_draft_reserve(draft, INT64_C(1) << 53), TSR_EIO, "no room");
    tsr_draft_destroy(&draft);
    assert_int_equal(files_in_folder(), 0);
}

#define PROPERTY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        PROPERTY(test_check_leaves_nothing),
        PROPERTY(test_check_refuses_what_is_no_place_for_a_file),
        PROPERTY(test_check_refuses_an_existing_file_unless_forced),
        PROPERTY(test_check_refuses_a_symbolic_link_even_when_forced),
        PROPERTY(test_publish_puts_the_file_under_its_name),
        PROPERTY(test_publish_replaces_only_when_forced),
        PROPERTY(test_destroy_without_publish_leaves_nothing),
        PROPERTY(test_drafts_of_one_target_have_different_names),
        PROPERTY(test_publish_notices_a_replaced_draft),
        PROPERTY(test_reserve_takes_blocks_and_publish_gives_the_rest_back),
        PROPERTY(test_reserve_refuses_more_than_the_disk_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
