/* The roll, the roll call, and the sentry that reads them. */
#include "engine/clock.h"
#include "engine/roll_call.h"
#include "engine/roll_page.h"
#include "engine/sentry.h"
#include "engine/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RANKS = 6, TEXT = 1024 };
#define SECOND INT64_C(1000000000)

/* Ranks 10 .. 15 on one host, in one process; all changes are dated as if sentries had seen them at second 100. */
typedef struct {
    tsr_roll_page *pages;
    tsr_roll *roll[RANKS];
} house;

static int make_house(void **state) {
    house *made = calloc(1, sizeof(*made));
    made->pages = aligned_alloc(64, RANKS * (size_t)tsr_roll_bytes());
    memset(made->pages, 0, RANKS * (size_t)tsr_roll_bytes());
    for (int i = 0; i < RANKS; i++) {
        const tsr_roll_place place = {.rank = 10 + i, .host_rank = i, .host_size = RANKS, .pages = made->pages};
        if (tsr_roll_create(&place, &made->roll[i]) != TSR_OK) return -1;
        made->pages[i].awake_ns = 160 * SECOND;
        made->pages[i].since_ns = 100 * SECOND;
        for (int t = 0; t < TSR_ROLL_THREADS; t++) made->pages[i].row[t].since_ns = 100 * SECOND;
    }
    *state = made;
    return 0;
}

static int end_house(void **state) {
    house *made = *state;
    for (int i = 0; i < RANKS; i++) tsr_roll_destroy(&made->roll[i]);
    free(made->pages);
    free(made);
    return 0;
}

static void is_called(const house *made, const char *expected) {
    char text[TEXT], wanted[TEXT];
    tsr_roll_call(made->roll[0], 161 * SECOND, "node2", text, sizeof(text));
    snprintf(wanted, sizeof(wanted), expected, (int)getpid(), (int)getpid());
    assert_string_equal(text, wanted);
}

static void ranks_in_the_same_situation_are_told_together(void **state) {
    house *made = *state;
    for (int i = 0; i < RANKS; i++) tsr_roll_stage(made->roll[i], "loss");
    for (int i = 0; i < RANKS; i++)
        if (i != 3) tsr_roll_enter(made->roll[i], i == 4 ? "a disk" : "adding up the ranks");
    tsr_roll_tile(made->roll[3], 1, 7, 1234);
    is_called(made, "rank 13 (node2, pid %d) works on tile 1234 of stage loss, point 7, thread 1, since 61 s; "
                    "ranks 10-12, 15 wait since 61 s: adding up the ranks; rank 14 waits since 61 s: a disk");
}

static void the_thread_that_has_been_longest_in_its_tile_is_told(void **state) {
    house *made = *state;
    tsr_roll_stage(made->roll[0], "loss");
    for (int thread = 0; thread < 4; thread++) tsr_roll_tile(made->roll[0], thread, 0, 50 + thread);
    made->pages[0].row[2].since_ns = 90 * SECOND;
    tsr_roll_rest(made->roll[0], 3);
    is_called(made, "rank 10 (node2, pid %d) works on tile 52 of stage loss, point 0, thread 2, since 71 s (2 more "
                    "threads are in tiles); ranks 11-15 have no tile since 61 s");
}

static void a_rank_that_is_stopped_or_gone_is_told_as_such(void **state) {
    house *made = *state;
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    made->pages[1].awake_ns = 150 * SECOND;
    made->pages[2].pid = child;
    char text[TEXT], gone[64];
    tsr_roll_call(made->roll[0], 161 * SECOND, "node2", text, sizeof(text));
    snprintf(gone, sizeof(gone), "rank 12 (node2, pid %d) is gone; rank 11 (", (int)child);
    assert_memory_equal(text, gone, strlen(gone));
    assert_non_null(strstr(text, ") has been stopped since 11 s; ranks 10, 13-15 have no tile since 61 s"));
}

static void waits_are_nested(void **state) {
    house *made = *state;
    for (int i = 1; i < RANKS; i++) tsr_roll_enter(made->roll[i], "a disk");
    for (int depth = 0; depth < 9; depth++) tsr_roll_enter(made->roll[0], depth == 0 ? "a disk" : "a broadcast");
    for (int depth = 8; depth > 0; depth--) tsr_roll_leave(made->roll[0]);
    is_called(made, "ranks 10-15 wait since 61 s: a disk");
    for (int i = 0; i < RANKS; i++) tsr_roll_leave(made->roll[i]);
    is_called(made, "ranks 10-15 have no tile since 61 s");
}

static void thread_0_has_no_tile_while_it_waits(void **state) {
    house *made = *state;
    for (int i = 0; i < RANKS; i++) {
        tsr_roll_tile(made->roll[i], 0, 0, 1);
        tsr_roll_enter(made->roll[i], "sending a message");
    }
    is_called(made, "ranks 10-15 wait since 61 s: sending a message");
}

/* Any text fits, and none is written beyond its end. */
static void a_call_that_is_too_long_is_cut(void **state) {
    house *made = *state;
    char text[TEXT];
    for (int i = 0; i < RANKS; i++) {
        tsr_roll_stage(made->roll[i], "a stage whose name is longer than all that one could ever want to call a stage");
        tsr_roll_tile(made->roll[i], 0, INT64_MAX, INT64_MAX);
    }
    for (size_t bytes = 1; bytes < 900; bytes++) {
        memset(text, '#', sizeof(text));
        tsr_roll_call(made->roll[0], 161 * SECOND, "node2", text, bytes);
        assert_true(strlen(text) < bytes);
        assert_int_equal(text[bytes], '#');
    }
}

