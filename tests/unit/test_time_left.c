/* The time that Slurm leaves a job: from the environment or from squeue (a script that plays it), bounded in time,
 * leaving nothing behind; what is not known is infinite, and said. */
#include "io/batch/time_left.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[64], script[128], log_path[128], first_path[4096];

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test_time_left.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(script, sizeof(script), "%s/squeue", folder);
    snprintf(log_path, sizeof(log_path), "%s/log", folder);
    char path[4400];
    snprintf(first_path, sizeof(first_path), "%s", getenv("PATH"));
    snprintf(path, sizeof(path), "%s:%s", folder, first_path);
    setenv("PATH", path, 1);
    unsetenv("SLURM_JOB_END_TIME");
    unsetenv("SLURM_ARRAY_JOB_ID");
    unsetenv("SLURM_ARRAY_TASK_ID");
    setenv("SLURM_JOB_ID", "4711", 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    setenv("PATH", first_path, 1);
    unlink(script);
    unlink(log_path);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

/* squeue is a script of these lines from now on. It notes its arguments. */
static void play(const char *lines) {
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nprintf '%%s\\n' \"$*\" > %s\n%s\n", log_path, lines);
    fclose(file);
    assert_int_equal(chmod(script, 0755), 0);
}

static int files_open(void) {
    DIR *open = opendir("/proc/self/fd");
    int files = 0;
    while (readdir(open)) files++;
    closedir(open);
    return files;
}

static double wait_s = 30;

static tsr_time_left asked(void) {
    tsr_time_left left;
    const int files = files_open();
    tsr_time_left_ask(wait_s, &left);
    assert_int_equal(files_open(), files);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return left;
}

static void assert_seconds(double low, double high) {
    const tsr_time_left left = asked();
    assert_string_equal(left.note, "");
    if (left.seconds < low || left.seconds > high) fail_msg("%g s are left", left.seconds);
}

static void assert_unknown(const char *word) {
    const tsr_time_left left = asked();
    assert_true(isinf(left.seconds));
    if (!strstr(left.note, word)) fail_msg("no '%s' in: %s", word, left.note);
    assert_non_null(strstr(left.note, "--max-time"));
}

