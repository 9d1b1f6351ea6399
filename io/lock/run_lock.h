/* The run lock: who is working on a result file. One process per target, on one host or many.
 * A file TARGET.lock, locked (flock) and holding a line that says who: whoever finds it held can tell the user. A
 * process that dies lets go of it; the file that it leaves behind is taken over by the next run. */
#ifndef TSR_IO_RUN_LOCK_H
#define TSR_IO_RUN_LOCK_H

#include "engine/status.h"

#include <stdbool.h>

typedef struct tsr_run_lock tsr_run_lock;

/* Takes the lock of a target, without waiting. Allocates *out. Not collective: one rank holds it. Not thread-safe
 * (environment).
 * command: what the holder does, one word ("run"), for the message that others get.
 * breaks: the user knows that the holder is gone. A holder on this host that lives is never broken.
 * A lock that was left behind is taken over silently if its process ran on this host and is gone, or if it was an
 * earlier life of this Slurm job (requeued: same SLURM_JOB_ID, lower SLURM_RESTART_COUNT). Where the file system knows
 * no flock the file itself is the lock, and the line in it tells whether its process lives. TSR_EIO: somebody else is,
 * or may be, working on the target (says who, since when, and what to do); TARGET.lock is not an ordinary file of this
 * user, or no lock at all; its folder takes no file. TSR_ERUNTIME: no memory. */
tsr_status tsr_run_lock_take(const char *target, const char *command, bool breaks, tsr_run_lock **out);

/* Removes the file, then lets go. Accepts NULL. A lock that somebody broke meanwhile is left to them. */
void tsr_run_lock_drop(tsr_run_lock **lock);

#endif
