/* A stage's state as it stands in a result file. Internal to io/result.
 * Not collective, not thread-safe. */
#ifndef TSR_IO_STORED_STAGE_H
#define TSR_IO_STORED_STAGE_H

#include "engine/stored.h"
#include "io/result/contents.h"
#include "io/result/digest.h"
#include "io/result/h5_read.h"

/* Reads a member of the group /state, all but point_items. Allocates what *out points at, also when it fails.
 * room: as of tsr_h5_take. TSR_EDATA: incomplete or impossible, or more
 * than there is room for; TSR_EIO; TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_stage_read(hid_t group, int64_t *room, tsr_stored_stage *out);

/* Reads one tally of so many states. */
tsr_status tsr_stored_tally_read(hid_t group, int64_t rows, int64_t *room, tsr_stored_tally *out);

/* Adds a group of the tally's name with its states, which are borrowed. */
void tsr_stored_tally_add(const tsr_stored_tally *tally, int64_t rows, tsr_contents *contents, int group);

/* What the digest of a run has of this stage. */
void tsr_stored_stage_hash(const tsr_stored_stage *stage, tsr_digest *digest);

#endif