static void assert_asked_for(const char *arguments) {
    char line[256] = "";
    FILE *file = fopen(log_path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    assert_string_equal(line, arguments);
}

static void test_outside_a_batch_system_nothing_is_asked_and_nothing_said(void **state) {
    (void)state;
    play("echo 1:00");
    unsetenv("SLURM_JOB_ID");
    assert_seconds(INFINITY, INFINITY);
    setenv("SLURM_JOB_ID", "4711; rm -rf /", 1);
    assert_seconds(INFINITY, INFINITY);
    setenv("SLURM_JOB_ID", "", 1);
    assert_seconds(INFINITY, INFINITY);
    assert_int_equal(access(log_path, F_OK), -1);
}

static void test_the_end_in_the_environment_spares_the_question(void **state) {
    (void)state;
    char end[32];
    play("echo 1:00");
    snprintf(end, sizeof(end), "%lld", (long long)time(NULL) + 3600);
    setenv("SLURM_JOB_END_TIME", end, 1);
    assert_seconds(3590, 3600);
    assert_int_equal(access(log_path, F_OK), -1);
}

static void test_an_end_that_has_passed_or_is_no_number_is_asked_again(void **state) {
    (void)state;
    play("echo 1:00");
    setenv("SLURM_JOB_END_TIME", "1000000000", 1);
    assert_seconds(60, 60);
    setenv("SLURM_JOB_END_TIME", "Unknown", 1);
    assert_seconds(60, 60);
}

static void test_squeue_is_understood(void **state) {
    (void)state;
    play("echo 1-02:03:04");
    assert_seconds(93784, 93784);
    assert_asked_for("--noheader --jobs=4711 --format=%L\n");
    play("echo '      4:59'; echo complaint >&2");
    assert_seconds(299, 299);
    play("printf 2:00:00");
    assert_seconds(7200, 7200);
    play("echo UNLIMITED");
    assert_seconds(INFINITY, INFINITY);
    play("echo NOT_SET");
    assert_seconds(INFINITY, INFINITY);
}

static void test_the_first_part_that_ends_counts(void **state) {
    (void)state;
    play("echo 2:00:00; echo 1:30:00; echo UNLIMITED");
    assert_seconds(5400, 5400);
}

static void test_a_task_of_an_array_asks_for_itself_only(void **state) {
    (void)state;
    setenv("SLURM_ARRAY_JOB_ID", "4711", 1);
    setenv("SLURM_ARRAY_TASK_ID", "3", 1);
    play("echo 1:00");
    assert_seconds(60, 60);
    assert_asked_for("--noheader --jobs=4711_3 --format=%L\n");
}

static void test_what_is_not_known_is_infinite_and_said(void **state) {
    (void)state;
    assert_unknown("No such file"); /* no squeue at all, on this machine */
    play("echo INVALID");
    assert_unknown("does not say");
    play("echo; echo");
    assert_unknown("does not say");
    play("echo slurm_load_jobs error: Invalid job id specified; exit 1");
    assert_unknown("failed");
    play("echo 1:00; exit 3");
    assert_unknown("failed");
    play("kill -9 $$");
    assert_unknown("failed");
    play("head -c 1000000 /dev/zero | tr '\\0' x");
    assert_unknown("does not say");
}

/* It has answered, but stays, with a child that keeps the pipe open. */
static void test_a_squeue_that_hangs_is_ended_with_its_children(void **state) {
    (void)state;
    char line[256];
    snprintf(line, sizeof(line), "echo 1:00; sleep 60 & echo $! > %s; wait", log_path);
    play(line);
    wait_s = 0.5;
    assert_unknown("in time");
    wait_s = 30;
    FILE *file = fopen(log_path, "r");
    int child = 0;
    assert_int_equal(fscanf(file, "%d", &child), 1);
    fclose(file);
    for (int tries = 0; tries < 100 && !kill(child, 0); tries++) usleep(10000);
    char stat_path[64], name[64] = "", life = 'Z'; /* gone, or nobody has reaped it yet: its parent is init's now */
    snprintf(stat_path, sizeof(stat_path), "/proc/%d/stat", child);
    FILE *process = fopen(stat_path, "r");
    if (process && fscanf(process, "%*d %63s %c", name, &life) != 2) life = 'Z';
    if (process) fclose(process);
    assert_true(life == 'Z' || life == 'X');
}

static void test_a_squeue_that_closes_its_output_and_stays_is_ended(void **state) {
    (void)state;
    play("echo 1:00; exec >&-; exec sleep 60");
    wait_s = 0.5;
    assert_unknown("in time");
    wait_s = 30;
}

static void test_ignored_children_change_nothing(void **state) {
    (void)state;
    play("echo 1:00");
    signal(SIGCHLD, SIG_IGN);
    assert_seconds(60, 60);
    signal(SIGCHLD, SIG_DFL);
}

#define PROPERTY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        PROPERTY(test_outside_a_batch_system_nothing_is_asked_and_nothing_said),
        PROPERTY(test_the_end_in_the_environment_spares_the_question),
        PROPERTY(test_an_end_that_has_passed_or_is_no_number_is_asked_again),
        PROPERTY(test_squeue_is_understood),
        PROPERTY(test_the_first_part_that_ends_counts),
        PROPERTY(test_a_task_of_an_array_asks_for_itself_only),
        PROPERTY(test_what_is_not_known_is_infinite_and_said),
        PROPERTY(test_a_squeue_that_hangs_is_ended_with_its_children),
        PROPERTY(test_a_squeue_that_closes_its_output_and_stays_is_ended),
        PROPERTY(test_ignored_children_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
