#include "cli/findings.h"
#include "cli/format.h"
#include "cli/sampled.h"
#include "cli/session.h"

#include "engine/number.h"
#include "engine/param.h"
#include "engine/refold.h"
#include "io/job/job.h"
#include "io/result/image.h"
#include "io/result/result_check.h"
#include "io/result/seal.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TILES = 16, SHOWN = 20, STAGES_MAX = 64 };

static const tsr_option options[] = {
    {"tiles", '\0', TSR_OPTION_TEXT, "N", "how many tiles to compute again, or all (default: 16)",
     offsetof(tsr_session_values, tiles)},
    {"stage", '\0', TSR_OPTION_TEXT, "STAGE", "compute tiles of this stage only", offsetof(tsr_session_values, stage)},
    {"seed", '\0', TSR_OPTION_SEED, "SEED", "which tiles: the number that an earlier check has shown",
     offsetof(tsr_session_values, seed)},
    TSR_OPTION_ROW_THREADS,
    TSR_OPTION_ROW_OVERSUBSCRIBE,
    TSR_OPTION_ROW_QUIET,
    TSR_OPTION_ROW_JSON,
    {.name = NULL},
};

typedef struct {
    tsr_session *session;
    tsr_findings *findings;
    tsr_image image; /* rank 0 */
    uint64_t seed;
    int64_t tiles; /* INT64_MAX: all */
    bool chosen[STAGES_MAX];
    bool ends; /* what was found wrong leaves nothing to go on from */
} verification;

/* ---- what is asked for ---- */

static tsr_status read_tiles(const char *text, int64_t *out) {
    *out = TILES;
    if (text == NULL) return TSR_OK;
    if (strcmp(text, "all") == 0) {
        *out = INT64_MAX;
        return TSR_OK;
    }
    const bool fits = tsr_number_read_integer(text, out) == TSR_NUMBER_OK && *out >= 1;
    TSR_REQUIRE(fits, TSR_EUSAGE, "verify: --tiles %.80s: it must be a whole number from 1 on, or all", text);
    return TSR_OK;
}

static tsr_status choose_stages(const tsr_job *job, const char *name, bool *chosen) {
    const char *names[STAGES_MAX + 1] = {NULL};
    char hint[TSR_HINT_BYTES];
    bool any = false;
    for (int i = 0; i < job->stage_count; i++) {
        names[i] = job->stages[i].name;
        chosen[i] = name == NULL || strcmp(name, names[i]) == 0;
        any |= chosen[i];
    }
    if (any) return TSR_OK;
    tsr_nearest_hint(name, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "verify: there is no stage '%.80s'%s", name, hint);
}

/* ---- findings ---- */

static bool is_first(const verification *check) { return tsr_session_is_first(check->session); }

/* What a check has found to be wrong becomes a finding, and ends the checks that need what it looked at. */
static tsr_status note_wrong(verification *check, const char *name, tsr_status status) {
    if (status != TSR_ECHECKPOINT) return status;
    tsr_findings_add(check->findings, name, false, "%s", tsr_error_get()->message);
    tsr_error_clear();
    check->ends = true;
    return TSR_OK;
}

/* All ranks go on, or none. */
static bool goes_on(const verification *check) {
    uint64_t ends = check->ends;
    check->session->comm->broadcast(check->session->comm, &ends, sizeof(ends), 0);
    return ends == 0;
}

/* ---- the file ---- */

static void check_seal(verification *check) {
    const tsr_seal seal = tsr_seal_check(check->image.bytes, check->image.count);
    if (seal == TSR_SEAL_WHOLE)
        tsr_findings_add(check->findings, "seal", true, "every byte is as it was written");
    else if (seal == TSR_SEAL_NONE)
        tsr_findings_add(check->findings, "seal", false,
                         "none: another program has changed the file since it was written, or cut off its end");
    else
        tsr_findings_add(check->findings, "seal", false, "broken: bytes have changed since the file was written");
    check->ends = seal == TSR_SEAL_BROKEN;
}

