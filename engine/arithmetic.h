/* The floating-point arithmetic of a thread: to the nearest, and with numbers below the smallest normal one. A library
 * that somebody built to be fast may change both when it is loaded, and so the bits of results.
 * Layer 0. */
#ifndef TSR_ENGINE_ARITHMETIC_H
#define TSR_ENGINE_ARITHMETIC_H

#include "engine/status.h"

/* Sets the arithmetic of the calling thread back to the standard one, which threads made by it inherit. Call it when
 * libraries have been loaded. Not collective, thread-safe, allocates nothing. */
void tsr_arithmetic_restore(void);

/* TSR_ERUNTIME: the arithmetic of the calling thread is not the standard one. Thread-safe, allocates nothing. */
tsr_status tsr_arithmetic_check(void);

#endif
