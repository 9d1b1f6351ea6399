/* Time: one monotonic clock, in nanoseconds, and the phases it is booked to.
 * Layer 0. */
#ifndef TSR_ENGINE_CLOCK_H
#define TSR_ENGINE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since an arbitrary start. Thread-safe. */
int64_t tsr_clock_ns(void);

/* Where the wall time of a rank goes. start: plan and first touch; useful: folding tiles; idle: waiting for other
 * threads or for work; reduce: merging threads and ranks; solve: from integers to results. */
#define TSR_PHASE_LIST(ROW)  ROW(start) ROW(useful) ROW(idle) ROW(reduce) ROW(solve)
#define TSR_PHASE_ENUM(name) TSR_PHASE_##name,
typedef enum { TSR_PHASE_LIST(TSR_PHASE_ENUM) TSR_PHASES } tsr_phase;
#undef TSR_PHASE_ENUM

const char *tsr_phase_name(tsr_phase phase);

#endif
