/* Signals: what users and schedulers ask of a running process. A stop is a flag, read between tiles; whoever insists
 * gets it at once. Layer 0. Hides the handlers and their state, which is one per process: that is what signals are. */
#ifndef TSR_ENGINE_SIGNALS_H
#define TSR_ENGINE_SIGNALS_H

#include <stdbool.h>

/* None of these functions is collective, allocates or can fail. All but _watch and _unlink are thread-safe. Signals
 * reach ranks at different times, or only some of them: what to do about one is for all ranks to agree on. */

/* From now on TERM, INT, USR1, USR2, XCPU and HUP ask to stop, and CONT hints that the end is near. HUP stays ignored
 * where it was (nohup). Calls that are interrupted go on. Calling again changes nothing. */
void tsr_signals_watch(void);

/* Number of the first signal that asked to stop; 0: none did. */
int tsr_signals_stop(void);

/* True once after a CONT: keep what there is now, but go on. mpirun that is told to end sends it first, and TERM only
 * when there may be no time left; after Ctrl-Z and fg it means nothing. */
bool tsr_signals_take_hint(void);

/* "SIGTERM"; "signal" for one that is not watched. */
const char *tsr_signals_name(int signal);

/* The file to remove when the process is made to end at once; NULL: none. Replaces the path of an earlier call in one
 * step, so that a signal in between finds the one or the other; copied. Relative paths are those of that moment's
 * folder. Only one thread at a time. */
void tsr_signals_unlink(const char *path);

/* What is written to stderr when the first signal asks to stop; NULL: nothing. Kept as it is, not copied. */
void tsr_signals_answer(const char *text);

/* At once: a second INT, or a second TERM, ends the process as it would have ended without a handler (exit code 128 + n
 * for who asks), after removing that file. Not counted: one that comes within 0.2 s of the first (launchers and
 * terminals may deliver one request twice), and TERM once a CONT has come: then it is mpirun or Slurm that ends the
 * job, each at its own pace, and there is time until they kill. USR1, USR2, XCPU and HUP only ask, however often. */

#endif
