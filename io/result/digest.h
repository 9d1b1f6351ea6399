/* The digest: SHA-256 over the integer state of a run. Two runs with equal digests came out with the same bits.
 *
 * What is hashed, stage by stage: the stage's name and a NUL, the number of points, the number of tallies; then for
 * each point (row-major over the axes) and each tally: the tally's name and a NUL, the number of packed words
 * (tsr_state_pack), the packed words. All numbers are int64, little-endian. */
#ifndef TSR_IO_DIGEST_H
#define TSR_IO_DIGEST_H

#include "engine/run.h"

enum { TSR_DIGEST_CHARS = 65 }; /* 64 hexadecimal digits and a NUL */

typedef struct tsr_digest tsr_digest;

/* Piece by piece, in the order given above. Not collective; thread-safe on different digests.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_digest_create(tsr_digest **out);
void tsr_digest_destroy(tsr_digest **digest);
void tsr_digest_begin_stage(tsr_digest *digest, const char *name, int64_t points, int64_t tallies);
void tsr_digest_add_state(tsr_digest *digest, const char *tally, const int64_t *words, int64_t count);
void tsr_digest_end(tsr_digest *digest, char hex[TSR_DIGEST_CHARS]);

/* Of a finished run, or of one of its stages. Not collective: merged states are equal on all ranks, and so is the
 * digest. TSR_ERUNTIME: no memory. */
tsr_status tsr_digest_outcome(const tsr_outcome *outcome, char hex[TSR_DIGEST_CHARS]);
tsr_status tsr_digest_stage(const tsr_stage_outcome *stage, char hex[TSR_DIGEST_CHARS]);

#endif
