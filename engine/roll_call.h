/* The roll call: one sentence that tells where all ranks of a host are.
 * Layer 3. */
#ifndef TSR_ENGINE_ROLL_CALL_H
#define TSR_ENGINE_ROLL_CALL_H

#include "engine/roll.h"

#include <stddef.h>

/* A rank whose sentry has not looked for so long is stopped, or worse. */
#define TSR_ROLL_ASLEEP_NS INT64_C(3000000000)

/* Ranks that work, each by itself, then those that wait, by what they wait for: no newline, no stop at its end; what
 * does not fit is cut. now_ns: of tsr_clock_ns. Not collective, thread-safe, allocates nothing. */
void tsr_roll_call(const tsr_roll *roll, int64_t now_ns, const char *host, char *text, size_t bytes);

#endif
