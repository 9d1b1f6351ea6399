#include "engine/comm.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every launcher that Open MPI works under (mpirun, srun --mpi=pmix) sets one of these for its processes. */
bool tsr_comm_is_launched(void) {
    static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (getenv(signs[i]) != NULL) return true;
    return false;
}

/* A task that srun started with the wrong PMI believes to be alone: N copies would do the same work. */
static tsr_status check_alone(void) {
    const char *promised = getenv("SLURM_STEP_NUM_TASKS");
    bool alone = promised == NULL || getenv("SLURM_STEP_ID") == NULL || atol(promised) <= 1;
    TSR_REQUIRE(alone, TSR_ERUNTIME,
                "Slurm started %s tasks, but each believes to be alone; start them with 'srun --mpi=pmix'", promised);
    return TSR_OK;
}

static tsr_status begin_roll(tsr_comm *comm) {
    const tsr_roll_place place = {.rank = comm->rank,
                                  .host_rank = comm->host_rank,
                                  .host_size = comm->host_size,
                                  .pages = comm->shared(comm, tsr_roll_bytes())};
    return tsr_comm_agree(comm, tsr_roll_create(&place, &comm->roll));
}

tsr_status tsr_comm_open(tsr_comm **out) {
    TSR_TRY(tsr_comm_is_launched() ? tsr_comm_mpi_open(out) : tsr_comm_self_open(out));
    TSR_TRY(begin_roll(*out));
    return (*out)->size > 1 ? TSR_OK : check_alone();
}

void tsr_comm_close(tsr_comm **comm) {
    if (comm == NULL || *comm == NULL) return;
    tsr_roll_destroy(&(*comm)->roll);
    (*comm)->close(*comm);
    *comm = NULL;
}

/* Where it is that memory or threads are missing: "no memory for a tally (rank 3, host n17)". What fails is agreed on
 * more than once on its way out. */
static void name_rank(const tsr_comm *comm) {
    char where[96], host[HOST_NAME_MAX + 1] = "";
    tsr_error error = *tsr_error_get();
    gethostname(host, sizeof(host) - 1);
    snprintf(where, sizeof(where), " (rank %d, host %.64s)", comm->rank, host);
    if (strstr(error.message, where) != NULL) return;
    const size_t room = sizeof(error.message) - strlen(where) - 1, length = strlen(error.message);
    memcpy(error.message + (length < room ? length : room), where, strlen(where) + 1);
    tsr_error_set(&error);
}

/* The lowest failing rank speaks; a rank that already holds a peer's verdict is not a source of one. Nothing is
 * allocated: what is agreed on may be that there is no memory. */
tsr_status tsr_comm_verdict(tsr_comm *comm, tsr_status mine) {
    if (comm->size == 1) return mine;
    const int64_t fails = mine != TSR_OK && tsr_error_get()->status != TSR_EPEER;
    int64_t failures = fails;
    comm->sum(comm, &failures, 1);
    if (failures == 0) return mine;
    tsr_record lowest = {.key = (uint64_t)fails, .item = comm->rank};
    comm->best(comm, &lowest, 1, 1);
    const int speaker = (int)lowest.item;

    if (comm->rank == speaker && mine == TSR_ERUNTIME) name_rank(comm);
    tsr_error verdict = *tsr_error_get();
    verdict.file = NULL; /* a pointer means nothing on another rank */
    if (comm->rank == speaker) verdict.status = mine;
    comm->broadcast(comm, &verdict, (int64_t)sizeof(verdict), speaker);
    if (comm->rank == speaker) return mine;
    tsr_status code = verdict.status;
    verdict.status = TSR_EPEER;
    tsr_error_set(&verdict);
    return code;
}