static tsr_status check_state(verification *check) {
    tsr_session *session = check->session;
    int64_t variables = 0;
    TSR_TRY(note_wrong(check, "state", tsr_stored_run_take(&check->image, &session->stored)));
    if (check->ends) return TSR_OK;
    tsr_findings_add(check->findings, "state", true, "its digest is %.12s...", session->stored->digest);
    TSR_TRY(note_wrong(check, "contents", tsr_result_check_reads(&check->image, &variables)));
    if (!check->ends)
        tsr_findings_add(check->findings, "contents", true, "%" PRId64 " variables can be read", variables);
    return TSR_OK;
}

static tsr_status check_file(verification *check) {
    TSR_TRY(tsr_image_read(check->session->path, &check->image));
    check_seal(check);
    return check->ends ? TSR_OK : check_state(check);
}

/* The job is there, and nothing of it is left to do. */
static tsr_status take_job(verification *check) {
    tsr_session *session = check->session;
    TSR_TRY(tsr_stored_run_share(session->comm, &session->stored));
    for (int64_t i = 0; i < session->stored->stages; i++) session->stored->stage[i].progress = TSR_STORED_DONE;
    const tsr_status read = is_first(check) ? tsr_session_parse_stored(session, NULL, 0, &session->job) : TSR_OK;
    TSR_TRY(tsr_session_share_job(session, read));
    TSR_TRY(tsr_comm_agree(session->comm, choose_stages(session->job, session->values.stage, check->chosen)));
    return tsr_session_place(session);
}

/* ---- what it is made of ---- */

static tsr_status check_inputs(verification *check) {
    const tsr_session *session = check->session;
    int64_t inputs = 0;
    for (int s = 0; s < session->job->stage_count && !check->ends; s++) {
        const tsr_stored_stage *stored = &session->stored->stage[s];
        TSR_TRY(note_wrong(check, "inputs", tsr_plan_compare_inputs(session->plan, s, stored)));
        inputs += stored->inputs > 0 ? stored->inputs : 0;
    }
    if (!check->ends && inputs > 0)
        tsr_findings_add(check->findings, "inputs", true, "the same bytes as were read, of %" PRId64 " files", inputs);
    return TSR_OK;
}

static tsr_status compare_results(verification *check) {
    tsr_session *session = check->session;
    int64_t compared = 0;
    const tsr_run_record record = {.job = session->job,
                                   .outcome = session->outcome,
                                   .placement = session->placement,
                                   .digest = session->stored->digest,
                                   .threads = session->placement->place[0].threads};
    TSR_TRY(note_wrong(check, "results", tsr_result_check_values(&check->image, &record, &compared)));
    if (!check->ends)
        tsr_findings_add(check->findings, "results", true,
                         "solved from the state again, %" PRId64 " variables are the same, bit for bit", compared);
    check->ends = false; /* tiles can be looked at all the same */
    return TSR_OK;
}

static tsr_status check_results(verification *check, const tsr_run_options *how) {
    tsr_session *session = check->session;
    tsr_status status = tsr_plan_run(session->plan, session->comm, how, &session->outcome);
    if (status == TSR_ECHECKPOINT && !is_first(check)) tsr_error_clear();
    if (status == TSR_ECHECKPOINT) status = is_first(check) ? note_wrong(check, "results", status) : TSR_OK;
    TSR_TRY(tsr_comm_agree(session->comm, status));
    if (!goes_on(check)) {
        check->ends = true;
        return TSR_OK;
    }
    return tsr_comm_agree(session->comm, is_first(check) ? compare_results(check) : TSR_OK);
}

/* ---- tiles ---- */

