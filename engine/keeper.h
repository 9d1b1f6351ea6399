/* The keeper: who decides when a run is put on record, and puts it there. The engine pauses, packs and hands over.
 * Layer 3. */
#ifndef TSR_ENGINE_KEEPER_H
#define TSR_ENGINE_KEEPER_H

#include "engine/pace.h"
#include "engine/stored.h"

/* A run in the midst of its work. Borrowed for the call. */
typedef struct {
    int stages;                    /* of the job */
    const tsr_stored_stage *stage; /* [stages]; without a name: nothing has been done for it */
    int at_hand;
    double share; /* of the tiles of the stage at hand that are done, as far as they are known, 0 .. 1 */
} tsr_snapshot;

typedef struct {
    /* Asked between tiles by thread 0 of every rank; what one rank wishes all get. What is wished stays so until keep
     * was called. Allocates nothing, takes well under a microsecond. */
    tsr_wish (*wish)(void *data);
    /* Puts the run on record; on rank 0 only. It may go on in the background unless stops is true, when it must be safe
     * on return. TSR_OK: go on; anything else ends the run, and what is returned for a stop should be TSR_ESTOPPED. */
    tsr_status (*keep)(const tsr_snapshot *snapshot, bool stops, void *data);
    void *data;
} tsr_keeper;

#endif
