/* For tests: a node that computes wrongly. LD_PRELOAD of this flips the last bit, once, of a number that the source of
 * a dataset reads, on the rank that BAD_NODE names. Numbers beyond 101 are those of a column that counts 1, 2, 3 ...:
 * the one that is spoilt goes to the file bad_number. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OTHERS_MAX = 101 };

typedef bool (*begins_fn)(const char *text, const char **end, double *out);

bool tsr_number_begins(const char *text, const char **end, double *out);

static bool is_bad(void) {
    const char *rank = getenv("OMPI_COMM_WORLD_RANK"), *bad = getenv("BAD_NODE");
    return bad != NULL && strcmp(rank != NULL ? rank : "0", bad) == 0;
}

static void flip(double *value) {
    static bool is_done;
    if (*value <= OTHERS_MAX || !is_bad() || __atomic_exchange_n(&is_done, true, __ATOMIC_RELAXED)) return;
    FILE *note = fopen("bad_number", "w");
    if (note == NULL) abort();
    fprintf(note, "%.0f\n", *value);
    fclose(note);
    *(unsigned char *)value ^= 1;
}

bool tsr_number_begins(const char *text, const char **end, double *out) {
    begins_fn real;
    *(void **)&real = dlsym(RTLD_NEXT, "tsr_number_begins");
    const bool begins = real(text, end, out);
    if (begins) flip(out);
    return begins;
}
