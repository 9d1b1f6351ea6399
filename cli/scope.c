#include "cli/scope.h"

#include "cli/named_stage.h"

#include "engine/refold.h"
#include "engine/sweep.h"
#include "io/job/job_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t bit(int stage) { return UINT64_C(1) << stage; }

static bool has(uint64_t stages, int stage) { return (stages >> stage & 1) != 0; }

/* ---- what there is ---- */

static tsr_status choose(const tsr_job *job, const char *name, tsr_scope *scope) {
    int stage = 0;
    for (int s = 0; s < job->stage_count; s++) scope->chosen |= bit(s);
    if (name == NULL) return TSR_OK;
    TSR_TRY(tsr_named_stage(job, "verify", name, &stage));
    scope->chosen = bit(stage);
    TSR_REQUIRE((scope->chosen & tsr_scope_checkable(job, scope)) != 0, TSR_EUSAGE,
                "verify: the run was stopped before its stage %.80s, of which nothing can be checked yet", name);
    return TSR_OK;
}

tsr_status tsr_scope_make(const tsr_job *job, const tsr_stored_run *stored, const char *name, tsr_scope *out) {
    *out = (tsr_scope){0};
    TSR_ASSERT(job->stage_count <= TSR_STAGES_MAX && stored->stages == job->stage_count);
    for (int s = 0; s < job->stage_count; s++) {
        const tsr_stored_stage *stage = &stored->stage[s];
        if (stage->name == NULL) continue;
        out->known |= bit(s);
        if (stage->progress != TSR_STORED_AT_HAND) out->whole |= bit(s);
        if (stage->is_changed) out->changed |= bit(s);
        if (stored->is_checkpoint && stage->progress == TSR_STORED_LEFT) out->left |= bit(s);
    }
    return choose(job, name, out);
}

/* ---- inputs ---- */

/* The first rank that could not read an input tells all. */
static tsr_status share_fault(const tsr_plan *plan, int stage, tsr_comm *comm) {
    const char *fault = tsr_plan_fault(plan, stage);
    return tsr_comm_agree(comm, fault != NULL ? TSR_FAIL(TSR_ECHECKPOINT, "%s", fault) : TSR_OK);
}

/* TSR_ECHECKPOINT: the stage lacks something. */
static tsr_status look(const tsr_plan *plan, int stage, const tsr_stored_stage *stored, tsr_comm *comm) {
    TSR_TRY(share_fault(plan, stage, comm));
    return tsr_comm_agree(comm, comm->rank == 0 ? tsr_plan_compare_inputs(plan, stage, stored) : TSR_OK);
}

static void count_inputs(const tsr_stored_stage *stored, int64_t *inputs, int64_t *samples) {
    for (int64_t i = 0; i < stored->inputs; i++) *samples += tsr_input_is_sample(&stored->input[i]);
    if (stored->inputs > 0) *inputs += stored->inputs;
}

static void tell_inputs(tsr_findings *findings, int64_t inputs, int64_t samples) {
    const char *plural = inputs == 1 ? "" : "s";
    if (samples == 0)
        tsr_findings_add(findings, "inputs", true, "the same bytes as were read, of %" PRId64 " file%s", inputs,
                         plural);
    else
        tsr_findings_add(findings, "inputs", true,
                         "the same bytes as were read, of %" PRId64 " file%s; of %" PRId64 " over 64 MiB a sample",
                         inputs, plural, samples);
}

tsr_status tsr_scope_find_inputs(const tsr_job *job, const tsr_plan *plan, const tsr_stored_run *stored, tsr_comm *comm,
                                 tsr_findings *findings, tsr_scope *scope) {
    int64_t inputs = 0, samples = 0;
    for (int s = 0; s < job->stage_count; s++) {
        if (!has(scope->known, s)) continue;
        const tsr_status status = look(plan, s, &stored->stage[s], comm);
        if (status != TSR_OK && status != TSR_ECHECKPOINT) return status;
        if (status == TSR_OK) {
            count_inputs(&stored->stage[s], &inputs, &samples);
            continue;
        }
        tsr_findings_add(findings, "inputs", false, "stage %s: %s", stored->stage[s].name, tsr_error_get()->message);
        tsr_error_clear();
        scope->lacking |= bit(s);
    }
    if (inputs > 0) tell_inputs(findings, inputs, samples);
    return TSR_OK;
}

/* ---- what can be done ---- */

/* What a stage reads must be there as it was when the stage read it. */
static bool is_answered(const tsr_scope *scope, int stage, uint64_t earlier) {
    const bool is_stale = has(scope->left, stage) && (earlier & scope->changed) != 0;
    return has(scope->known, stage) && (earlier & ~scope->whole) == 0 && !is_stale;
}

uint64_t tsr_scope_checkable(const tsr_job *job, const tsr_scope *scope) {
    uint64_t checkable = 0;
    for (int s = 0; s < job->stage_count; s++) {
        const uint64_t lineage = tsr_sweep_lineage(job, s);
        if (is_answered(scope, s, lineage & ~bit(s)) && (lineage & scope->lacking) == 0) checkable |= bit(s);
    }
    return checkable;
}

uint64_t tsr_scope_barred(const tsr_job *job, const tsr_scope *scope) {
    uint64_t barred = 0;
    for (int s = 0; s < job->stage_count; s++)
        if (has(scope->known, s) && (tsr_sweep_lineage(job, s) & scope->lacking) != 0) barred |= bit(s);
    return barred;
}

void tsr_scope_list(const tsr_job *job, uint64_t stages, char out[TSR_SCOPE_NAMES_BYTES]) {
    size_t used = 0;
    out[0] = '\0';
    for (int s = 0; s < job->stage_count; s++)
        if (has(stages, s) && used < TSR_SCOPE_NAMES_BYTES)
            used += (size_t)snprintf(out + used, TSR_SCOPE_NAMES_BYTES - used, "%s%s", used > 0 ? ", " : "",
                                     job->stages[s].name);
}
