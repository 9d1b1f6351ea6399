/* Options of a command: one table row each, which gives parsing, checks and help. Hides getopt. */
#ifndef TSR_CLI_OPTIONS_H
#define TSR_CLI_OPTIONS_H

#include "engine/status.h"

#include <stddef.h>
#include <stdio.h>

typedef enum {
    TSR_OPTION_FLAG,  /* bool: true when given */
    TSR_OPTION_TEXT,  /* const char *: the last one given */
    TSR_OPTION_WORDS, /* tsr_words: all that were given, in order */
    TSR_OPTION_COUNT, /* int: 1 .. TSR_COUNT_MAX */
    TSR_OPTION_SEED   /* uint64_t: 1 .. 2^63 - 1 */
} tsr_option_type;

enum { TSR_COUNT_MAX = 4096 };

/* One row; tables end with a row whose name is NULL. */
typedef struct {
    const char *name; /* without dashes: "threads" */
    char letter;      /* the same as one letter, or '\0' */
    tsr_option_type type;
    const char *value; /* how help calls its value: "N"; NULL for a flag */
    const char *help;  /* one line */
    size_t offset;     /* of the member in the command's struct of values */
} tsr_option;

/* Words of the command line, borrowed from argv. */
typedef struct {
    char **word; /* [count] */
    int count;
} tsr_words;

/* Reads argv[1] .. argv[argc - 1] by the table into *values (zeroed by the caller) and the rest into *operands. Options
 * may stand anywhere before "--". program: how messages call it, "run". Not thread-safe; allocates lists of
 * words, which tsr_options_clear frees also after a failure. TSR_EUSAGE: unknown option (names the nearest), value
 * missing, not wanted or out of range; TSR_ERUNTIME: no memory. */
tsr_status tsr_options_parse(const tsr_option *table, const char *program, int argc, char **argv, void *values,
                             tsr_words *operands);
void tsr_options_clear(const tsr_option *table, void *values);

/* The table as help: two aligned columns. */
void tsr_options_print(const tsr_option *table, FILE *out);

#endif
