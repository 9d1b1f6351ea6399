/* Checkpoints of a run: files beside its target that hold all it takes to go on, TARGET.checkpoint-1 and
 * TARGET.checkpoint-2 in turn, so that the one before the newest is always whole. They are laid out like a result file
 * without results; what is known of the stage at hand stands in the group /progress.
 * Not collective: rank 0 has them. */
#ifndef TSR_IO_CHECKPOINT_H
#define TSR_IO_CHECKPOINT_H

#include "engine/keeper.h"
#include "io/result/image.h"
#include "io/result/result_file.h"
#include "io/result/stored_run.h"

enum { TSR_CHECKPOINTS = 2 };

typedef struct {
    const tsr_run_record *run; /* all but its outcome and digest */
    const tsr_snapshot *snapshot;
    int64_t sequence; /* from 1 on */
    bool replaces;    /* the run may replace a result file that is there */
} tsr_checkpoint;

/* Composes and seals one; the bytes may be written by any thread. Allocates. Not thread-safe: HDF5. TSR_ERUNTIME: no
 * memory; TSR_EIO with HDF5's reason. */
tsr_status tsr_checkpoint_compose(const tsr_checkpoint *checkpoint, tsr_image *out);

/* Where the checkpoint of a sequence number stands. Allocates; NULL: no memory. */
char *tsr_checkpoint_path(const char *target, int64_t sequence);

/* Puts it there: whole and safe on disk, or not at all. Thread-safe: no HDF5. TSR_EIO, TSR_ERUNTIME. */
tsr_status tsr_checkpoint_write(const char *target, int64_t sequence, const tsr_image *image);

/* Judges beforehand whether they can be written. TSR_EUSAGE: something else than a file stands at one's name; TSR_EIO:
 * the name would be too long, and whatever else is wrong with the folder; TSR_ERUNTIME. */
tsr_status tsr_checkpoint_check(const char *target);

/* Whether there is a file that may be one. */
bool tsr_checkpoint_exists(const char *target);

/* The newest one that is sound. note: "", or a sentence about one that is not. Allocates *out. TSR_EDATA: there is
 * none; TSR_ECHECKPOINT: none is sound, or it is of another version of Tessera; TSR_ERUNTIME. */
tsr_status tsr_checkpoint_read(const char *target, tsr_stored_run **out, char note[TSR_MESSAGE_BYTES]);

/* Removes all there are. TSR_EIO: one cannot be removed. */
tsr_status tsr_checkpoint_remove(const char *target);

/* Removes what runs that were killed have left of files which were to become the target or its checkpoints. Only by who
 * has locked the target. What cannot be removed stays. */
void tsr_checkpoint_sweep(const char *target);

#endif
