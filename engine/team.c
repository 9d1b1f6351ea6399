#include "engine/team.h"

#include <omp.h>
#include <time.h>

tsr_status tsr_team_run(int threads, tsr_team_fn body, void *data) {
    tsr_status verdict = TSR_OK;
    tsr_error error = {.status = TSR_OK};
    int lowest = threads;
#pragma omp parallel num_threads(threads) default(none) shared(body, data, verdict, error, lowest)
    {
        int thread = omp_get_thread_num();
        if (thread != 0) tsr_error_clear(); /* threads outlive a team: what an earlier one recorded is said */
        tsr_status status = body(thread, data);
#pragma omp critical(tsr_team_verdict)
        if (status != TSR_OK && thread < lowest) {
            lowest = thread;
            verdict = status;
            error = *tsr_error_get();
        }
    }
    if (verdict != TSR_OK) tsr_error_set(&error);
    return verdict;
}

void tsr_team_pause(void) { nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL); }
