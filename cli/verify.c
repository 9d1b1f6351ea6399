#include "cli/findings.h"
#include "cli/format.h"
#include "cli/recovery.h"
#include "cli/sampled.h"
#include "cli/scope.h"
#include "cli/session.h"

#include "engine/number.h"
#include "engine/refold.h"
#include "io/job/job.h"
#include "io/job/job_keys.h"
#include "io/result/image.h"
#include "io/result/result_check.h"
#include "io/result/seal.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TILES = 16, SHOWN = 20 };

static const char unknown[] = "unknown"; /* what a revision is outside of a repository */

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
    tsr_scope scope;
    uint64_t seed;
    int64_t tiles; /* INT64_MAX: all */
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

/* ---- findings ---- */

static bool is_first(const verification *check) { return tsr_session_is_first(check->session); }

/* What a check has found to be wrong becomes a finding. */
static tsr_status note_wrong(verification *check, const char *name, tsr_status status) {
    if (status != TSR_ECHECKPOINT) return status;
    tsr_findings_add(check->findings, name, false, "%s", tsr_error_get()->message);
    tsr_error_clear();
    return TSR_OK;
}

/* What comes after something that is damaged. */
static void skip_after(verification *check, const char *damaged, const char *why) {
    static const char *const name[] = {"seal", "state", "contents", "inputs", "results", "tiles"};
    size_t i = 0;
    while (strcmp(name[i], damaged) != 0) i++;
    for (i++; i < sizeof(name) / sizeof(name[0]); i++) tsr_findings_skip(check->findings, name[i], "%s", why);
}

/* Everything that was found wrong lies in the inputs. */
static bool is_as_written(const verification *check) {
    return tsr_findings_wrong(check->findings) == __builtin_popcountll(check->scope.lacking);
}

/* ---- the file ---- */

/* The state and the job; nothing is told before it is clear that what was asked for makes sense. */
static tsr_status take_state(verification *check) {
    tsr_session *session = check->session;
    TSR_TRY(tsr_stored_run_take(&check->image, &session->stored));
    TSR_TRY(tsr_session_parse_stored(session, NULL, 0, &session->job));
    return tsr_scope_make(session->job, session->stored, session->values.stage, &check->scope);
}

static void tell_seal(verification *check, tsr_seal seal) {
    if (seal == TSR_SEAL_WHOLE)
        tsr_findings_add(check->findings, "seal", true, "every byte is as it was written");
    else if (seal == TSR_SEAL_NONE)
        tsr_findings_add(check->findings, "seal", false,
                         "none: another program has changed the file since it was written, or cut off its end");
    else
        tsr_findings_add(check->findings, "seal", false, "broken: bytes have changed since the file was written");
}

static tsr_status check_contents(verification *check) {
    int64_t variables = 0;
    const int wrong = tsr_findings_wrong(check->findings);
    TSR_TRY(note_wrong(check, "contents", tsr_result_check_reads(&check->image, &variables)));
    if (tsr_findings_wrong(check->findings) == wrong)
        tsr_findings_add(check->findings, "contents", true, "%" PRId64 " variables can be read", variables);
    return TSR_OK;
}

static tsr_status check_state(verification *check, tsr_seal seal) {
    tsr_session *session = check->session;
    const tsr_status taken = take_state(check);
    if (taken != TSR_OK && taken != TSR_ECHECKPOINT) return taken;
    tell_seal(check, seal);
    if (taken == TSR_OK)
        tsr_findings_add(check->findings, "state", true, "its digest is %.12s...", session->stored->digest);
    else
        TSR_TRY(note_wrong(check, "state", taken));
    TSR_TRY(check_contents(check));
    if (taken == TSR_OK) return TSR_OK;
    skip_after(check, "contents", "its state cannot be trusted");
    tsr_job_destroy(&session->job);
    return TSR_OK;
}

static tsr_status check_file(verification *check) {
    const char *path = check->session->path;
    TSR_TRY(tsr_recovery_find_stopped(path));
    TSR_TRY(tsr_image_read(path, &check->image));
    const tsr_seal seal = tsr_seal_check(check->image.bytes, check->image.count);
    TSR_REQUIRE(seal != TSR_SEAL_NONE || tsr_image_is_one(path), TSR_ECHECKPOINT,
                "%s is no result file or checkpoint of Tessera", path);
    if (seal != TSR_SEAL_BROKEN) return check_state(check, seal);
    tell_seal(check, seal);
    skip_after(check, "seal", "the file is damaged");
    return TSR_OK;
}

