/* The run lock: at any instant at most one process holds it, whoever dies loses it, nobody else's file is touched, and
 * who is refused learns why. All of it with flock, and where the file system does not know flock. */
#include "io/lock/run_lock.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], target[128], lock_path[140];
static bool has_flock;
static bool vanishes;   /* the file does, after it was opened: its holder lets go of it */
static unsigned delays; /* not 0: the seed of delays that give others time between two steps */

static void delay(void) {
    if (delays) usleep((unsigned)rand_r(&delays) % 256);
}

/* Takes the place of libc's: a file system that does not know locks is hard to come by. */
int flock(int file, int operation) {
    delay();
    if (vanishes) unlink(lock_path);
    vanishes = false;
    const int failed = has_flock ? (int)syscall(SYS_flock, file, operation) : -1;
    const int reason = has_flock ? errno : ENOLCK;
    delay();
    errno = reason;
    return failed;
}

static int set_up_any(void) {
    tsr_error_clear();
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_RESTART_COUNT");
    strcpy(folder, "/tmp/test_run_lock.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(target, sizeof(target), "%s/out.h5", folder);
    snprintf(lock_path, sizeof(lock_path), "%s.lock", target);
    return 0;
}

static int set_up(void **state) {
    (void)state;
    has_flock = true;
    return set_up_any();
}

static int set_up_bare(void **state) {
    (void)state;
    has_flock = false;
    return set_up_any();
}

static int tear_down(void **state) {
    (void)state;
    unlink(lock_path);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

/* ---- steps ---- */

static tsr_run_lock *taken(bool breaks) {
    tsr_run_lock *lock = NULL;
    if (tsr_run_lock_take(target, "run", breaks, &lock)) fail_msg("%s", tsr_error_get()->message);
    return lock;
}

static void assert_refused(bool breaks, const char *word) {
    tsr_run_lock *lock = NULL;
    tsr_error_clear();
    assert_int_equal(tsr_run_lock_take(target, "resume", breaks, &lock), TSR_EIO);
    assert_null(lock);
    if (!strstr(tsr_error_get()->message, word)) fail_msg("no '%s' in: %s", word, tsr_error_get()->message);
    tsr_error_clear();
}

static void assert_free(void) {
    tsr_run_lock *lock = taken(false);
    tsr_run_lock_drop(&lock);
    assert_null(lock);
    assert_int_equal(access(lock_path, F_OK), -1);
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void get(const char *path, char text[1024]) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, 1023, file)] = '\0';
    fclose(file);
}

/* A process that has taken the lock, and waits for its end. */
static pid_t start_holder(void) {
    int ends[2];
    char said = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        tsr_run_lock *lock = NULL;
        if (tsr_run_lock_take(target, "run", false, &lock)) _exit(1);
        if (write(ends[1], "x", 1) != 1) _exit(1);
        alarm(20); /* also where the test ends early */
        for (;;) pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &said, 1), 1);
    close(ends[0]);
    return child;
}

