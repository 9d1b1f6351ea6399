/* For tests: a node that computes wrongly. LD_PRELOAD of this flips one bit, once, in a block that a dataset's source
 * copies, on the rank that BAD_NODE names. The column counts 1, 2, 3 ..., by which it is known; the first number of the
 * block goes to the file bad_block. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 512 };

static int is_bad(void) {
    const char *rank = getenv("OMPI_COMM_WORLD_RANK"), *bad = getenv("BAD_NODE");
    return bad != NULL && strcmp(rank != NULL ? rank : "0", bad) == 0;
}

static void flip(double *block) {
    static int is_done;
    double first, second, third;
    unsigned char *byte = (unsigned char *)(block + 5);
    if (is_done || __atomic_exchange_n(&is_done, 1, __ATOMIC_RELAXED) != 0) return;
    first = block[0], second = block[1], third = block[2];
    is_done = first >= 1 && second == first + 1 && third == first + 2 && is_bad();
    if (!is_done) return;
    byte[0] ^= 1;
    FILE *note = fopen("bad_block", "w");
    if (note == NULL) abort();
    fprintf(note, "%.0f\n", first);
    fclose(note);
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    volatile unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < bytes; i++) out[i] = in[i];
    if (bytes == BLOCK_BYTES) flip(to);
    return to;
}
