/* Signals: who asks to stop is heard once, who insists gets it at once with the code that a shell expects, and what
 * launchers repeat is not insisting. Each property is a process of its own, which gets real signals. */
#include "engine/signals.h"

#include "engine/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double LATER_S = 0.25; /* a second request, not the same one again */
enum { SLOW = 99 };                 /* the machine was: nothing is said */

/* Fails the child that it is in: its exit code is the line. */
#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) _exit(__LINE__ % 256 ? __LINE__ % 256 : 1);                                                  \
    } while (0)

static void wait_s(double seconds) {
    const int64_t end = tsr_clock_ns() + (int64_t)(seconds * 1e9);
    while (tsr_clock_ns() < end) usleep(1000);
}

static void wait_for_stop(void) {
    while (!tsr_signals_stop()) usleep(1000);
}

/* How a process that does this ends, as waitpid says. */
static int fate_of(void (*life)(void)) {
    int fate = 0;
    for (int tries = 0; tries < 20; tries++) {
        const pid_t child = fork();
        if (child == 0) {
            life();
            _exit(0);
        }
        while (waitpid(child, &fate, 0) < 0) continue;
        if (!WIFEXITED(fate) || WEXITSTATUS(fate) != SLOW) return fate;
    }
    return 0;
}

static void assert_lives(void (*life)(void)) {
    const int fate = fate_of(life);
    if (WIFSIGNALED(fate)) fail_msg("ended by signal %d", WTERMSIG(fate));
    if (WEXITSTATUS(fate) != 0) fail_msg("not so: line %d (modulo 256)", WEXITSTATUS(fate));
}

static void assert_ends(void (*life)(void), int number) {
    const int fate = fate_of(life);
    if (!WIFSIGNALED(fate)) fail_msg("exit code %d", WEXITSTATUS(fate));
    assert_int_equal(WTERMSIG(fate), number);
}

/* ---- asking ---- */

static const int asking[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGXCPU, SIGHUP};
enum { ASKING = sizeof(asking) / sizeof(asking[0]) };

static int number;

