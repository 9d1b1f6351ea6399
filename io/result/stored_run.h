/* A run as its result file or a checkpoint has it: what it takes to go on from it, or to look at one of its items. */
#ifndef TSR_IO_STORED_RUN_H
#define TSR_IO_STORED_RUN_H

#include "engine/comm.h"
#include "engine/stored.h"
#include "io/result/digest.h"
#include "io/result/image.h"

#include <stdbool.h>

typedef struct {
    char *job;      /* YAML, with its seed */
    char *job_file; /* as it was given */
    char *folder;   /* of the job file */
    char *history;  /* a line for each command that made the file */
    char *revision; /* of the program that wrote it */
    char digest[TSR_DIGEST_CHARS];
    bool is_sealed;     /* false: another program changed the file since it was written, or an older version wrote it */
    char *id;           /* of the run that wrote it, the same in its checkpoints and its result */
    bool is_checkpoint; /* the run was stopped; if so: */
    bool replaces;      /* it may replace a result file that is there */
    int64_t sequence;   /* the larger, the newer */
    double share;       /* of the stage at hand that was done */
    int64_t stages;
    tsr_stored_stage *stage; /* [stages] of the job; without a name: nothing is known of it yet */
} tsr_stored_run;

/* Whether a file is to be taken for a result file rather than for a job: it begins like HDF5, or its name ends in .h5.
 * Not collective. */
bool tsr_stored_run_is_one(const char *path);

/* Reads a result file: judges its seal first, and compares its digest with that of what was read. Not collective;
 * allocates *out. TSR_EDATA: there is no such file; TSR_ECHECKPOINT: it is damaged, no result file, or written by a
 * version of Tessera whose files or random numbers are others; TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_run_read(const char *path, tsr_stored_run **out);

/* The same from an image. */
tsr_status tsr_stored_run_take(const tsr_image *image, tsr_stored_run **out);
void tsr_stored_run_destroy(tsr_stored_run **run); /* accepts NULL, sets NULL */

/* Rank 0's run for every rank. Collective; the verdict is agreed. Allocates *run on the others. TSR_ERUNTIME. */
tsr_status tsr_stored_run_share(tsr_comm *comm, tsr_stored_run **run);

#endif
