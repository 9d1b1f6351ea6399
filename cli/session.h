/* A session: what the commands that work on a job share, from the command line to the result file. */
#ifndef TSR_CLI_SESSION_H
#define TSR_CLI_SESSION_H

#include "cli/command.h"
#include "cli/keeping.h"
#include "cli/launch.h"
#include "cli/progress.h"
#include "cli/session_options.h"

#include "engine/placement.h"
#include "engine/run.h"
#include "engine/sentry.h"
#include "io/lock/run_lock.h"
#include "io/result/result_file.h"
#include "io/result/stored_run.h"

enum { TSR_RUN_ID_CHARS = 33 };

/* Everything a session holds, in the order in which it is made. */
typedef struct {
    const char *name; /* of the command */
    tsr_session_values values;
    const char *path; /* the operand */
    char *command;
    char *command_advised; /* without what it says about threads */
    tsr_launch launch;
    tsr_sentry_options watch;
    tsr_limits limits;
    int64_t begun_ns;
    int64_t started_s;
    tsr_comm *comm;
    tsr_sentry *sentry;
    tsr_catalog *catalog;
    tsr_stored_run *stored; /* that this one goes on from, or NULL */
    tsr_run_lock *lock;     /* of the target; held by rank 0 */
    tsr_job *job;
    bool plans_partly; /* stages whose input cannot be read are left out of the plan, not refused */
    tsr_plan *plan;
    tsr_placement *placement;
    char *target;
    char id[TSR_RUN_ID_CHARS]; /* of the run, also through stops */
    tsr_keeping_account kept;
    tsr_outcome *outcome;
    char digest[TSR_DIGEST_CHARS];
} tsr_session;

/* Reads the command line, opens the ranks (only this process for a command that is not collective), lets `work` work,
 * says what went wrong, and clears up. work: collective, each of its steps ending with the same verdict on all ranks.
 */
tsr_status tsr_session_run(const tsr_command *command, int argc, char **argv, tsr_status (*work)(tsr_session *session));

/* The job of a finished run (session->stored), changed by overrides as --set has them: [count]. Not collective;
 * allocates *out, which the caller frees also after a failure. As tsr_job_parse; TSR_ECHECKPOINT: it has other stages
 * than the states. */
tsr_status tsr_session_parse_stored(const tsr_session *session, char *const *overrides, int count, tsr_job **out);

/* Says so if another program changed the file of the stored run since it was written. Not collective. */
void tsr_session_note_seal(const tsr_session *session);

/* How stages are to run. line: of their progress. Not collective. */
tsr_run_options tsr_session_options(const tsr_session *session, tsr_progress_line *line);

/* The steps of the work. All of them are collective. */

/* Gives rank 0's job to every rank and plans it. read: rank 0's verdict on the job it has put into the session. */
tsr_status tsr_session_share_job(tsr_session *session, tsr_status read);

/* Where ranks and threads run, refused if there are too many. */
tsr_status tsr_session_place(tsr_session *session);

/* Nobody else works on the results of that name until the session ends; what dead runs have left half-written goes. */
tsr_status tsr_session_lock(tsr_session *session, const char *target);

/* session->target is where results go: judged before any work is spent on them. force: they may replace a file. */
tsr_status tsr_session_aim(tsr_session *session, bool force);

/* Runs all stages, and keeps the run from being lost. replaces: the target may be replaced in the end. */
tsr_status tsr_session_compute(tsr_session *session, bool replaces);

/* Writes the file, removes the checkpoints and prints the results. Results that could not be stored are told all the
 * same: they may have taken hours. */
tsr_status tsr_session_finish(tsr_session *session, bool replaces);

/* Only prints the results, as being those of the target. */
tsr_status tsr_session_tell(tsr_session *session);

bool tsr_session_is_first(const tsr_session *session);

/* What to say where there is no memory for a name or a list: TSR_ERUNTIME. */
tsr_status tsr_session_fail_memory(void);

#endif
