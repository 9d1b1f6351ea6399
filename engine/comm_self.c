/* One process: every collective is the identity. It makes runs without a launcher start in a millisecond and most
 * tests independent of mpirun. */
#include "engine/comm.h"

#include <stdlib.h>
#include <string.h>

/* Memory that was asked for, newest first. */
typedef struct block {
    _Alignas(64) struct block *next;
} block;

typedef struct {
    tsr_comm base;
    block *blocks;
} self_comm;

static self_comm *self(tsr_comm *comm) { return (self_comm *)(void *)comm; }

static void self_barrier(tsr_comm *comm) { (void)comm; }

static void self_broadcast(tsr_comm *comm, void *data, int64_t bytes, int root) {
    (void)comm, (void)data, (void)bytes, (void)root;
}

static void self_sum(tsr_comm *comm, int64_t *words, int64_t count) { (void)comm, (void)words, (void)count; }

static void self_either(tsr_comm *comm, uint64_t *words, int64_t count) { (void)comm, (void)words, (void)count; }

static void self_best(tsr_comm *comm, tsr_record *records, int64_t count, int64_t group) {
    (void)comm, (void)records, (void)count, (void)group;
}

static void self_gather(tsr_comm *comm, const void *data, int64_t bytes, void *out) {
    (void)comm;
    memmove(out, data, (size_t)bytes);
}

static void *self_shared(tsr_comm *comm, int64_t bytes) {
    const size_t whole = sizeof(block) + (size_t)(bytes + 63) / 64 * 64;
    block *made = aligned_alloc(64, whole);
    if (made == NULL) return NULL;
    memset(made, 0, whole);
    made->next = self(comm)->blocks;
    self(comm)->blocks = made;
    return made + 1;
}

static void self_send(tsr_comm *comm, const tsr_message *message) {
    (void)comm, (void)message;
    tsr_assert_failed("nobody to send to", __FILE__, __LINE__);
}

static bool self_receive(tsr_comm *comm, tsr_message *message) {
    (void)comm, (void)message;
    return false;
}

static void self_abort(tsr_comm *comm, int exit_code) {
    (void)comm;
    _Exit(exit_code);
}

static void self_close(tsr_comm *comm) {
    block *next = self(comm)->blocks;
    while (next != NULL) {
        block *done = next;
        next = done->next;
        free(done);
    }
    free(comm);
}

static void *self_native(tsr_comm *comm) {
    (void)comm;
    return NULL;
}

tsr_status tsr_comm_self_open(tsr_comm **out) {
    self_comm *comm = calloc(1, sizeof(*comm));
    TSR_REQUIRE(comm != NULL, TSR_ERUNTIME, "no memory for the communicator");
    comm->base = (tsr_comm){.rank = 0,
                            .size = 1,
                            .host_rank = 0,
                            .host_size = 1,
                            .hosts = 1,
                            .is_mpi = false,
                            .barrier = self_barrier,
                            .broadcast = self_broadcast,
                            .sum = self_sum,
                            .either = self_either,
                            .best = self_best,
                            .gather = self_gather,
                            .shared = self_shared,
                            .send = self_send,
                            .receive = self_receive,
                            .abort = self_abort,
                            .close = self_close,
                            .native = self_native};
    *out = &comm->base;
    return TSR_OK;
}