static void tell_tiles(verification *check, int stage, const tsr_probe *probe, int64_t told) {
    const tsr_stored_stage *stored = &check->session->stored->stage[stage];
    const tsr_range tiles = tsr_probe_tiles(stored, probe), items = tsr_probe_items(stored, probe);
    tsr_findings_add_tiles(check->findings, &(tsr_findings_tiles){.stage = stored->name,
                                                                  .point = probe->point,
                                                                  .first_tile = tiles.begin,
                                                                  .last_tile = tiles.end - 1,
                                                                  .first_item = items.begin,
                                                                  .last_item = items.end - 1,
                                                                  .is_steady = probe->is_steady});
    if (told >= SHOWN) return;
    char which[64];
    snprintf(which, sizeof(which), tiles.end - tiles.begin == 1 ? "tile %" PRId64 : "tiles %" PRId64 " to %" PRId64,
             tiles.begin, tiles.end - 1);
    tsr_findings_add(check->findings, "tiles", false,
                     "stage %s, point %" PRId64 ", %s (items %" PRId64 " to %" PRId64 "): other numbers than %s",
                     stored->name, probe->point, which, items.begin, items.end - 1,
                     probe->is_steady ? "when it was written, the same both times that they were computed now"
                                      : "when it was written, and others each time: this machine is faulty");
}

static int64_t tell_differing(verification *check, int stage, const tsr_probe *probe, int64_t count) {
    int64_t wrong = 0;
    for (int64_t i = 0; i < count; i++)
        if (probe[i].differs) tell_tiles(check, stage, &probe[i], wrong++);
    if (wrong > SHOWN && is_first(check))
        tsr_findings_add(check->findings, "tiles", false, "stage %s: %" PRId64 " more like these",
                         check->session->stored->stage[stage].name, wrong - SHOWN);
    return wrong;
}

static tsr_status check_stage(verification *check, const tsr_run_options *how, int stage, int64_t count,
                              int64_t *wrong) {
    tsr_session *session = check->session;
    if (count == 0) return TSR_OK;
    tsr_probe *probe = calloc((size_t)count, sizeof(*probe));
    tsr_status status = probe != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for %" PRId64 " tiles", count);
    status = tsr_comm_agree(session->comm, status);
    if (status == TSR_OK) {
        tsr_sampled_choose(&session->stored->stage[stage], check->seed + (uint64_t)stage, count, probe);
        status = tsr_plan_probe(session->plan, session->comm, how, stage, probe, count);
    }
    if (status == TSR_OK) *wrong += tell_differing(check, stage, probe, count);
    free(probe);
    return status;
}

/* All tiles at once, with what the tallies make of them. */
static tsr_status refold_stage(verification *check, const tsr_run_options *how, int stage, int64_t *wrong) {
    const tsr_session *session = check->session;
    tsr_refolding refolding;
    const tsr_status status = tsr_plan_refold(session->plan, session->comm, how, stage, &refolding);
    if (status == TSR_OK) *wrong += tell_differing(check, stage, refolding.probe, refolding.wrong);
    if (status == TSR_OK && !refolding.same_state)
        tsr_findings_add(check->findings, "state", false, "stage %s: folded again, its state is another one",
                         session->stored->stage[stage].name);
    free(refolding.probe);
    return status;
}

static void say_sample(verification *check, int64_t looked, int64_t all, int64_t wrong) {
    const bool is_all = looked == all;
    if (wrong > 0)
        tsr_findings_add(check->findings, "tiles", false, "%" PRId64 " of %" PRId64 " that were computed again differ",
                         wrong, looked);
    else if (is_all)
        tsr_findings_add(check->findings, "tiles", true,
                         "all of them (%" PRId64 ") computed and folded again: the same numbers", all);
    else
        tsr_findings_add(check->findings, "tiles", true,
                         "%" PRId64 " of %" PRId64 " computed again: the same numbers (--seed %" PRIu64 ")", looked,
                         all, check->seed);
}

static tsr_status check_tiles(verification *check, const tsr_run_options *how) {
    const tsr_session *session = check->session;
    const int stages = session->job->stage_count;
    int64_t count[STAGES_MAX] = {0}, looked = 0, all = 0, wrong = 0;
    tsr_sampled_share(session->stored->stage, check->chosen, stages, check->tiles, count);
    for (int s = 0; s < stages; s++) {
        if (check->tiles < INT64_MAX)
            TSR_TRY(check_stage(check, how, s, count[s], &wrong));
        else if (check->chosen[s])
            TSR_TRY(refold_stage(check, how, s, &wrong));
        looked += count[s];
        all += check->chosen[s] ? tsr_sampled_groups(&session->stored->stage[s]) : 0;
    }
    say_sample(check, looked, all, wrong);
    return TSR_OK;
}

