/* The wall clock that a batch system leaves this job. Knows Slurm; PBS and LSF put no end of a job into its
 * environment. Hides the environment and squeue. */
#ifndef TSR_IO_TIME_LEFT_H
#define TSR_IO_TIME_LEFT_H

enum { TSR_TIME_LEFT_NOTE_BYTES = 256 };

typedef struct {
    double seconds;                      /* >= 0; INFINITY: no batch system, no limit, or unknown */
    char note[TSR_TIME_LEFT_NOTE_BYTES]; /* "", or a sentence for the user: why it is unknown */
} tsr_time_left;

/* Asks SLURM_JOB_END_TIME, or else, with a SLURM_JOB_ID, the command squeue (found on PATH, never through a shell),
 * which gets wait_s to answer and is killed then (5 s are plenty). Not collective: one rank asks, once. Not thread-safe
 * (environment). Leaves neither open files nor processes behind. */
void tsr_time_left_ask(double wait_s, tsr_time_left *out);

#endif
