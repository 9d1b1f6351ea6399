/* The threads: the only parallel region of the program.
 * Layer 3. */
#ifndef TSR_ENGINE_TEAM_H
#define TSR_ENGINE_TEAM_H

#include "engine/status.h"

#include <stdint.h>

/* body runs once per thread; thread 0 is the caller, the only one that may speak to the comm. */
typedef tsr_status (*tsr_team_fn)(int thread, void *data);

/* Runs body on `threads` threads and waits for all. Returns the failure of the lowest failing thread and holds its
 * record. Not collective; allocates nothing. TSR_ERUNTIME: a body has changed the floating-point arithmetic. */
tsr_status tsr_team_run(int threads, tsr_team_fn body, void *data);

/* Whether the system lets this process have so many threads: makes and ends them once, since an OpenMP runtime that
 * gets none ends the process without a word. Not collective. TSR_ERUNTIME: it does not. */
tsr_status tsr_team_check(int threads);

/* Threads for work of so many parts outside of a run: as many as this process has CPUs, if the system lets it have
 * them, and at most 64. Not collective. */
int tsr_team_threads(int64_t parts);

/* Tells a waiting thread's core to rest: some microseconds. */
void tsr_team_pause(void);

#endif
