/* A command of the program: what help says about it, its options, and what it does. One file each. */
#ifndef TSR_CLI_COMMAND_H
#define TSR_CLI_COMMAND_H

#include "cli/options.h"

#include <stdbool.h>

typedef struct {
    const char *name;
    const char *operands; /* "JOB", "[NAME]", "FILE..." or "" */
    const char *summary;  /* one line */
    const char *details;  /* lines ending with a newline, or NULL */
    const char *examples; /* lines ending with a newline */
    const tsr_option *options;
    bool is_collective; /* works on all ranks of a launcher; else only the first process does anything */
    /* argv[0] is the command's name. TSR_EUSAGE and whatever the command's work returns. */
    tsr_status (*run)(int argc, char **argv);
} tsr_command;

extern const tsr_command tsr_command_run;
extern const tsr_command tsr_command_resume;
extern const tsr_command tsr_command_replay;
extern const tsr_command tsr_command_verify;
extern const tsr_command tsr_command_plan;
extern const tsr_command tsr_command_kernels;
extern const tsr_command tsr_command_inspect;
extern const tsr_command tsr_command_version;
extern const tsr_command tsr_command_help;

/* All of them, in the order of the help; ends with NULL. */
extern const tsr_command *const tsr_commands[];

/* NULL: no such command; then tsr_command_fail_unknown gives TSR_EUSAGE and names the nearest. */
const tsr_command *tsr_command_find(const char *name);
tsr_status tsr_command_fail_unknown(const char *name);

/* What the command line asks for, from main's arguments to the exit code: flushes stdout and prints what went wrong. */
int tsr_command_main(int argc, char **argv);

/* The rank that a launcher gave this process, as its environment says before MPI starts; 0 without a launcher. */
int tsr_command_rank(void);

/* Prints this thread's failure, unless another rank or an earlier call has said it. */
void tsr_command_say(tsr_status status);

/* Passes on a failure from before the ranks meet. What is wrong with the command line every rank finds by itself: only
 * the first process says it. */
tsr_status tsr_command_say_once(tsr_status status);

/* Writes out what was printed. TSR_EIO: that was impossible, other than for a reader that went away. */
tsr_status tsr_command_flush(void);

/* Reads the options and 0 or more operands of a command, at least and at most so many. TSR_EUSAGE. */
tsr_status tsr_command_parse(const tsr_command *command, int argc, char **argv, void *values, tsr_words *operands);

/* Help of the whole program, and of one command. */
void tsr_help_program(FILE *out);
void tsr_help_command(const tsr_command *command, FILE *out);

#endif