static void hear_one(void) {
    tsr_signals_watch();
    NEED(tsr_signals_stop() == 0);
    raise(number);
    NEED(tsr_signals_stop() == number);
    raise(number == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    NEED(tsr_signals_stop() == number);
    NEED(!tsr_signals_take_hint());
}

static void test_the_first_that_asks_is_remembered(void **state) {
    (void)state;
    for (int i = 0; i < ASKING; i++) {
        number = asking[i];
        assert_lives(hear_one);
    }
}

static void hear_nothing(void) {
    signal(SIGHUP, SIG_IGN);
    tsr_signals_watch();
    raise(SIGHUP);
    NEED(tsr_signals_stop() == 0);
}

static void test_hangup_stays_ignored_where_it_was(void **state) {
    (void)state;
    assert_lives(hear_nothing);
}

static void hear_hint(void) {
    tsr_signals_watch();
    NEED(!tsr_signals_take_hint());
    raise(SIGCONT);
    raise(SIGCONT);
    NEED(tsr_signals_take_hint());
    NEED(!tsr_signals_take_hint());
    NEED(tsr_signals_stop() == 0);
}

static void test_cont_is_a_hint_that_is_taken_once(void **state) {
    (void)state;
    assert_lives(hear_hint);
}

static void ask_politely(void) {
    tsr_signals_watch();
    for (int times = 0; times < 3; times++) {
        for (int i = 2; i < ASKING; i++) raise(asking[i]);
        wait_s(LATER_S);
    }
    raise(SIGINT); /* after others have asked: still the first of its kind */
    NEED(tsr_signals_stop() == SIGUSR1);
}

static void test_what_only_asks_never_ends_the_process(void **state) {
    (void)state;
    assert_lives(ask_politely);
}

static void keep_errno(void) {
    tsr_signals_watch();
    errno = ENOTDIR;
    raise(SIGTERM);
    raise(SIGCONT);
    NEED(errno == ENOTDIR);
}

static void test_the_interrupted_code_does_not_notice(void **state) {
    (void)state;
    assert_lives(keep_errno);
}

static void test_names_are_those_of_the_manual(void **state) {
    (void)state;
    assert_string_equal(tsr_signals_name(SIGXCPU), "SIGXCPU");
    assert_string_equal(tsr_signals_name(SIGTERM), "SIGTERM");
    assert_string_equal(tsr_signals_name(SIGSEGV), "signal");
}

/* ---- insisting ---- */

static void insist_int(void) {
    tsr_signals_watch();
    raise(SIGINT);
    wait_s(LATER_S);
    raise(SIGINT);
}

static void insist_term(void) {
    tsr_signals_watch();
    raise(SIGTERM);
    wait_s(LATER_S);
    raise(SIGTERM);
}

static void test_a_second_one_ends_the_process_as_if_unhandled(void **state) {
    (void)state;
    assert_ends(insist_int, SIGINT);
    assert_ends(insist_term, SIGTERM);
}

static void twice_at_once(void) {
    tsr_signals_watch();
    const int64_t before = tsr_clock_ns();
    raise(number);
    if (tsr_clock_ns() - before > 100000000) _exit(SLOW);
    raise(number);
    NEED(tsr_signals_stop() == number);
}

static void test_one_request_that_comes_twice_is_one(void **state) {
    (void)state;
    number = SIGINT;
    assert_lives(twice_at_once);
    number = SIGTERM;
    assert_lives(twice_at_once);
}

/* Slurm: CONT and TERM to everybody; mpirun: CONT at once, TERM after a while. */
static void be_ended_by_launchers(void) {
    tsr_signals_watch();
    raise(SIGCONT);
    raise(SIGTERM);
    wait_s(LATER_S);
    raise(SIGTERM);
    wait_s(LATER_S);
    raise(SIGTERM);
    NEED(tsr_signals_stop() == SIGTERM);
}

static void insist_after_launchers(void) {
    be_ended_by_launchers();
    insist_int();
}

static void test_after_a_cont_term_does_not_insist_but_int_does(void **state) {
    (void)state;
    assert_lives(be_ended_by_launchers);
    assert_ends(insist_after_launchers, SIGINT);
}

/* ---- the file ---- */

static char folder[64], one[96], other[96];

static void put(const char *path) {
    const int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    close(file);
}

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test_signals.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(one, sizeof(one), "%s/one", folder);
    snprintf(other, sizeof(other), "%s/other", folder);
    put(one);
    put(other);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(one);
    unlink(other);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void name_one(void) {
    tsr_signals_unlink(one);
    insist_int();
}

static void name_one_then_other(void) {
    char changing[96];
    strcpy(changing, one);
    tsr_signals_unlink(changing);
    strcpy(changing, other);
    tsr_signals_unlink(changing);
    memset(changing, 'x', sizeof(changing) - 1);
    insist_int();
}

static void name_none_after_all(void) {
    char long_path[5000];
    tsr_signals_unlink(one);
    tsr_signals_unlink(NULL);
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    tsr_signals_unlink(long_path);
    insist_int();
}

static void name_one_and_be_asked(void) {
    tsr_signals_unlink(one);
    tsr_signals_watch();
    raise(SIGTERM);
}

static void test_only_the_end_at_once_removes_the_file(void **state) {
    (void)state;
    assert_lives(name_one_and_be_asked);
    assert_ends(name_none_after_all, SIGINT);
    assert_true(is_there(one));
    assert_ends(name_one, SIGINT);
    assert_false(is_there(one));
    assert_true(is_there(other));
}

static void test_the_path_is_copied_and_the_last_one_counts(void **state) {
    (void)state;
    assert_ends(name_one_then_other, SIGINT);
    assert_true(is_there(one));
    assert_false(is_there(other));
}

/* Threads that take signals while the first one renames without a pause. */
static void *spin(void *unused) {
    for (;;) usleep(500);
    return unused;
}

static void rename_for_ever(int said) {
    pthread_t thread;
    tsr_signals_watch();
    tsr_signals_unlink(one);
    for (int i = 0; i < 3; i++) NEED(pthread_create(&thread, NULL, spin, NULL) == 0);
    NEED(write(said, "x", 1) == 1);
    for (;;) {
        tsr_signals_unlink(other);
        tsr_signals_unlink(one);
    }
}

static void test_a_signal_in_between_removes_the_one_or_the_other(void **state) {
    (void)state;
    for (int trial = 0; trial < 5; trial++) {
        int ends[2], fate = 0;
        char said = 0;
        put(one);
        put(other);
        assert_int_equal(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0) rename_for_ever(ends[1]);
        assert_int_equal(read(ends[0], &said, 1), 1);
        close(ends[0]);
        close(ends[1]);
        kill(child, SIGINT);
        wait_s(LATER_S);
        kill(child, SIGINT);
        assert_int_equal(waitpid(child, &fate, 0), child);
        assert_true(WIFSIGNALED(fate) && WTERMSIG(fate) == SIGINT);
        assert_int_equal(is_there(one) + is_there(other), 1);
    }
}

/* ---- from outside ---- */

static void read_a_byte(int from, int said) {
    char byte = 0;
    tsr_signals_watch();
    NEED(write(said, "x", 1) == 1);
    NEED(read(from, &byte, 1) == 1);
    wait_for_stop();
    NEED(tsr_signals_stop() == SIGUSR1);
    NEED(tsr_signals_take_hint());
    _exit(0);
}

static void test_calls_go_on_after_a_signal_and_after_a_stop_from_the_keyboard(void **state) {
    (void)state;
    int in[2], out[2], fate = 0;
    char said = 0;
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    const pid_t child = fork();
    if (child == 0) read_a_byte(in[0], out[1]);
    assert_int_equal(read(out[0], &said, 1), 1);
    wait_s(0.02);
    kill(child, SIGUSR1);
    wait_s(0.02);
    kill(child, SIGSTOP);
    assert_int_equal(waitpid(child, &fate, WUNTRACED), child);
    kill(child, SIGCONT);
    wait_s(0.02);
    assert_int_equal(write(in[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &fate, 0), child);
    assert_true(WIFEXITED(fate));
    assert_int_equal(WEXITSTATUS(fate), 0);
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
    }
}

#define WITH_FILES(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_that_asks_is_remembered),
        cmocka_unit_test(test_hangup_stays_ignored_where_it_was),
        cmocka_unit_test(test_cont_is_a_hint_that_is_taken_once),
        cmocka_unit_test(test_what_only_asks_never_ends_the_process),
        cmocka_unit_test(test_the_interrupted_code_does_not_notice),
        cmocka_unit_test(test_names_are_those_of_the_manual),
        cmocka_unit_test(test_a_second_one_ends_the_process_as_if_unhandled),
        cmocka_unit_test(test_one_request_that_comes_twice_is_one),
        cmocka_unit_test(test_after_a_cont_term_does_not_insist_but_int_does),
        WITH_FILES(test_only_the_end_at_once_removes_the_file),
        WITH_FILES(test_the_path_is_copied_and_the_last_one_counts),
        WITH_FILES(test_a_signal_in_between_removes_the_one_or_the_other),
        cmocka_unit_test(test_calls_go_on_after_a_signal_and_after_a_stop_from_the_keyboard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
