/* Recovery: what a command finds of an earlier run, and whether it may go on from it. */
#ifndef TSR_CLI_RECOVERY_H
#define TSR_CLI_RECOVERY_H

#include "cli/session.h"

/* Reads what there is of the results called `target` into session->stored: the newest sound checkpoint, or else the
 * result file; says so where one is damaged. Checkpoints of a run whose results are there already are removed. (if the
 * target is locked). Only on rank 0. TSR_ECHECKPOINT: there is neither, or none is sound; TSR_EUSAGE: it is itself a
 * checkpoint; TSR_EIO; TSR_ERUNTIME. */
tsr_status tsr_recovery_read(tsr_session *session, const char *target);

/* The job that was read must be the one that is stored, but for a seed that is drawn. TSR_ECHECKPOINT: names what
 * differs. */
tsr_status tsr_recovery_compare(const tsr_session *session, const char *target);

/* Whether anything is there; whether somebody works, or has worked, on it. */
bool tsr_recovery_exists(const char *target);
bool tsr_recovery_is_begun(const char *target);

/* Where results are to be looked at that are not there: a run that was stopped has checkpoints instead, of which the
 * newest is named. Not collective. TSR_EDATA: so it is; TSR_ERUNTIME: no memory. */
tsr_status tsr_recovery_find_stopped(const char *target);

/* A new run must not bury one that was stopped: refused, unless forced. Only on rank 0. TSR_EUSAGE. */
tsr_status tsr_recovery_check_free(const char *target, bool force);

/* Gives the run its name: that of the one that goes on, or a new one. Checkpoints at the target that are not of the run
 * that goes on are removed: right before the work. TSR_EIO; TSR_ERUNTIME. */
tsr_status tsr_recovery_identify(tsr_session *session);

#endif
