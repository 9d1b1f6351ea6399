#include "engine/signals.h"

#include "engine/clock.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Handlers run on whichever thread the system picks: everything that they touch is a lock-free atomic. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2,
               "handlers need atomics without locks");

/* Signals that ask, and whether a second one insists. */
typedef struct {
    int number;
    const char *name;
    bool insists;
} request;

static const request requests[] = {
    {SIGTERM, "SIGTERM", true},  {SIGINT, "SIGINT", true},    {SIGUSR1, "SIGUSR1", false},
    {SIGUSR2, "SIGUSR2", false}, {SIGXCPU, "SIGXCPU", false}, {SIGHUP, "SIGHUP", false},
};
enum { REQUESTS = sizeof(requests) / sizeof(requests[0]) };

static const int64_t TWICE_NS = 200000000; /* what comes again so soon is the same request */

static atomic_int first;
static atomic_bool hinted;
static atomic_bool announced;               /* a CONT came: a launcher is ending the job */
static _Atomic int64_t asked_ns[REQUESTS];  /* when each signal came for the first time; 0: it did not */
static atomic_bool ending;                  /* the file is being removed: its name must stay */
static char names[2][PATH_MAX];             /* the one that is not published can be written */
static _Atomic(const char *) doomed = NULL; /* one of them, or none */
static _Atomic(const char *) answer = NULL; /* what is said at once to who asks */

static int request_of(int number) {
    for (int i = 0; i < REQUESTS; i++)
        if (requests[i].number == number) return i;
    return -1;
}

static void take_default(int number) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(number, &action, NULL);
}

/* The signal is blocked while its handler runs: raised again it would wait. */
_Noreturn static void end_at_once(int number) {
    atomic_store(&ending, true);
    const char *path = atomic_load(&doomed);
    if (path) unlink(path);
    take_default(number);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    raise(number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    _exit(128 + number);
}

static bool is_insisting(int i) {
    const int64_t now = tsr_clock_ns();
    int64_t asked = 0;
    if (atomic_compare_exchange_strong(&asked_ns[i], &asked, now)) return false;
    const bool launcher = requests[i].number == SIGTERM && atomic_load(&announced);
    return requests[i].insists && !launcher && now - asked >= TWICE_NS;
}

static void on_request(int number) {
    const int reason = errno, i = request_of(number);
    int none = 0;
    if (i >= 0 && is_insisting(i)) end_at_once(number);
    const char *text = atomic_compare_exchange_strong(&first, &none, number) ? atomic_load(&answer) : NULL;
    if (text != NULL) (void)!write(STDERR_FILENO, text, strlen(text));
    errno = reason;
}

static void on_hint(int number) {
    (void)number;
    atomic_store(&announced, true);
    atomic_store(&hinted, true);
}

static void watch_one(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < REQUESTS; i++) sigaddset(&action.sa_mask, requests[i].number);
    sigaddset(&action.sa_mask, SIGCONT);
    if (number == SIGHUP && !sigaction(number, NULL, &before) && before.sa_handler == SIG_IGN) return;
    sigaction(number, &action, NULL);
}

void tsr_signals_watch(void) {
    for (int i = 0; i < REQUESTS; i++) watch_one(requests[i].number, on_request);
    watch_one(SIGCONT, on_hint);
}

int tsr_signals_stop(void) { return atomic_load(&first); }

bool tsr_signals_take_hint(void) { return atomic_exchange(&hinted, false); }

const char *tsr_signals_name(int signal) {
    const int i = request_of(signal);
    return i >= 0 ? requests[i].name : "signal";
}

/* A handler on another thread may still read the name that was published before this one, but then it has said so
 * before this one was published. */
void tsr_signals_unlink(const char *path) {
    static int spare;
    while (atomic_load(&ending)) pause();
    const size_t bytes = path ? strlen(path) + 1 : 0;
    if (bytes == 0 || bytes > PATH_MAX) {
        atomic_store(&doomed, NULL);
        return;
    }
    memcpy(names[spare], path, bytes);
    atomic_store(&doomed, names[spare]);
    spare = !spare;
}

void tsr_signals_answer(const char *text) { atomic_store(&answer, text); }