static void without_a_roll_nothing_happens(void **state) {
    (void)state;
    tsr_sentry *sentry = NULL;
    tsr_roll_tile(NULL, 0, 0, 0);
    tsr_roll_rest(NULL, 0);
    tsr_roll_enter(NULL, "a disk");
    tsr_roll_leave(NULL);
    tsr_roll_stage(NULL, "loss");
    const tsr_sentry_options options = tsr_sentry_options_make(1);
    assert_int_equal(tsr_sentry_start(NULL, &options, &sentry), TSR_OK);
    assert_null(sentry);
    tsr_sentry_stop(&sentry);
}

/* ---- the sentry ---- */

static void nap(long milliseconds) {
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

/* A process of its own that works on a tile for so many naps of 10 ms, and is stopped for a while after the first
 * ones: what it said, and how it ended. */
static int watch_process(tsr_sentry_options options, int naps, long stopped_ms, char text[TEXT]) {
    int channel[2], verdict = 0;
    assert_int_equal(pipe(channel), 0);
    const pid_t child = fork();
    if (child == 0) {
        tsr_roll *roll = NULL;
        tsr_sentry *sentry = NULL;
        dup2(channel[1], STDERR_FILENO);
        close(channel[0]);
        close(channel[1]);
        if (tsr_roll_create(&(tsr_roll_place){.rank = 3, .host_size = 1}, &roll) != TSR_OK) _exit(1);
        tsr_roll_stage(roll, "loss");
        tsr_roll_tile(roll, 0, 0, 5);
        if (tsr_sentry_start(roll, &options, &sentry) != TSR_OK) _exit(2);
        for (int i = 0; i < naps; i++) nap(10);
        tsr_sentry_stop(&sentry);
        tsr_roll_destroy(&roll);
        _exit(0);
    }
    close(channel[1]);
    if (stopped_ms > 0) {
        nap(300);
        kill(child, SIGSTOP);
        nap(stopped_ms);
        kill(child, SIGCONT);
    }
    size_t used = 0;
    for (ssize_t got = 1; got > 0; used += got > 0 ? (size_t)got : 0)
        got = read(channel[0], text + used, TEXT - 1 - used);
    text[used] = '\0';
    close(channel[0]);
    waitpid(child, &verdict, 0);
    return WIFEXITED(verdict) ? WEXITSTATUS(verdict) : -1;
}

static void a_process_without_progress_is_called_and_ended(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(watch_process((tsr_sentry_options){.warn_s = 0.2, .limit_s = 0.5}, 5000, 0, text), 71);
    const char *call = strstr(text, "tessera: no progress for 0 s: rank 3 (");
    const char *end = strstr(text, "tessera: ended after 0 s without progress (--stall-limit): rank 3 (");
    assert_true(call == text && end > call);
    assert_non_null(strstr(end, ") works on tile 5 of stage loss, point 0, thread 0, since 0 s\n"));
}

static void without_a_limit_it_is_called_but_not_ended(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(watch_process((tsr_sentry_options){.warn_s = 0.1, .limit_s = 0}, 50, 0, text), 0);
    assert_non_null(strstr(text, "no progress"));
    assert_null(strstr(text, "ended"));
}

static void before_it_is_time_nothing_is_said(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(watch_process((tsr_sentry_options){.warn_s = 1000, .limit_s = 3000}, 50, 0, text), 0);
    assert_string_equal(text, "");
}

static void the_time_in_which_it_is_stopped_does_not_count(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(watch_process((tsr_sentry_options){.warn_s = 2, .limit_s = 3}, 70, 2500, text), 0);
    assert_string_equal(text, "");
}

static void roll_calls_come_before_the_end(void **state) {
    (void)state;
    assert_true(tsr_sentry_options_make(0).warn_s == 60);
    assert_true(tsr_sentry_options_make(1800).warn_s == 60);
    assert_true(tsr_sentry_options_make(3).warn_s == 1);
}

static void threads_that_the_system_gives_are_enough(void **state) {
    (void)state;
    assert_int_equal(tsr_team_check(1), TSR_OK);
    assert_int_equal(tsr_team_check(20), TSR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ranks_in_the_same_situation_are_told_together, make_house, end_house),
        cmocka_unit_test_setup_teardown(the_thread_that_has_been_longest_in_its_tile_is_told, make_house, end_house),
        cmocka_unit_test_setup_teardown(a_rank_that_is_stopped_or_gone_is_told_as_such, make_house, end_house),
        cmocka_unit_test_setup_teardown(waits_are_nested, make_house, end_house),
        cmocka_unit_test_setup_teardown(thread_0_has_no_tile_while_it_waits, make_house, end_house),
        cmocka_unit_test_setup_teardown(a_call_that_is_too_long_is_cut, make_house, end_house),
        cmocka_unit_test(without_a_roll_nothing_happens),
        cmocka_unit_test(a_process_without_progress_is_called_and_ended),
        cmocka_unit_test(without_a_limit_it_is_called_but_not_ended),
        cmocka_unit_test(before_it_is_time_nothing_is_said),
        cmocka_unit_test(the_time_in_which_it_is_stopped_does_not_count),
        cmocka_unit_test(roll_calls_come_before_the_end),
        cmocka_unit_test(threads_that_the_system_gives_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