/* The job is there, and nothing of what is whole is left to do. */
static tsr_status take_job(verification *check) {
    tsr_session *session = check->session;
    tsr_comm *comm = session->comm;
    TSR_TRY(tsr_stored_run_share(comm, &session->stored));
    session->plans_partly = true;
    TSR_TRY(tsr_session_share_job(session, TSR_OK));
    comm->broadcast(comm, &check->scope, sizeof(check->scope), 0);
    for (int64_t i = 0; i < session->stored->stages; i++)
        if ((check->scope.whole >> i & 1) != 0) session->stored->stage[i].progress = TSR_STORED_DONE;
    return tsr_session_place(session);
}

/* ---- what it is made of ---- */

static tsr_status compare_results(verification *check) {
    tsr_session *session = check->session;
    int64_t compared = 0;
    const int wrong = tsr_findings_wrong(check->findings);
    const tsr_run_record record = {.job = session->job,
                                   .outcome = session->outcome,
                                   .placement = session->placement,
                                   .digest = session->stored->digest,
                                   .threads = session->placement->place[0].threads};
    TSR_TRY(note_wrong(check, "results", tsr_result_check_values(&check->image, &record, &compared)));
    if (tsr_findings_wrong(check->findings) == wrong)
        tsr_findings_add(check->findings, "results", true,
                         "solved from the state again, %" PRId64 " variables are the same, bit for bit", compared);
    return TSR_OK;
}

/* Of the stages that can be computed again. */
static tsr_status solve_results(verification *check, const tsr_run_options *how) {
    tsr_session *session = check->session;
    const uint64_t wanted = tsr_scope_checkable(session->job, &check->scope);
    if (wanted == 0) return TSR_OK;
    tsr_status status = tsr_plan_run_some(session->plan, session->comm, how, wanted, &session->outcome);
    if (status == TSR_ECHECKPOINT) return note_wrong(check, "results", status);
    if (status == TSR_OK && is_first(check)) status = compare_results(check);
    return tsr_comm_agree(session->comm, status);
}

/* Stages that were asked for and cannot be computed again. */
static void skip_barred(verification *check, const char *name, uint64_t asked) {
    const tsr_job *job = check->session->job;
    const uint64_t barred = tsr_scope_barred(job, &check->scope) & asked;
    char names[TSR_SCOPE_NAMES_BYTES];
    tsr_scope_list(job, barred, names);
    if (barred != 0) tsr_findings_skip(check->findings, name, "of %s: the inputs are not what they were", names);
}

static tsr_status check_results(verification *check, const tsr_run_options *how) {
    if (check->session->stored->is_checkpoint) {
        tsr_findings_add(check->findings, "results", true, "none yet: this is a checkpoint of a run that was stopped");
        return TSR_OK;
    }
    TSR_TRY(solve_results(check, how));
    skip_barred(check, "results", UINT64_MAX);
    return TSR_OK;
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
    if (all == 0)
        tsr_findings_add(check->findings, "tiles", true,
                         "none are on record yet but those of a round that was not over");
    else if (wrong > 0)
        tsr_findings_add(check->findings, "tiles", false, "%" PRId64 " of %" PRId64 " that were computed again differ",
                         wrong, looked);
    else if (is_all)
        tsr_findings_add(check->findings, "tiles", true, "all of them (%" PRId64 ") computed again: the same numbers",
                         all);
    else
        tsr_findings_add(check->findings, "tiles", true,
                         "%" PRId64 " of %" PRId64 " computed again: the same numbers (--seed %" PRIu64 ")", looked,
                         all, check->seed);
}

/* Of a stage at hand no more is known than the prints of its tiles. */
static tsr_status check_stage_tiles(verification *check, const tsr_run_options *how, int stage, int64_t count,
                                    int64_t *wrong) {
    const bool is_whole = (check->scope.whole >> stage & 1) != 0;
    return check->tiles == INT64_MAX && is_whole && count > 0 ? refold_stage(check, how, stage, wrong)
                                                              : check_stage(check, how, stage, count, wrong);
}

