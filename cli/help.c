#include "cli/command.h"

static void print_examples(const char *examples, FILE *out) { fprintf(out, "\nExamples:\n%s", examples); }

void tsr_help_program(FILE *out) {
    fputs("Tessera runs Monte Carlo simulations and passes over datasets, on one core or a cluster: the same bits on "
          "any.\n"
          "\n"
          "Usage: tessera COMMAND ...\n"
          "\n"
          "Commands:\n",
          out);
    for (const tsr_command *const *command = tsr_commands; *command != NULL; command++)
        fprintf(out, "  %-9s %s\n", (*command)->name, (*command)->summary);
    print_examples("  tessera run pi.yaml                   on all cores of this machine\n"
                   "  mpirun -n 4 tessera run pi.yaml       on 4 ranks, with the same result\n"
                   "  tessera run --help                    all about one command\n",
                   out);
    fputs("\nExit codes: 0 done, 64 command line or job, 65 numbers, 66 input data, 70 a defect of Tessera,\n"
          "71 memory or MPI, 74 output, 75 stopped and on record, 76 a damaged file or another job.\n",
          out);
}

void tsr_help_command(const tsr_command *command, FILE *out) {
    fprintf(out, "%s.\n\nUsage: tessera %s%s%s%s\n", command->summary, command->name, command->operands[0] ? " " : "",
            command->operands, command->options[0].name ? " [OPTION]..." : "");
    if (command->details != NULL) fprintf(out, "\n%s", command->details);
    if (command->options[0].name != NULL) fputs("\nOptions:\n", out);
    tsr_options_print(command->options, out);
    print_examples(command->examples, out);
}

static const tsr_option options[] = {{.name = NULL}};

static tsr_status help(int argc, char **argv) {
    tsr_words operands;
    if (argc > 1 && argv[1][0] == '-') argc = 1; /* help --help */
    TSR_TRY(tsr_command_parse(&tsr_command_help, argc, argv, NULL, &operands));
    if (operands.count == 0) {
        tsr_help_program(stdout);
        return TSR_OK;
    }
    const tsr_command *command = tsr_command_find(operands.word[0]);
    if (command == NULL) return tsr_command_fail_unknown(operands.word[0]);
    tsr_help_command(command, stdout);
    return TSR_OK;
}

const tsr_command tsr_command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Explains the program, or one command",
    .examples = "  tessera help run\n",
    .options = options,
    .run = help,
};
