/* The ranks: the only door to MPI. A table of operations with two implementations:
 * comm_mpi.c, and comm_self.c for one process (no MPI_Init, no waiting).
 * Layer 3. All operations are collective and must be called by one thread per rank (funnelled), unless said otherwise.
 */
#ifndef TSR_ENGINE_COMM_H
#define TSR_ENGINE_COMM_H

#include "engine/roll.h"
#include "engine/state.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tsr_comm tsr_comm;

/* A small message of the scheduler, from one rank to another. */
enum { TSR_MESSAGE_WORDS = 4 };
typedef struct {
    int rank; /* whom it came from, or goes to */
    int64_t word[TSR_MESSAGE_WORDS];
} tsr_message;

struct tsr_comm {
    int rank;
    int size;
    int host_rank; /* among the ranks of this host */
    int host_size;
    int hosts;
    bool is_mpi;
    int64_t schedules; /* made so far, the same on all ranks: messages tell which one they belong to */
    tsr_roll *roll;    /* where the ranks of this host are, or NULL; waits are entered into it */

    void (*barrier)(tsr_comm *comm);
    /* root's bytes to all. */
    void (*broadcast)(tsr_comm *comm, void *data, int64_t bytes, int root);
    /* Sum over ranks, in place, on all ranks. Any length (split below 2^30). */
    void (*sum)(tsr_comm *comm, int64_t *words, int64_t count);
    /* Bitwise or over ranks, in place. */
    void (*either)(tsr_comm *comm, uint64_t *words, int64_t count);
    /* The better records over ranks, in place: count groups of so many records each (1: each stands alone). */
    void (*best)(tsr_comm *comm, tsr_record *records, int64_t count, int64_t group);
    /* bytes from each rank, in rank order, to all: out [size, bytes]. */
    void (*gather)(tsr_comm *comm, const void *data, int64_t bytes, void *out);

    /* Zeroed memory of bytes for each rank of this host in turn, which all of them see; 64-byte aligned if bytes are.
     * NULL on all ranks of a host that has no room for it. Borrowed until the comm is closed. */
    void *(*shared)(tsr_comm *comm, int64_t bytes);

    /* Not collective. send is buffered: it returns at once. receive: false if nothing has arrived. */
    void (*send)(tsr_comm *comm, const tsr_message *message);
    bool (*receive)(tsr_comm *comm, tsr_message *message);

    /* Ends every rank at once with this exit code. Not collective; thread 0 only. */
    void (*abort)(tsr_comm *comm, int exit_code);
    /* Finalises and frees. */
    void (*close)(tsr_comm *comm);
    /* The native communicator (MPI_Comm *) for parallel HDF5, or NULL. */
    void *(*native)(tsr_comm *comm);
};

/* One process. Never fails but for memory. */
tsr_status tsr_comm_self_open(tsr_comm **out);

/* MPI_COMM_WORLD's ranks with MPI_THREAD_FUNNELED. TSR_ERUNTIME: MPI gives less; *out must be closed all the same. */
tsr_status tsr_comm_mpi_open(tsr_comm **out);

/* True if a launcher (mpirun, srun) started this process as one of several or as an MPI job. */
bool tsr_comm_is_launched(void);

/* Whatever fits: MPI under a launcher, one process otherwise. TSR_ERUNTIME: alone where Slurm promises more (wrong
 * PMI), or as tsr_comm_mpi_open; if *out is not NULL it must be closed all the same. */
tsr_status tsr_comm_open(tsr_comm **out);
void tsr_comm_close(tsr_comm **comm);

/* What tsr_comm_agree does, but for telling analyzers that who has failed never leaves with TSR_OK. */
tsr_status tsr_comm_verdict(tsr_comm *comm, tsr_status mine);

/* Collective: all ranks leave with the same verdict. If any rank failed, the lowest failing one keeps its code and
 * record; all others return the same code and hold a record of status TSR_EPEER with the same sentence. The sentence
 * of a TSR_ERUNTIME says which of several ranks it is. */
static inline tsr_status tsr_comm_agree(tsr_comm *comm, tsr_status mine) {
    const tsr_status verdict = tsr_comm_verdict(comm, mine);
    TSR_ASSERT(verdict != TSR_OK || mine == TSR_OK);
    return verdict;
}

#endif
