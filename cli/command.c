#include "cli/command.h"

#include "engine/arithmetic.h"
#include "engine/param.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const tsr_command *const tsr_commands[] = {
    &tsr_command_run,     &tsr_command_resume,  &tsr_command_replay,  &tsr_command_verify, &tsr_command_plan,
    &tsr_command_kernels, &tsr_command_inspect, &tsr_command_version, &tsr_command_help,   NULL};

enum { COMMANDS = sizeof(tsr_commands) / sizeof(tsr_commands[0]) - 1 };

const tsr_command *tsr_command_find(const char *name) {
    for (int i = 0; tsr_commands[i] != NULL; i++)
        if (strcmp(tsr_commands[i]->name, name) == 0) return tsr_commands[i];
    return NULL;
}

tsr_status tsr_command_fail_unknown(const char *name) {
    const char *names[COMMANDS + 1] = {0};
    char hint[TSR_HINT_BYTES];
    for (int i = 0; i < COMMANDS; i++) names[i] = tsr_commands[i]->name;
    tsr_nearest_hint(name, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "unknown command %.80s%s", name, hint);
}

int tsr_command_rank(void) {
    static const char *const signs[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        const char *rank = getenv(signs[i]);
        if (rank != NULL) return (int)strtol(rank, NULL, 10);
    }
    return 0;
}

static void fall_silent(void) {
    tsr_error error = *tsr_error_get();
    error.status = TSR_EPEER;
    tsr_error_set(&error);
}

void tsr_command_say(tsr_status status) {
    if (status == TSR_OK || tsr_error_get()->status == TSR_EPEER) return;
    fprintf(stderr, "tessera: %s\n", tsr_error_get()->message);
    fall_silent();
}

tsr_status tsr_command_say_once(tsr_status status) {
    if (status == TSR_EUSAGE && tsr_command_rank() > 0) fall_silent();
    return status;
}

/* ---- operands ---- */

/* How many operands the text of a command asks for: "JOB" one, "[NAME]" none or one. */
static void count_operands(const char *operands, int *least, int *most) {
    *most = operands[0] != '\0';
    *least = *most && operands[0] != '[';
    for (; *operands != '\0'; operands++)
        if (*operands == ' ') (*most)++;
}

tsr_status tsr_command_parse(const tsr_command *command, int argc, char **argv, void *values, tsr_words *operands) {
    int least, most;
    TSR_TRY(tsr_options_parse(command->options, command->name, argc, argv, values, operands));
    count_operands(command->operands, &least, &most);
    TSR_REQUIRE(operands->count >= least, TSR_EUSAGE, "%s: %s is missing: tessera %s %s", command->name,
                command->operands, command->name, command->operands);
    TSR_REQUIRE(operands->count <= most, TSR_EUSAGE, "%s: '%.80s' is one word too many: tessera %s %s", command->name,
                operands->word[most], command->name, command->operands);
    return TSR_OK;
}

/* ---- the command line ---- */

static bool wants_help(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

/* "tessera --help" and "tessera --version" are commands with dashes. */
static const char *name_of(const char *word) {
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return "help";
    return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0 ? "version" : word;
}

static tsr_status dispatch(int argc, char **argv) {
    if (argc < 2) {
        tsr_help_program(stderr);
        return TSR_FAIL(TSR_EUSAGE, "no command given");
    }
    const tsr_command *command = tsr_command_find(name_of(argv[1]));
    if (command == NULL) return tsr_command_say_once(tsr_command_fail_unknown(argv[1]));
    bool is_silent = !command->is_collective && tsr_command_rank() > 0;
    if (is_silent) return TSR_OK;
    if (wants_help(argc - 1, argv + 1) && command != &tsr_command_help) {
        if (tsr_command_rank() == 0) tsr_help_command(command, stdout);
        return TSR_OK;
    }
    return command->run(argc - 1, argv + 1);
}

/* A reader that closed the pipe has seen enough: no failure. */
tsr_status tsr_command_flush(void) {
    errno = 0;
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0) failed = true;
    if (failed && errno == EPIPE) clearerr(stdout);
    if (!failed || errno == EPIPE) return TSR_OK;
    return TSR_FAIL(TSR_EIO, "cannot write to standard output: %s",
                    errno ? strerror(errno) : "an earlier write failed");
}

int tsr_command_main(int argc, char **argv) {
    tsr_arithmetic_restore();
    tsr_status status = dispatch(argc, argv);
    tsr_status flushed = tsr_command_flush();
    if (status == TSR_OK) status = flushed;
    tsr_command_say(status);
    return tsr_status_exit_code(status);
}
