#include "engine/team.h"

#include "engine/arithmetic.h"
#include "engine/cpus.h"

#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- a team ---- */

static atomic_bool is_starting;

/* An OpenMP runtime that gets no thread or no memory for one ends the process with exit code 1. */
static void end_without_team(void) {
    if (atomic_load(&is_starting))
        tsr_memory_failed("to start the threads, or no more of them are allowed; give fewer (--threads)");
}

static void watch_start(void) {
    static atomic_bool is_watched;
    if (!atomic_exchange(&is_watched, true)) (void)!atexit(end_without_team);
    atomic_store(&is_starting, true);
}

/* How a processor rounds belongs to a thread: whoever changed it before is undone, a body that does so is refused. */
static tsr_status run_body(int thread, tsr_team_fn body, void *data) {
    tsr_arithmetic_restore();
    TSR_TRY(body(thread, data));
    return tsr_arithmetic_check();
}

tsr_status tsr_team_run(int threads, tsr_team_fn body, void *data) {
    tsr_status verdict = TSR_OK;
    tsr_error error = {.status = TSR_OK};
    int lowest = threads;
    watch_start();
#pragma omp parallel num_threads(threads) default(none) shared(body, data, verdict, error, lowest, is_starting)
    {
        int thread = omp_get_thread_num();
        if (thread == 0) atomic_store(&is_starting, false);
        if (thread != 0) tsr_error_clear(); /* threads outlive a team: what an earlier one recorded is said */
        tsr_status status = run_body(thread, body, data);
#pragma omp critical(tsr_team_verdict)
        if (status != TSR_OK && thread < lowest) {
            lowest = thread; /* NOLINT(clang-analyzer-deadcode.DeadStores): other threads read it */
            verdict = status;
            error = *tsr_error_get();
        }
    }
    if (verdict != TSR_OK) tsr_error_set(&error);
    return verdict;
}

/* ---- are there so many threads? ---- */

static void *wait_for_all(void *data) {
    sem_wait(data);
    return NULL;
}

/* As many as the system gives, of `wanted`; they exist at the same time, and are gone at the end. */
static int try_threads(int wanted, pthread_t *thread, int *error) {
    sem_t all;
    int made = 0;
    sem_init(&all, 0, 0);
    while (made < wanted && (*error = pthread_create(&thread[made], NULL, wait_for_all, &all)) == 0) made++;
    for (int i = 0; i < made; i++) sem_post(&all);
    for (int i = 0; i < made; i++) pthread_join(thread[i], NULL);
    sem_destroy(&all);
    return made;
}

tsr_status tsr_team_check(int threads) {
    int error = 0;
    pthread_t *thread = malloc((size_t)threads * sizeof(*thread));
    TSR_REQUIRE(thread != NULL, TSR_ERUNTIME, "no memory for %d threads", threads);
    const int others = try_threads(threads - 1, thread, &error); /* the caller is one of them */
    free(thread);
    TSR_REQUIRE(others == threads - 1, TSR_ERUNTIME,
                "%d threads are needed, but the system allows %d (%s); give --threads %d, or raise the limit (ulimit "
                "-u, or that of the container)",
                threads, others + 1, strerror(error), others + 1);
    return TSR_OK;
}

int tsr_team_threads(int64_t parts) {
    enum { THREADS_MAX = 64 };
    tsr_cpus cpus;
    tsr_cpus_allowed(&cpus);
    int64_t threads = tsr_cpus_count(&cpus) < THREADS_MAX ? tsr_cpus_count(&cpus) : THREADS_MAX;
    if (threads > parts) threads = parts;
    if (threads <= 1) return 1;
    const bool are_there = tsr_team_check((int)threads) == TSR_OK;
    if (!are_there) tsr_error_clear();
    return are_there ? (int)threads : 1;
}

void tsr_team_pause(void) { nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL); }
