/* Preloaded: something happens to a rank in the middle of its work.
 * TSR_FAULT="RANK TILES WHAT SECONDS": when the rank (-1: each) has folded so many tiles, it waits for so many seconds,
 * in which the others come to wait for it, and then
 *   kill, crash, exit, assert: it dies;  fail: its tile fails;  mpi: MPI does;  stuck: it never goes on.
 * stop: it is stopped for that time instead; slow: each of its tiles takes so much longer, or
 *   only the first TILES of them.
 * TSR_MARK: a file that is made when the rank begins its first tile.
 * TSR_THREAD_LEVEL: MPI_Init_thread offers no more than this. */
#include "engine/worker.h"

#include <dlfcn.h>
#include <mpi.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    int rank;
    int tiles;
    double seconds;
    char what[16];
} plan = {.rank = -1};

__attribute__((constructor)) static void read_plan(void) {
    const char *text = getenv("TSR_FAULT"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    int wanted = -1;
    if (text != NULL) sscanf(text, "%d %d %15s %lf", &wanted, &plan.tiles, plan.what, &plan.seconds);
    const int own = rank != NULL ? atoi(rank) : 0;
    if (text != NULL && (wanted == -1 || wanted == own)) plan.rank = own;
}

static void rest(double seconds) {
    struct timespec left = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0) continue;
}

/* Somebody else has to wake it. */
static void be_stopped(void) {
    const pid_t self = getpid();
    if (fork() == 0) {
        rest(plan.seconds);
        kill(self, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
}

static tsr_status happen(void) {
    if (strcmp(plan.what, "stop") == 0) {
        be_stopped();
        return TSR_OK;
    }
    rest(plan.seconds);
    if (strcmp(plan.what, "kill") == 0) raise(SIGKILL);
    if (strcmp(plan.what, "crash") == 0) *(volatile int *)(uintptr_t)plan.tiles = 1;
    if (strcmp(plan.what, "exit") == 0) _exit(3);
    if (strcmp(plan.what, "assert") == 0) TSR_ASSERT(plan.rank < 0);
    if (strcmp(plan.what, "mpi") == 0) MPI_Comm_call_errhandler(MPI_COMM_WORLD, MPI_ERR_INTERN);
    while (strcmp(plan.what, "stuck") == 0) rest(1000);
    if (strcmp(plan.what, "fail") == 0) return TSR_FAIL(TSR_EDATA, "rank %d was told to fail", plan.rank);
    return TSR_OK;
}

static void leave_mark(void) {
    const char *path = getenv("TSR_MARK");
    FILE *mark = path != NULL ? fopen(path, "w") : NULL;
    if (mark != NULL) fclose(mark);
}

tsr_status tsr_worker_fold(tsr_worker *worker, const tsr_tile_task *task) {
    static atomic_int folded;
    tsr_status (*real)(tsr_worker *, const tsr_tile_task *) =
        (tsr_status(*)(tsr_worker *, const tsr_tile_task *))dlsym(RTLD_NEXT, "tsr_worker_fold");
    if (plan.rank < 0) return real(worker, task);
    const int before = atomic_fetch_add(&folded, 1);
    if (before == 0) leave_mark();
    const int is_slow = plan.tiles == 0 || before < plan.tiles;
    if (strcmp(plan.what, "slow") == 0)
        rest(is_slow ? plan.seconds : 0);
    else if (before == plan.tiles)
        TSR_TRY(happen());
    return real(worker, task);
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
    int (*real)(int *, char ***, int, int *) =
        (int (*)(int *, char ***, int, int *))dlsym(RTLD_NEXT, "MPI_Init_thread");
    const int code = real(argc, argv, required, provided);
    const char *level = getenv("TSR_THREAD_LEVEL");
    if (level != NULL && *provided > atoi(level)) *provided = atoi(level);
    return code;
}
