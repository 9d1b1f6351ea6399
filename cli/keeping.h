/* Keeping: what a command does so that its run is not lost. The keeper that the engine asks: signals, time limits,
 * checkpoints in the background. */
#ifndef TSR_CLI_KEEPING_H
#define TSR_CLI_KEEPING_H

#include "cli/progress.h"

#include "engine/keeper.h"
#include "engine/roll.h"
#include "io/result/checkpoint_writer.h"

typedef struct {
    const char *target;           /* the result file whose checkpoints they are */
    const tsr_run_record *record; /* what they tell of the run, all but outcome and digest */
    tsr_roll *roll;               /* waits for the disk are entered into it; or NULL */
    tsr_progress_line *line;      /* taken off the terminal before anything is said */
    tsr_pace_terms terms;
    const char *limit; /* which limit the end of the time comes from: "--max-time", "the limit of the Slurm job" */
    int64_t sequence;  /* of the checkpoint that the run goes on from, or 0 */
    bool replaces;     /* the run may replace a result file that is there */
    bool is_first;     /* on rank 0 */
} tsr_keeping_options;

typedef struct tsr_keeping tsr_keeping;

/* Signals are watched from now on. What options point to is borrowed until destroy. Not collective: every rank has its
 * own. Allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_keeping_create(const tsr_keeping_options *options, tsr_keeping **out);
void tsr_keeping_destroy(tsr_keeping **keeping); /* waits for what is being written; accepts NULL */

/* The keeper for the engine. Borrowed. */
const tsr_keeper *tsr_keeping_keeper(const tsr_keeping *keeping);

/* How many checkpoints were taken, and for how long computing stood still for them. */
typedef struct {
    int64_t checkpoints;
    double still_s;
} tsr_keeping_account;
tsr_keeping_account tsr_keeping_tell(const tsr_keeping *keeping);

#endif
