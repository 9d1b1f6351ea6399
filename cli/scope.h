/* The scope of a check: which stages of a stored run can be looked at again. Sets of stages are bits.
 * Not collective, but for tsr_scope_find_inputs. */
#ifndef TSR_CLI_SCOPE_H
#define TSR_CLI_SCOPE_H

#include "cli/findings.h"
#include "engine/run.h"
#include "io/result/stored_run.h"

enum { TSR_SCOPE_NAMES_BYTES = 400 };

typedef struct {
    uint64_t chosen;  /* asked for */
    uint64_t known;   /* of which the file has a state */
    uint64_t whole;   /* of these, not at hand when the run was stopped */
    uint64_t changed; /* of these, with other items than those that were read by stages which a run has not reached */
    uint64_t left;    /* of these, as an earlier run has left them */
    uint64_t lacking; /* whose inputs are not what they were, or not there */
} tsr_scope;

/* What a run has of its stages, none of which lacks anything yet. name: of the stage that is asked for, or NULL: all.
 * TSR_EUSAGE: there is no such stage, or nothing of it can be checked yet. */
tsr_status tsr_scope_make(const tsr_job *job, const tsr_stored_run *stored, const char *name, tsr_scope *out);

/* Compares the inputs of all stages that are known with what was read; findings: of rank 0, told one by one. Collective
 * over the ranks; the verdict is agreed, and the scope is the same on all. TSR_ERUNTIME. */
tsr_status tsr_scope_find_inputs(const tsr_job *job, const tsr_plan *plan, const tsr_stored_run *stored, tsr_comm *comm,
                                 tsr_findings *findings, tsr_scope *scope);

/* Stages that can be computed again: nothing they read, directly or not, is lacking. And those that are known, but read
 * what is lacking. */
uint64_t tsr_scope_checkable(const tsr_job *job, const tsr_scope *scope);
uint64_t tsr_scope_barred(const tsr_job *job, const tsr_scope *scope);

/* Names of stages: "rows, loss". */
void tsr_scope_list(const tsr_job *job, uint64_t stages, char out[TSR_SCOPE_NAMES_BYTES]);

#endif
