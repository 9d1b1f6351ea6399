/* What rank 0 has read of a stored run, for every rank. Internal to io/result.
 * Collective; the verdicts are agreed: TSR_ERUNTIME, no memory. Whatever is shared replaces what the other ranks hold,
 * which must be NULL or their own. */
#ifndef TSR_IO_STORED_SHARE_H
#define TSR_IO_STORED_SHARE_H

#include "engine/comm.h"
#include "engine/stored.h"

tsr_status tsr_stored_share_text(tsr_comm *comm, char **text);
tsr_status tsr_stored_share_integers(tsr_comm *comm, int64_t count, int64_t **words);
tsr_status tsr_stored_share_reals(tsr_comm *comm, int64_t count, double **values);

/* rows: states of each tally. */
tsr_status tsr_stored_share_tally(tsr_comm *comm, int64_t rows, tsr_stored_tally *tally);
tsr_status tsr_stored_share_tallies(tsr_comm *comm, int64_t count, int64_t rows, tsr_stored_tally **tally);

#endif
