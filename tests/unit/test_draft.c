/* A draft: the target is whole or untouched, nothing stays behind, and what cannot be written is refused before. */
#include "io/result/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
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

static void write_text(tsr_draft *draft, const char *text) {
    assert_int_equal(tsr_draft_write(draft, text, (int64_t)strlen(text)), TSR_OK);
}

/* The name of the only draft in the folder. */
static void find_draft(char path[512]) {
    DIR *open = opendir(folder);
    int drafts = 0;
    for (struct dirent *entry; (entry = readdir(open));) {
        if (!strstr(entry->d_name, ".part")) continue;
        snprintf(path, 512, "%s/%s", folder, entry->d_name);
        drafts++;
    }
    closedir(open);
    assert_int_equal(drafts, 1);
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
    write_text(draft, "new");
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(tsr_draft_publish(draft), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_null(draft);
    assert_holds(target, "new");
    assert_int_equal(files_in_folder(), 1);
}

static void test_publish_replaces_only_when_forced(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    write_text(draft, "new");
    put(target, "from another run");
    assert_refused(tsr_draft_publish(draft), TSR_EIO, "File exists");
    tsr_draft_destroy(&draft);
    assert_holds(target, "from another run");
    assert_int_equal(files_in_folder(), 1);

    draft = created(true);
    write_text(draft, "new");
    assert_int_equal(tsr_draft_publish(draft), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_holds(target, "new");
}

static void test_destroy_without_publish_leaves_nothing(void **state) {
    (void)state;
    put(target, "old");
    tsr_draft *draft = created(true);
    write_text(draft, "half");
    tsr_draft_destroy(&draft);
    tsr_draft_destroy(&draft);
    assert_holds(target, "old");
    assert_int_equal(files_in_folder(), 1);
}

static void test_drafts_of_one_target_have_different_names(void **state) {
    (void)state;
    tsr_draft *one = created(false), *other = created(false);
    assert_int_equal(files_in_folder(), 2);
    tsr_draft_destroy(&one);
    tsr_draft_destroy(&other);
    assert_int_equal(files_in_folder(), 0);
}

static void test_publish_notices_a_replaced_draft(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    char path[512];
    write_text(draft, "new");
    find_draft(path);
    assert_int_equal(unlink(path), 0);
    put(path, "planted");
    assert_refused(tsr_draft_publish(draft), TSR_EIO, "replaced");
    tsr_draft_destroy(&draft);
    assert_int_equal(access(target, F_OK), -1);
    unlink(path);
}

static void test_every_byte_is_written_whatever_the_length(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 4095, 4096, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3000001};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        const int64_t length = lengths[i];
        char *bytes = malloc((size_t)length + 1), *found = malloc((size_t)length + 1);
        for (int64_t k = 0; k < length; k++) bytes[k] = (char)(k * 31 + k / 251);
        tsr_draft *draft = created(true);
        assert_int_equal(tsr_draft_write(draft, bytes, length), TSR_OK);
        assert_int_equal(tsr_draft_publish(draft), TSR_OK);
        tsr_draft_destroy(&draft);
        FILE *file = fopen(target, "r");
        assert_int_equal(fread(found, 1, (size_t)length + 1, file), length);
        assert_memory_equal(found, bytes, (size_t)length);
        fclose(file);
        free(found);
        free(bytes);
    }
    assert_int_equal(files_in_folder(), 1);
}

static void test_more_than_the_disk_has_is_refused_before_a_byte_is_touched(void **state) {
    (void)state;
    tsr_draft *draft = created(false);
    assert_refused(tsr_draft_write(draft, NULL, INT64_C(1) << 53), TSR_EIO, "no room");
    tsr_draft_destroy(&draft);
    assert_int_equal(files_in_folder(), 0);
}

/* Writing beyond the limit would kill the process. */
static void test_a_limit_on_the_size_of_files_is_refused_in_words(void **state) {
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, before.rlim_max}), 0);
    tsr_draft *draft = created(false);
    static const char bytes[1001];
    assert_refused(tsr_draft_write(draft, bytes, 1001), TSR_EIO, "File too large");
    tsr_draft_destroy(&draft);
    draft = created(false);
    assert_int_equal(tsr_draft_write(draft, bytes, 1000), TSR_OK);
    tsr_draft_destroy(&draft);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(files_in_folder(), 0);
}

/* Threads write checkpoints while others write results. */
static void *write_many(void *data) {
    char path[128], text[64];
    snprintf(path, sizeof(path), "%s/%d.h5", folder, *(const int *)data);
    for (int i = 0; i < 20; i++) {
        tsr_draft *draft = NULL;
        const int length = snprintf(text, sizeof(text), "%d of thread %d", i, *(const int *)data);
        tsr_status status = tsr_draft_create(path, true, &draft);
        if (status == TSR_OK) status = tsr_draft_write(draft, text, length);
        if (status == TSR_OK) status = tsr_draft_publish(draft);
        tsr_draft_destroy(&draft);
        if (status != TSR_OK) return data;
    }
    return NULL;
}

static void test_drafts_are_written_by_many_threads(void **state) {
    (void)state;
    enum { THREADS = 4 };
    static int number[THREADS] = {0, 1, 2, 3};
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&thread[i], NULL, write_many, &number[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        char path[128], text[64];
        pthread_join(thread[i], &failed);
        assert_null(failed);
        snprintf(path, sizeof(path), "%s/%d.h5", folder, i);
        snprintf(text, sizeof(text), "19 of thread %d", i);
        assert_holds(path, text);
        unlink(path);
    }
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
        PROPERTY(test_every_byte_is_written_whatever_the_length),
        PROPERTY(test_more_than_the_disk_has_is_refused_before_a_byte_is_touched),
        PROPERTY(test_a_limit_on_the_size_of_files_is_refused_in_words),
        PROPERTY(test_drafts_are_written_by_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
