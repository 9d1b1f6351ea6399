/* Prints of tiles in a file. Internal to io/result. Not thread-safe. */
#ifndef TSR_IO_STORED_PRINTS_H
#define TSR_IO_STORED_PRINTS_H

#include "engine/comm.h"
#include "engine/prints.h"
#include "io/result/contents.h"
#include "io/result/h5_read.h"

/* Adds prints, which are borrowed, to a group. */
void tsr_stored_prints_add(const tsr_prints *prints, tsr_contents *contents, int group);

/* Reads them from a group, for so many points. Not collective; allocates what *out points at, also when it fails.
 * room: bytes that the file can still hold; what was read is taken off. TSR_EDATA: incomplete or impossible; TSR_EIO;
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_prints_read(hid_t group, int64_t points, int64_t *room, tsr_prints *out);

/* Reads those that the group /integrity has of a stage. As above. */
tsr_status tsr_stored_prints_find(hid_t file, int64_t index, int64_t points, int64_t *room, tsr_prints *out);

/* Rank 0's for every rank. Collective; the verdict is agreed. TSR_ERUNTIME. */
tsr_status tsr_stored_prints_share(tsr_comm *comm, tsr_prints *prints);

#endif
