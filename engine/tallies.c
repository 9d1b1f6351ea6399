#include "engine/tallies.h"

/* One row a tally: its file defines tsr_tally_<row>. */
#define TALLY_LIST(ROW) ROW(moments)

#define TALLY_DECLARE(name) extern const tsr_tally tsr_tally_##name;
TALLY_LIST(TALLY_DECLARE)

#define TALLY_ROW(name) &tsr_tally_##name,
const tsr_tally *const tsr_tallies[] = {TALLY_LIST(TALLY_ROW) NULL};
