/* The compressed file of a sink, made from its part once all rows are there: chunks are shuffled and deflated by the
 * threads of all ranks, and put into the file in their order by one. */
#ifndef TSR_IO_ROWS_PACKING_H
#define TSR_IO_ROWS_PACKING_H

#include "engine/comm.h"
#include "io/sink/rows_file.h"
#include "io/sink/rows_place.h"

typedef struct {
    const tsr_rows_place *place;
    const tsr_rows_plan *plan; /* with its compression */
    const int64_t *offset;     /* [sets] of rows in the part */
} tsr_rows_packing;

/* Makes place->fresh, durable; the part stays as it is. Takes three chunks of memory a thread, and 8 bytes a chunk.
 * Collective; the verdict is agreed. TSR_EIO, TSR_ERUNTIME: no memory. */
tsr_status tsr_rows_packing_run(const tsr_rows_packing *packing, tsr_comm *comm, int threads);

#endif
