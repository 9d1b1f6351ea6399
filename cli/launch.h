/* How this run was started: threads asked for, and the command line as one could type it again. */
#ifndef TSR_CLI_LAUNCH_H
#define TSR_CLI_LAUNCH_H

#include "engine/status.h"

#include <stdbool.h>

/* Threads per rank that somebody asked for: `option` if not 0, else OMP_NUM_THREADS; 0 when nobody did.
 * TSR_EUSAGE: OMP_NUM_THREADS is not a whole number from 1 on. */
tsr_status tsr_launch_threads(int option, int *out);

/* The program and argv[0] .. argv[argc - 1], quoted for a shell. Call before options are parsed, which reorders argv.
 * without_threads: leaves out --threads and --oversubscribe, for advice. Allocates (free); NULL: no memory. */
char *tsr_launch_command(int argc, char *const *argv, bool without_threads);

#endif
