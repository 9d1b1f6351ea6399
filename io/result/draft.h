/* A draft: a file under a temporary name in the folder of its target, renamed when it is known to be good, and removed
 * if it never was. At no instant is there a half-written file under the target's name, and a file that stood there
 * before stays whole until the new one takes its place.
 * Plain POSIX. Not collective: one rank holds the draft; thread-safe on different drafts, but
 * for the file that a signal would remove (engine/signals.h): that of the draft made last. */
#ifndef TSR_IO_DRAFT_H
#define TSR_IO_DRAFT_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct tsr_draft tsr_draft;

/* Judges a target before work is spent on it. TSR_EUSAGE: the path is empty, has control characters, is a directory, a
 * symbolic link or anything else but a file; exists, and force is false. TSR_EIO: its folder is missing or takes no new
 * file. */
tsr_status tsr_draft_check(const char *target, bool force);

/* Makes an empty file of a name that nobody can guess beside the target. Allocates. TSR_EUSAGE and TSR_EIO as above,
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_draft_create(const char *target, bool force, tsr_draft **out);

/* Removes the file unless it was published. Accepts NULL. */
void tsr_draft_destroy(tsr_draft **draft);

/* Whether a file in the folder of a target is a draft of it. name: of the target, without its folder. */
bool tsr_draft_is_one(const char *file, const char *name);

/* Makes bytes [count] what the draft holds, safe on disk: sets room aside for all of them before the first is written,
 * writes them, brings them to the disk, reads them back from there and compares. Once a draft. Thread-safe on different
 * drafts; allocates nothing that lasts. TSR_EIO: not enough room or quota, the disk fails, or it gives back something
 * else; TSR_ERUNTIME: no memory. */
tsr_status tsr_draft_write(tsr_draft *draft, const void *bytes, int64_t count);

/* Puts the file under the target's name, safe in its folder too. Without force a target that appeared meanwhile is left
 * alone. TSR_EIO: the disk, or the target exists now, or somebody replaced the draft. */
tsr_status tsr_draft_publish(tsr_draft *draft);

#endif