static tsr_status check_tiles(verification *check, const tsr_run_options *how) {
    const tsr_session *session = check->session;
    const int stages = session->job->stage_count;
    const uint64_t checkable = tsr_scope_checkable(session->job, &check->scope) & check->scope.chosen;
    bool chosen[TSR_STAGES_MAX] = {false};
    int64_t count[TSR_STAGES_MAX] = {0}, looked = 0, all = 0, wrong = 0;
    for (int s = 0; s < stages; s++) chosen[s] = (checkable >> s & 1) != 0;
    tsr_sampled_share(session->stored->stage, chosen, stages, check->tiles, count);
    for (int s = 0; s < stages; s++) {
        TSR_TRY(note_wrong(check, "tiles", check_stage_tiles(check, how, s, count[s], &wrong)));
        looked += count[s];
        all += chosen[s] ? tsr_sampled_groups(&session->stored->stage[s]) : 0;
    }
    if (checkable != 0) say_sample(check, looked, all, wrong);
    skip_barred(check, "tiles", check->scope.chosen);
    return TSR_OK;
}

/* ---- the verdict ---- */

static bool is_sound(const verification *check) {
    return tsr_findings_wrong(check->findings) + tsr_findings_skipped(check->findings) == 0;
}

/* Revisions that are known. */
static void print_footer(const verification *check, const char *writer) {
    const bool is_known = strcmp(TSR_REVISION, unknown) != 0;
    if (writer != NULL) printf("written by revision %s of Tessera\n", writer);
    if (is_known) printf("checked by revision %s\n", TSR_REVISION);
    if (is_sound(check)) printf("nothing wrong found\n");
}

static tsr_status judge(const verification *check) {
    const char *path = check->session->path;
    if (is_sound(check)) return TSR_OK;
    TSR_REQUIRE(!is_as_written(check), TSR_ECHECKPOINT,
                "%s is as it was written; its inputs are not, so that not all of it could be checked", path);
    return TSR_FAIL(TSR_ECHECKPOINT, "%s is not what was written, or not what this program computes", path);
}

static tsr_status conclude(const verification *check) {
    const tsr_session *session = check->session;
    const char *writer = session->stored != NULL ? session->stored->revision : NULL;
    if (writer != NULL && strcmp(writer, unknown) == 0) writer = NULL;
    const tsr_findings_heading heading = {
        .file = session->path, .written_by = writer, .checked_by = TSR_REVISION, .seed = check->seed};
    if (session->values.json) TSR_TRY(tsr_findings_print_json(check->findings, &heading, stdout));
    if (!session->values.json && !session->values.quiet) print_footer(check, writer);
    TSR_TRY(tsr_command_flush());
    return judge(check);
}

/* ---- the whole ---- */

static tsr_status check_stages(verification *check) {
    tsr_session *session = check->session;
    tsr_progress_line line = tsr_progress_line_make(stderr);
    TSR_TRY(take_job(check));
    tsr_run_options how = tsr_session_options(session, &line);
    how.progress = NULL;
    how.no_sinks = true;
    TSR_TRY(tsr_scope_find_inputs(session->job, session->plan, session->stored, session->comm, check->findings,
                                  &check->scope));
    TSR_TRY(check_results(check, &how));
    return check_tiles(check, &how);
}

static tsr_status check_all(verification *check) {
    tsr_session *session = check->session;
    TSR_TRY(tsr_comm_agree(session->comm, is_first(check) ? check_file(check) : TSR_OK));
    uint64_t goes_on = session->job != NULL;
    session->comm->broadcast(session->comm, &goes_on, sizeof(goes_on), 0);
    if (goes_on) TSR_TRY(check_stages(check));
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
    .details =
        "OUT is a result file or a checkpoint. Looked at are its seal, the digest of its state, its results\n"
        "(solved from the state again), the files that it has read, and tiles (chosen at random, or all), whose\n"
        "columns must be those of the run, bit for bit. What differs is named, and what could not be checked.\n"
        "It ends with 76 if anything is wrong, or an input is missing.\n",
    .examples = "  tessera verify market-risk.h5\n"
                "  tessera verify market-risk.h5 --tiles 1000 --stage loss\n"
                "  mpirun -n 4 tessera verify market-risk.h5 --tiles all\n",
    .options = options,
    .is_collective = true,
    .run = run_verify,
};
