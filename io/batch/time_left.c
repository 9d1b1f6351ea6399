#include "io/batch/time_left.h"

#include "engine/clock.h"
#include "engine/duration.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 4096, ID_BYTES = 64 };

static const int64_t NAP_NS = 10000000, KILLED_NS = 1000000000;

/* A variable that holds digits and nothing else, or NULL. */
static const char *digits_of(const char *name) {
    const char *text = getenv(name);
    const bool is_number = text && *text && strlen(text) < 20 && strspn(text, "0123456789") == strlen(text);
    return is_number ? text : NULL;
}

/* ---- the command ---- */

/* Its own process group, so that it can be ended with all that it started. */
static int spawn(char *const *arguments, int output, pid_t *child) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    int reason = posix_spawn_file_actions_init(&files);
    if (reason) return reason;
    reason = posix_spawnattr_init(&attributes);
    if (reason) goto out;
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    reason = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!reason) reason = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!reason) reason = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    if (!reason) reason = posix_spawnp(child, arguments[0], &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
out:
    posix_spawn_file_actions_destroy(&files);
    return reason;
}

static int milliseconds_until(int64_t end_ns) {
    const int64_t left = end_ns - tsr_clock_ns();
    return left > 0 ? (int)(left / 1000000) + 1 : 0;
}

/* Until the other side closes; false: it did not in time. What does not fit is read and forgotten. */
static bool read_all(int file, int64_t end_ns, char answer[ANSWER_BYTES]) {
    size_t used = 0;
    char extra[256];
    for (;;) {
        struct pollfd ready = {.fd = file, .events = POLLIN};
        const int wait_ms = milliseconds_until(end_ns);
        const int count = wait_ms > 0 ? poll(&ready, 1, wait_ms) : 0;
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        const bool fits = used < ANSWER_BYTES - 1;
        const ssize_t bytes =
            fits ? read(file, answer + used, ANSWER_BYTES - 1 - used) : read(file, extra, sizeof(extra));
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) break;
        if (fits) used += (size_t)bytes;
    }
    answer[used] = '\0';
    return true;
}

typedef enum { RUNNING, FAILED, DONE } fate;

static fate reap(pid_t child, int64_t end_ns) {
    const struct timespec nap = {.tv_nsec = NAP_NS};
    for (;;) {
        int code = 0;
        const pid_t found = waitpid(child, &code, WNOHANG);
        if (found == child) return WIFEXITED(code) && WEXITSTATUS(code) == 0 ? DONE : FAILED;
        if (found < 0 && errno == ECHILD) return DONE; /* children are ignored: they vanish without a code */
        if (milliseconds_until(end_ns) == 0) return RUNNING;
        nanosleep(&nap, NULL);
    }
}

/* Runs a command and hands out what it prints. NULL, or why there is nothing. */
static const char *run(char *const *arguments, double wait_s, char answer[ANSWER_BYTES]) {
    const int64_t end_ns = tsr_clock_ns() + (int64_t)(wait_s * 1e9);
    int ends[2];
    pid_t child = -1;
    if (pipe2(ends, O_CLOEXEC)) return strerror(errno);
    const int reason = spawn(arguments, ends[1], &child);
    close(ends[1]);
    const bool has_answered = !reason && read_all(ends[0], end_ns, answer);
    close(ends[0]);
    if (reason) return strerror(reason);
    const fate found = has_answered ? reap(child, end_ns) : RUNNING;
    if (found != RUNNING) return found == DONE ? NULL : "it failed";
    kill(-child, SIGKILL);
    reap(child, tsr_clock_ns() + KILLED_NS);
    return "no answer in time";
}

/* ---- what it says ---- */

/* squeue -o %L: days-hours:minutes:seconds, or a word. */
static bool read_line(char *line, double *seconds) {
    char *word = line + strspn(line, " \t\r");
    word[strcspn(word, " \t\r")] = '\0';
    *seconds = INFINITY;
    if (strcmp(word, "UNLIMITED") == 0 || strcmp(word, "NOT_SET") == 0) return true;
    if (!strchr(word, ':')) return false;
    tsr_error before = *tsr_error_get();
    const bool is_read = tsr_duration_read(word, "squeue", seconds) == TSR_OK;
    tsr_error_set(&before);
    return is_read;
}

/* Parts of a job on several kinds of nodes have a line each: the first one that ends counts. */
static bool read_answer(char *answer, double *seconds) {
    double least = INFINITY, line_s = 0;
    int lines = 0;
    char *rest = NULL;
    for (char *line = strtok_r(answer, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
        if (!read_line(line, &line_s)) return false;
        least = fmin(least, line_s);
    }
    *seconds = least;
    return lines > 0;
}

static void ask_squeue(const char *job, double wait_s, tsr_time_left *out) {
    /* An array has the number of its last task: that number alone would ask for all of them. */
    const char *array = digits_of("SLURM_ARRAY_JOB_ID"), *task = digits_of("SLURM_ARRAY_TASK_ID");
    char jobs[ID_BYTES], answer[ANSWER_BYTES], command[] = "squeue", bare[] = "--noheader", format[] = "--format=%L";
    if (array && task)
        snprintf(jobs, sizeof(jobs), "--jobs=%s_%s", array, task);
    else
        snprintf(jobs, sizeof(jobs), "--jobs=%s", job);
    char *const arguments[] = {command, bare, jobs, format, NULL};
    const char *reason = run(arguments, wait_s, answer);
    if (!reason && !read_answer(answer, &out->seconds)) reason = "it does not say";
    if (!reason) return;
    snprintf(out->note, sizeof(out->note),
             "how long Slurm lets job %s run is not known (squeue: %s); give --max-time so that the run stops in time",
             job, reason);
}

void tsr_time_left_ask(double wait_s, tsr_time_left *out) {
    *out = (tsr_time_left){.seconds = INFINITY};
    const char *end = digits_of("SLURM_JOB_END_TIME"), *job = digits_of("SLURM_JOB_ID");
    const double left = end ? strtod(end, NULL) - (double)time(NULL) : 0;
    if (left > 0)
        out->seconds = left;
    else if (job) /* an end that has passed is that of a job which this shell has outlived, or was prolonged */
        ask_squeue(job, wait_s, out);
}