static void kill_holder(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* What would be there if this process had died, but for one field: it is `to`, and so its line names a living process.
 */
static void leave_line(const char *from, const char *to) {
    char text[1024], changed[1200];
    tsr_run_lock *lock = taken(false);
    get(lock_path, text);
    tsr_run_lock_drop(&lock);
    char *at = strstr(text, from);
    assert_non_null(at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to, at + 1 + strcspn(at + 1, " \n"));
    put(lock_path, changed);
}

/* ---- properties ---- */

static void test_the_lock_says_who_holds_it_and_goes_with_it(void **state) {
    (void)state;
    char text[1024], word[64];
    struct stat found;
    setenv("SLURM_JOB_ID", "4711", 1);
    setenv("SLURM_RESTART_COUNT", "2", 1);
    tsr_run_lock *lock = taken(false);
    get(lock_path, text);
    snprintf(word, sizeof(word), " pid=%lld job=4711 restart=2 since=20", (long long)getpid());
    assert_non_null(strstr(text, word));
    assert_non_null(strstr(text, " command=run "));
    assert_string_equal(strchr(text, '\n'), "\n");
    assert_int_equal(stat(lock_path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    tsr_run_lock_drop(&lock);
    assert_int_equal(access(lock_path, F_OK), -1);
    tsr_run_lock_drop(&lock);
}

static void test_a_second_process_learns_who_is_working(void **state) {
    (void)state;
    char word[64];
    setenv("SLURM_JOB_ID", "4711", 1);
    const pid_t child = start_holder();
    snprintf(word, sizeof(word), "process %lld on host ", (long long)child);
    assert_refused(false, word);
    assert_refused(false, "Slurm job 4711) since 20");
    assert_refused(true, word); /* who lives on this host is never broken */
    kill_holder(child);
    assert_free();
}

static void test_a_process_does_not_take_it_twice(void **state) {
    (void)state;
    tsr_run_lock *lock = taken(false);
    assert_refused(false, "being worked on");
    tsr_run_lock_drop(&lock);
    assert_free();
}

static void test_what_a_killed_process_left_is_taken_over(void **state) {
    (void)state;
    kill_holder(start_holder());
    assert_int_equal(access(lock_path, F_OK), 0);
    assert_free();
}

static void test_a_process_that_nobody_has_buried_is_dead(void **state) {
    (void)state;
    siginfo_t how;
    const pid_t child = start_holder();
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    assert_free();
    waitpid(child, NULL, 0);
}

static void test_a_pid_that_is_in_use_again_is_not_the_holder(void **state) {
    (void)state;
    leave_line(" start=", " start=1");
    assert_free();
}

static void test_a_line_of_an_earlier_boot_is_taken_over(void **state) {
    (void)state;
    leave_line("boot=", "boot=0");
    assert_free();
}

static void test_another_host_is_refused_until_broken(void **state) {
    (void)state;
    leave_line("host=", "host=elsewhere");
    assert_refused(false, "on host elsewhere");
    assert_refused(false, "--break-lock");
    tsr_run_lock *lock = taken(true);
    assert_refused(false, "being worked on by process");
    tsr_run_lock_drop(&lock);
    assert_free();
}

static void test_an_earlier_life_of_the_same_job_is_taken_over(void **state) {
    (void)state;
    setenv("SLURM_JOB_ID", "4711", 1);
    leave_line("host=", "host=elsewhere");
    assert_refused(false, "--break-lock"); /* as early: another step of this job may be at work */
    setenv("SLURM_RESTART_COUNT", "1", 1);
    assert_free();
    unsetenv("SLURM_RESTART_COUNT");
    leave_line("host=", "host=elsewhere");
    setenv("SLURM_JOB_ID", "4712", 1);
    setenv("SLURM_RESTART_COUNT", "1", 1);
    assert_refused(false, "Slurm job 4711");
}

static void test_a_line_that_was_cut_off_is_taken_over(void **state) {
    (void)state;
    static const char *const torn[] = {"", "t",
                                       "tessera 1 host=", "tessera 1 host=n1 pid=4711 job=- restart=0 since=2026"};
    for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
        put(lock_path, torn[i]);
        assert_free();
    }
    put(lock_path, "tessera 2 host=n1");
    assert_refused(false, "no lock of Tessera");
    unlink(lock_path);
}

static void test_a_symbolic_link_is_not_followed(void **state) {
    (void)state;
    char victim[128], text[1024];
    snprintf(victim, sizeof(victim), "%s/victim", folder);
    put(victim, "precious");
    assert_int_equal(symlink(victim, lock_path), 0);
    assert_refused(false, "no lock of Tessera");
    assert_refused(true, "no lock of Tessera");
    get(victim, text);
    assert_string_equal(text, "precious");
    unlink(lock_path);
    snprintf(text, sizeof(text), "%s/missing", folder);
    assert_int_equal(symlink(text, lock_path), 0);
    assert_refused(true, "no lock of Tessera");
    assert_int_equal(access(text, F_OK), -1);
    unlink(lock_path);
    unlink(victim);
}

/* A copy by hard links, while the run is at work and after it was killed. */
static void test_a_lock_with_a_second_name_is_told_by_its_holder(void **state) {
    (void)state;
    char second[128];
    snprintf(second, sizeof(second), "%s/second", folder);
    const pid_t child = start_holder();
    assert_int_equal(link(lock_path, second), 0);
    assert_refused(true, "is being worked on by process");
    kill_holder(child);
    assert_refused(true, "has a second name (a hard link); if that process has ended, remove the lock");
    unlink(lock_path);
    assert_free();
    unlink(second);
}

static void test_a_file_of_somebody_else_is_not_overwritten(void **state) {
    (void)state;
    char victim[128], text[1024];
    put(lock_path, "my notes\n");
    assert_refused(false, "no lock of Tessera");
    get(lock_path, text);
    assert_string_equal(text, "my notes\n");
    unlink(lock_path);
    snprintf(victim, sizeof(victim), "%s/victim", folder);
    put(victim, ""); /* a second name of an empty file */
    assert_int_equal(link(victim, lock_path), 0);
    assert_refused(true, "no lock of Tessera");
    unlink(victim);
    unlink(lock_path);
    assert_int_equal(mkfifo(lock_path, 0600), 0);
    assert_refused(true, "no lock of Tessera");
    unlink(lock_path);
    assert_int_equal(mkdir(lock_path, 0700), 0);
    assert_refused(true, "no lock of Tessera");
    rmdir(lock_path);
    put(lock_path, "");
    if (geteuid() == 0) {
        assert_int_equal(chown(lock_path, 12345, 12345), 0);
        assert_refused(true, "uid 12345");
    }
}

static void test_folders_that_take_no_file_are_said(void **state) {
    (void)state;
    tsr_run_lock *lock = taken(false);
    char kept[128];
    strcpy(kept, target);
    unlink(lock_path);
    rmdir(folder); /* under the holder's feet */
    tsr_run_lock_drop(&lock);
    assert_refused(false, "No such file or directory");
    strcpy(target, "/proc/out.h5");
    assert_refused(true, "/proc/out.h5.lock");
    strcpy(target, kept);
    assert_int_equal(mkdir(folder, 0700), 0);
}

static void test_drop_leaves_the_lock_of_who_broke_it(void **state) {
    (void)state;
    tsr_run_lock *lock = taken(false);
    unlink(lock_path);
    put(lock_path, "of the next one");
    tsr_run_lock_drop(&lock);
    assert_int_equal(access(lock_path, F_OK), 0);
}

static void test_an_empty_file_is_a_lock_only_where_flock_is_known(void **state) {
    (void)state;
    put(lock_path, "");
    if (!has_flock) assert_refused(false, "does not say by whom");
    tsr_run_lock *lock = taken(!has_flock);
    tsr_run_lock_drop(&lock);
    assert_free();
}

static void test_a_file_that_goes_while_it_is_taken_is_no_lock(void **state) {
    (void)state;
    vanishes = true;
    tsr_run_lock *lock = taken(false);
    assert_int_equal(access(lock_path, F_OK), 0);
    tsr_run_lock_drop(&lock);
    kill_holder(start_holder());
    vanishes = true;
    lock = taken(false);
    assert_int_equal(access(lock_path, F_OK), 0);
    tsr_run_lock_drop(&lock);
    assert_free();
}

/* On another host it is made, locked there, and has its line a moment later. */
static void test_who_has_just_made_the_file_has_time_to_say_so(void **state) {
    (void)state;
    char text[1024];
    leave_line("host=", "host=elsewhere");
    get(lock_path, text);
    put(lock_path, "");
    const pid_t child = fork();
    if (child == 0) {
        usleep(60000);
        put(lock_path, text);
        _exit(0);
    }
    assert_refused(false, "on host elsewhere");
    waitpid(child, NULL, 0);
}

/* ---- the race ---- */

enum { RACERS = 20, TURNS = 20, TURNS_BARE = 400 };

typedef struct {
    atomic_int inside;
    atomic_int crowded;
    atomic_int turns;
} track;

static void race_once(track *shared, bool dies) {
    tsr_run_lock *lock = NULL;
    tsr_error_clear();
    if (tsr_run_lock_take(target, "run", false, &lock)) return;
    if (atomic_fetch_add(&shared->inside, 1) != 0) atomic_fetch_add(&shared->crowded, 1);
    sched_yield();
    atomic_fetch_add(&shared->turns, 1);
    atomic_fetch_sub(&shared->inside, 1);
    if (dies) _exit(0); /* without letting go */
    tsr_run_lock_drop(&lock);
}

static void race(track *shared, unsigned racer) {
    delays = racer + 1;
    for (int i = 1; atomic_load(&shared->turns) < (has_flock ? TURNS : TURNS_BARE); i++) {
        const pid_t child = i % 2 ? -1 : fork();
        race_once(shared, child == 0 && i % 4 == 0);
        if (child == 0) _exit(0);
        if (child > 0) waitpid(child, NULL, 0);
    }
    _exit(0);
}

static void test_racers_never_hold_it_together(void **state) {
    (void)state;
    track *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0) race(shared, (unsigned)i);
    while (wait(NULL) > 0) continue;
    assert_int_equal(atomic_load(&shared->crowded), 0);
    assert_true(atomic_load(&shared->turns) >= TURNS);
    munmap(shared, sizeof(*shared));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define WITHOUT(name)                                                                                                  \
    { #name " without flock", name, set_up_bare, tear_down, NULL }
#define PROPERTY(name) WITH(name), WITHOUT(name)

int main(void) {
    const struct CMUnitTest tests[] = {
        PROPERTY(test_the_lock_says_who_holds_it_and_goes_with_it),
        PROPERTY(test_a_second_process_learns_who_is_working),
        PROPERTY(test_a_process_does_not_take_it_twice),
        PROPERTY(test_what_a_killed_process_left_is_taken_over),
        PROPERTY(test_a_process_that_nobody_has_buried_is_dead),
        PROPERTY(test_a_pid_that_is_in_use_again_is_not_the_holder),
        PROPERTY(test_a_line_of_an_earlier_boot_is_taken_over),
        PROPERTY(test_another_host_is_refused_until_broken),
        PROPERTY(test_an_earlier_life_of_the_same_job_is_taken_over),
        WITH(test_a_line_that_was_cut_off_is_taken_over),
        PROPERTY(test_a_symbolic_link_is_not_followed),
        PROPERTY(test_a_lock_with_a_second_name_is_told_by_its_holder),
        PROPERTY(test_a_file_of_somebody_else_is_not_overwritten),
        PROPERTY(test_folders_that_take_no_file_are_said),
        PROPERTY(test_drop_leaves_the_lock_of_who_broke_it),
        PROPERTY(test_an_empty_file_is_a_lock_only_where_flock_is_known),
        PROPERTY(test_a_file_that_goes_while_it_is_taken_is_no_lock),
        PROPERTY(test_who_has_just_made_the_file_has_time_to_say_so),
        PROPERTY(test_racers_never_hold_it_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
