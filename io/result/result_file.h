/* The result file: the one HDF5 file that a run leaves. docs/file-format.md describes it to those who read it.
 * Hides its layout and the temporary file. Needs the thread that may speak MPI. */
#ifndef TSR_IO_RESULT_FILE_H
#define TSR_IO_RESULT_FILE_H

#include "engine/placement.h"
#include "engine/run.h"
#include "io/result/digest.h"

/* Grows when a reader of older files could be misled; what is only added does not count. */
enum { TSR_RESULT_FORMAT = 1 };

/* What is written. All pointers are borrowed for the call. Only rank 0's record is read. */
typedef struct {
    const tsr_job *job;
    const tsr_outcome *outcome;
    const tsr_placement *placement;
    const char *digest;  /* tsr_digest_outcome */
    const char *command; /* the command line */
    const char *id;      /* of the run, the same in its checkpoints */
    const char *history; /* lines of earlier commands that the run goes on from, or NULL */
    int64_t started_s;   /* seconds since 1970, UTC */
    double elapsed_s;
    int threads; /* per rank, as asked */
} tsr_run_record;

/* Judges the target before any work is spent on it. Not collective: rank 0 asks and the ranks agree.
 * TSR_EUSAGE: not the name of a file, a folder, a symbolic link, or a file that exists while force is false.
 * TSR_EIO: the folder is missing or takes no new file. */
tsr_status tsr_result_file_check(const char *path, bool force);

/* Composes the file in memory, seals it, writes it, reads it back, and only then puts it under its name: it is there
 * whole and safe on disk, or not at all. force: an existing file is replaced. Collective: rank 0 writes, and all ranks
 * leave with the same verdict. Allocates on rank 0 a packed copy of the state and twice the file.
 * TSR_EUSAGE as above; TSR_EIO: disk, quota, permission, or what was read back differs; TSR_ERUNTIME: no memory;
 * TSR_EINTERNAL: the digest is not the one of the outcome, or a tally says different kinds of things in a sweep. */
tsr_status tsr_result_file_write(const char *path, bool force, const tsr_run_record *record, tsr_comm *comm);

#endif
