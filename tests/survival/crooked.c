/* To be preloaded: a library that changes how the processor rounds, as one built with -ffast-math does, when it is
 * loaded or when MPI begins. TSR_CROOKED: "start" or "mpi", then a bit mask of the control register (MXCSR), in hex. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmmintrin.h>

static void bend(const char *when) {
    const char *wish = getenv("TSR_CROOKED");
    const size_t length = strlen(when);
    if (wish == NULL || strncmp(wish, when, length) != 0) return;
    _mm_setcsr(_mm_getcsr() | (unsigned)strtoul(wish + length, NULL, 16));
}

__attribute__((constructor)) static void load(void) { bend("start"); }

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
    const int code = PMPI_Init_thread(argc, argv, required, provided);
    bend("mpi");
    return code;
}
