/* Placement: which CPUs the ranks and threads of a run may use, and what is wrong with that.
 * Layer 4. */
#ifndef TSR_ENGINE_PLACEMENT_H
#define TSR_ENGINE_PLACEMENT_H

#include "engine/comm.h"

enum { TSR_ADVICE_BYTES = 1024, TSR_CPU_LIST_BYTES = 256, TSR_HOST_BYTES = 64 };

/* One row per rank. */
typedef struct {
    char host[TSR_HOST_BYTES];
    char cpus[TSR_CPU_LIST_BYTES]; /* "0-3,8" */
    int cpu_count;
    int threads;
} tsr_rank_place;

typedef struct {
    int ranks;
    tsr_rank_place *place;         /* [ranks], on every rank */
    bool oversubscribed_threads;   /* a rank has more threads than allowed CPUs */
    bool oversubscribed_host;      /* ranks of one host together have more threads than their CPUs */
    bool overlapping;              /* masks of two ranks of one host overlap although they need not */
    char advice[TSR_ADVICE_BYTES]; /* "" when all is well; else a sentence with the exact command line that fixes it */
} tsr_placement;

/* CPUs this process may use (its affinity mask). Not collective. */
int tsr_placement_allowed(void);

/* Collective: gathers masks and judges them. Allocates. */
tsr_status tsr_placement_check(tsr_comm *comm, int threads, tsr_placement **out);
void tsr_placement_destroy(tsr_placement **placement);

#endif
