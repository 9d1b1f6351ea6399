/* A crash: a signal that only a defect, or memory that failed, can raise. It is told in one sentence, with the tile.
 * Layer 3. Hides the handlers of SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT. */
#ifndef TSR_ENGINE_CRASH_H
#define TSR_ENGINE_CRASH_H

#include "engine/roll.h"

/* From now on crashes of this process are told on stderr; then it ends by the signal, as it would have (with a core
 * dump where the system makes them). A handler that is there already, of a sanitizer, is left alone. Call it before MPI
 * begins, which otherwise would print its stack. Not collective. */
void tsr_crash_begin(void);

/* Where those who crash may be found; NULL: no more. Keeps the roll. */
void tsr_crash_locate(const tsr_roll *roll);

#endif
