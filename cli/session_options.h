/* The options of commands that work on a job: what they say, and rows that several of them have in their tables. */
#ifndef TSR_CLI_SESSION_OPTIONS_H
#define TSR_CLI_SESSION_OPTIONS_H

#include "cli/limits.h"
#include "cli/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the options of these commands say; a command has those that it lists in its table. */
typedef struct {
    tsr_words set;
    tsr_words items; /* of stages */
    const char *stage;
    const char *point;
    const char *item;
    const char *row;
    const char *tiles;
    uint64_t seed;
    const char *out;
    bool force;
    int threads;
    bool oversubscribe;
    bool quiet;
    bool json;
    uint64_t shuffle;
    const char *stall_limit;
    bool resume;
    bool break_lock;
    tsr_limit_texts limits;
} tsr_session_values;

/* Rows that several commands have in their tables of options. */
#define TSR_OPTION_ROW_THREADS                                                                                         \
    {                                                                                                                  \
        "threads", '\0', TSR_OPTION_COUNT, "N", "threads per rank (default: OMP_NUM_THREADS, or all CPUs it may use)", \
            offsetof(tsr_session_values, threads)                                                                      \
    }
#define TSR_OPTION_ROW_OVERSUBSCRIBE                                                                                   \
    {                                                                                                                  \
        "oversubscribe", '\0', TSR_OPTION_FLAG, NULL, "allow more threads than CPUs: same results, but slow",          \
            offsetof(tsr_session_values, oversubscribe)                                                                \
    }
#define TSR_OPTION_ROW_QUIET                                                                                           \
    {                                                                                                                  \
        "quiet", 'q', TSR_OPTION_FLAG, NULL, "print nothing but errors, and what --json asks for",                     \
            offsetof(tsr_session_values, quiet)                                                                        \
    }
#define TSR_OPTION_ROW_JSON                                                                                            \
    { "json", 'j', TSR_OPTION_FLAG, NULL, "print the results as one JSON object", offsetof(tsr_session_values, json) }
#define TSR_OPTION_ROW_SHUFFLE                                                                                         \
    {                                                                                                                  \
        "shuffle-tiles", '\0', TSR_OPTION_SEED, "SEED", "for tests: another order of work, which must change nothing", \
            offsetof(tsr_session_values, shuffle)                                                                      \
    }
#define TSR_OPTION_ROW_STALL                                                                                           \
    {                                                                                                                  \
        "stall-limit", '\0', TSR_OPTION_TEXT, "TIME", "end after so long without progress (default: 30m; never)",      \
            offsetof(tsr_session_values, stall_limit)                                                                  \
    }

/* What commands have that compute for long. */
#define TSR_OPTION_ROWS_KEEPING                                                                                        \
    {"checkpoint-every",                                                                                               \
     '\0',                                                                                                             \
     TSR_OPTION_TEXT,                                                                                                  \
     "TIME",                                                                                                           \
     "put the run on record so often: 30, 5m, 1h (default: 1m; never)",                                                \
     offsetof(tsr_session_values, limits.checkpoint_every)},                                                           \
        {"mtbf",                                                                                                       \
         '\0',                                                                                                         \
         TSR_OPTION_TEXT,                                                                                              \
         "TIME",                                                                                                       \
         "mean time between failures of all nodes: gives that interval",                                               \
         offsetof(tsr_session_values, limits.mtbf)},                                                                   \
        {"max-time",                                                                                                   \
         '\0',                                                                                                         \
         TSR_OPTION_TEXT,                                                                                              \
         "TIME",                                                                                                       \
         "stop in time for this, on record (exit code 75): 90, 15m, 2:00:00",                                          \
         offsetof(tsr_session_values, limits.max_time)},                                                               \
    {                                                                                                                  \
        "break-lock", '\0', TSR_OPTION_FLAG, NULL, "the run that holds the lock of the file is dead: take it over",    \
            offsetof(tsr_session_values, break_lock)                                                                   \
    }
#define TSR_OPTION_ROWS_COMPUTING                                                                                      \
    TSR_OPTION_ROW_THREADS, TSR_OPTION_ROW_OVERSUBSCRIBE, TSR_OPTION_ROW_STALL, TSR_OPTION_ROW_QUIET,                  \
        TSR_OPTION_ROW_JSON, TSR_OPTION_ROWS_KEEPING, TSR_OPTION_ROW_SHUFFLE

#endif
