#include "engine/clock.h"

#include <time.h>

int64_t tsr_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

const char *tsr_phase_name(tsr_phase phase) {
#define TSR_PHASE_TEXT(name) [TSR_PHASE_##name] = #name,
    static const char *const names[TSR_PHASES] = {TSR_PHASE_LIST(TSR_PHASE_TEXT)};
#undef TSR_PHASE_TEXT
    return names[phase];
}
