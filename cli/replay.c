#include "cli/named_stage.h"
#include "cli/recovery.h"
#include "cli/replay_print.h"
#include "cli/session.h"

#include "engine/number.h"
#include "engine/replay.h"
#include "engine/shell.h"
#include "io/job/job.h"

#include <stdlib.h>
#include <string.h>

static const tsr_option options[] = {
    {"item", 'i', TSR_OPTION_TEXT, "I", "which item, from 0 on (of chains: which chain)",
     offsetof(tsr_session_values, item)},
    {"stage", '\0', TSR_OPTION_TEXT, "STAGE", "of which stage (needed where the job has several)",
     offsetof(tsr_session_values, stage)},
    {"point", 'p', TSR_OPTION_TEXT, "P", "at which point of a sweep, from 0 on (default: 0)",
     offsetof(tsr_session_values, point)},
    {"row", 'r', TSR_OPTION_TEXT, "R", "which row of a chain, with its random numbers (default: the first and last)",
     offsetof(tsr_session_values, row)},
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "change the job, as in run (not that of a result file)",
     offsetof(tsr_session_values, set)},
    TSR_OPTION_ROW_THREADS,
    TSR_OPTION_ROW_OVERSUBSCRIBE,
    TSR_OPTION_ROW_QUIET,
    TSR_OPTION_ROW_JSON,
    {.name = NULL},
};

/* ---- what is asked for ---- */

static tsr_status read_number(const char *option, const char *text, int64_t *out) {
    const bool fits = tsr_number_read_integer(text, out) == TSR_NUMBER_OK && *out >= 0;
    TSR_REQUIRE(fits, TSR_EUSAGE, "replay: --%s %.80s: it must be a whole number from 0 on", option, text);
    return TSR_OK;
}

static tsr_status find_stage(const tsr_job *job, const char *name, int *out) {
    *out = 0;
    if (name == NULL && job->stage_count == 1) return TSR_OK;
    TSR_REQUIRE(name != NULL, TSR_EUSAGE, "replay: the job has %d stages; say which one, for example --stage %s",
                job->stage_count, job->stages[job->stage_count - 1].name);
    return tsr_named_stage(job, "replay", name, out);
}

static tsr_status read_wish(const tsr_session *session, tsr_replay_wish *out) {
    const tsr_session_values *values = &session->values;
    *out = (tsr_replay_wish){.row = -1};
    TSR_REQUIRE(values->item != NULL, TSR_EUSAGE, "replay: --item is missing: tessera replay %.400s --item 0",
                tsr_shell_word(session->path).text);
    TSR_TRY(find_stage(session->job, values->stage, &out->stage));
    TSR_TRY(read_number("item", values->item, &out->item));
    if (values->point != NULL) TSR_TRY(read_number("point", values->point, &out->point));
    if (values->row != NULL) TSR_TRY(read_number("row", values->row, &out->row));
    return TSR_OK;
}

/* ---- work ---- */

/* A result file has the job, and the results of earlier stages; a job file is enough where a run left no results. */
static tsr_status read_job(tsr_session *session) {
    const tsr_words *set = &session->values.set;
    TSR_TRY(tsr_recovery_find_stopped(session->path));
    if (!tsr_stored_run_is_one(session->path))
        return tsr_job_read(session->path, (const char *const *)set->word, set->count, session->catalog, &session->job);
    TSR_REQUIRE(set->count == 0, TSR_EUSAGE, "replay: --set goes with a job file; the job of %.400s is what it was",
                session->path);
    TSR_TRY(tsr_stored_run_read(session->path, &session->stored));
    tsr_session_note_seal(session);
    return tsr_session_parse_stored(session, NULL, 0, &session->job);
}

static tsr_status print(const tsr_session *session, const tsr_replay_wish *wish, const tsr_replay *replay) {
    TSR_TRY(session->values.json ? tsr_replay_print_json(session->job, wish, replay, stdout)
                                 : tsr_replay_print(session->job, wish, replay, stdout));
    return tsr_command_flush();
}

static tsr_status work(tsr_session *session) {
    tsr_replay_wish wish;
    tsr_replay *replay = NULL;
    TSR_TRY(tsr_session_share_job(session, read_job(session)));
    TSR_TRY(read_wish(session, &wish));
    TSR_TRY(tsr_session_place(session));
    tsr_progress_line line = tsr_progress_line_make(stderr);
    tsr_run_options how = tsr_session_options(session, &line);
    how.no_sinks = true;
    tsr_status status = tsr_plan_replay(session->plan, session->comm, &how, &wish, &replay);
    tsr_progress_line_clear(&line);
    if (status != TSR_OK) return status;
    status = print(session, &wish, replay);
    if (status == TSR_OK) status = replay->status;
    tsr_replay_destroy(&replay);
    return status;
}

static tsr_status run_replay(int argc, char **argv) { return tsr_session_run(&tsr_command_replay, argc, argv, work); }

const tsr_command tsr_command_replay = {
    .name = "replay",
    .operands = "FILE",
    .summary = "Computes one item alone and shows what it took and what became of it",
    .details = "FILE is a result file or a job file. Shown are the parameters at the item's point, the random numbers\n"
               "that the item takes, the columns of the source and of every map: bit for bit what a run sees.\n"
               "Stages whose results the item's stage reads come from the result file, or run first.\n",
    .examples = "  tessera replay pi.h5 --item 4711\n"
                "  tessera replay option-surface.h5 --point 3 --item 17 --json\n"
                "  tessera replay ising.h5 --item 2 --row 100                    (of a chain)\n"
                "  tessera replay market-risk.yaml --stage loss --item 0         (no results yet)\n",
    .options = options,
    .run = run_replay,
};