/* ---- the verdict ---- */

static tsr_status conclude(const verification *check) {
    const tsr_session *session = check->session;
    const int wrong = tsr_findings_wrong(check->findings);
    const char *writer = session->stored != NULL ? session->stored->revision : "unknown";
    const tsr_findings_heading heading = {
        .file = session->path, .written_by = writer, .checked_by = TSR_REVISION, .seed = check->seed};
    if (session->values.json) TSR_TRY(tsr_findings_print_json(check->findings, &heading, stdout));
    if (!session->values.json && !session->values.quiet)
        printf("written by revision %s of Tessera, checked by %s\n%s", writer, TSR_REVISION,
               wrong == 0 ? "nothing wrong found\n" : "");
    TSR_TRY(tsr_command_flush());
    TSR_REQUIRE(wrong == 0, TSR_ECHECKPOINT, "%s is not what was written, or not what this program computes",
                session->path);
    return TSR_OK;
}

/* ---- the whole ---- */

static tsr_status check_contents(verification *check) {
    tsr_session *session = check->session;
    TSR_TRY(take_job(check));
    const tsr_status inputs = is_first(check) ? check_inputs(check) : TSR_OK;
    TSR_TRY(tsr_comm_agree(session->comm, inputs));
    if (!goes_on(check)) return TSR_OK;
    tsr_progress_line line = tsr_progress_line_make(stderr);
    tsr_run_options how = tsr_session_options(session, &line);
    how.progress = NULL;
    TSR_TRY(check_results(check, &how));
    return check->ends ? TSR_OK : check_tiles(check, &how);
}

static tsr_status check_all(verification *check) {
    tsr_session *session = check->session;
    TSR_TRY(tsr_comm_agree(session->comm, is_first(check) ? check_file(check) : TSR_OK));
    if (goes_on(check)) TSR_TRY(check_contents(check));
    return tsr_comm_agree(session->comm, is_first(check) ? conclude(check) : TSR_OK);
}

static tsr_status work(tsr_session *session) {
    verification check = {.session = session, .seed = session->values.seed};
    const bool is_told = tsr_session_is_first(session) && !session->values.quiet && !session->values.json;
    if (check.seed == 0) check.seed = (uint64_t)time(NULL);
    session->comm->broadcast(session->comm, &check.seed, sizeof(check.seed), 0);
    tsr_status status = read_tiles(session->values.tiles, &check.tiles);
    if (status == TSR_OK) status = tsr_findings_create(is_told ? stdout : NULL, &check.findings);
    status = tsr_comm_agree(session->comm, status);
    if (status == TSR_OK) status = check_all(&check);
    tsr_findings_destroy(&check.findings);
    tsr_image_clear(&check.image);
    return status;
}

static tsr_status run_verify(int argc, char **argv) { return tsr_session_run(&tsr_command_verify, argc, argv, work); }

const tsr_command tsr_command_verify = {
    .name = "verify",
    .operands = "OUT",
    .summary = "Checks a result file, and computes some of its tiles again",
    .details = "OUT is a result file. Looked at are its seal, the digest of its state, its results (solved from the\n"
               "state again), the files that it has read, and tiles (chosen at random, or all), whose columns must be\n"
               "those of the run, bit for bit. What differs is named. It ends with 76 if anything is wrong.\n",
    .examples = "  tessera verify market-risk.h5\n"
                "  tessera verify market-risk.h5 --tiles 1000 --stage loss\n"
                "  mpirun -n 4 tessera verify market-risk.h5 --tiles all\n",
    .options = options,
    .is_collective = true,
    .run = run_verify,
};
