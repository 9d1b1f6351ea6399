/* Placement: which CPUs the ranks and threads of a run may use, and what is wrong with that. A run with more threads
 * than CPUs gives the same results, but its times say nothing about scaling.
 * Layer 4. */
#ifndef TSR_ENGINE_PLACEMENT_H
#define TSR_ENGINE_PLACEMENT_H

#include "engine/comm.h"
#include "engine/cpus.h"

enum { TSR_ADVICE_BYTES = 1024, TSR_CPU_LIST_BYTES = 256, TSR_HOST_BYTES = 64 };

/* Who started the ranks. */
typedef enum { TSR_LAUNCHER_NONE, TSR_LAUNCHER_MPIRUN, TSR_LAUNCHER_SRUN } tsr_launcher;

/* How the run was started, so that advice can be a command line. */
typedef struct {
    tsr_launcher launcher;
    const char *command; /* the program and its arguments but --threads: "tessera run pi.yaml" */
    int threads;         /* asked for, per rank; 0: as many as the rank's share of the CPUs */
} tsr_launch;

/* One row per rank: what it may use, and what was found out about it. */
typedef struct {
    char host[TSR_HOST_BYTES];
    tsr_cpus mask;                 /* CPUs it may use */
    char cpus[TSR_CPU_LIST_BYTES]; /* the same as people write it: "0-3,8" */
    int cpu_count;
    int host_cpus;  /* CPUs of the host that it could have been given */
    int host_cores; /* cores among those */
    int threads;
    int host_first; /* lowest rank of its host */
    int host_end;   /* highest rank of its host, plus one */
    int group;      /* lowest rank whose CPUs it shares, directly or through others */
} tsr_rank_place;

typedef struct {
    int ranks;
    tsr_rank_place *place;         /* [ranks], on every rank */
    bool oversubscribed_threads;   /* a rank has more threads than CPUs it may use */
    bool oversubscribed_host;      /* ranks of one host together have more threads than their CPUs */
    bool overlapping;              /* ranks crowd on the same CPUs although the host has enough for all */
    bool idle;                     /* the launcher left CPUs of a host unused that nobody asked to leave */
    char advice[TSR_ADVICE_BYTES]; /* "" when all is well; else a sentence with the command line that is better */
} tsr_placement;

/* Who started this process, as the environment says before MPI starts and adds to it. Not collective. */
tsr_launcher tsr_launcher_find(void);

/* Collective: gathers what each rank may use and judges it. Allocates *out, the same on every rank. The threads this
 * rank should run are out->place[rank].threads. TSR_ERUNTIME: no memory (agreed). */
tsr_status tsr_placement_check(tsr_comm *comm, const tsr_launch *launch, tsr_placement **out);
void tsr_placement_destroy(tsr_placement **placement);

/* The pure part: from host, mask, host_cpus and host_cores of every row to everything else. Ranks that share CPUs share
 * them equally when launch->threads is 0. Not collective; thread-safe; allocates nothing. */
void tsr_placement_judge(tsr_placement *placement, const tsr_launch *launch);

#endif
