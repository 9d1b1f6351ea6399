/* The ranks of MPI_COMM_WORLD. MPI errors stay fatal (MPI_ERRORS_ARE_FATAL): a broken MPI cannot be repaired from
 * inside, so these functions return values, not statuses. Claims are two-sided messages, because one-sided windows
 * do not work between hosts with Open MPI 4.1 as packaged. */
#include "engine/comm.h"

#include <mpi.h>
#include <stdlib.h>

enum { MESSAGE_TAG = 7, SENDS_MAX = 64, PART_WORDS = 1 << 27 };

typedef struct {
    tsr_comm base;
    MPI_Comm world;
    MPI_Op record_op;
    int64_t outgoing[SENDS_MAX][TSR_MESSAGE_WORDS]; /* buffers of sends on their way, used in turn */
    MPI_Request request[SENDS_MAX];
    int sends;
} mpi_comm;

static mpi_comm *self(tsr_comm *comm) { return (mpi_comm *)(void *)comm; }

static void mpi_barrier(tsr_comm *comm) { MPI_Barrier(self(comm)->world); }

static void mpi_broadcast(tsr_comm *comm, void *data, int64_t bytes, int root) {
    for (char *part = data; bytes > 0; part += PART_WORDS, bytes -= PART_WORDS)
        MPI_Bcast(part, bytes < PART_WORDS ? (int)bytes : PART_WORDS, MPI_BYTE, root, self(comm)->world);
}

/* MPI counts are int, and some transfers break at 2^31 bytes: long rows travel in parts. */
static void reduce_words(tsr_comm *comm, void *words, int64_t count, MPI_Datatype type, MPI_Op op) {
    for (int64_t *part = words; count > 0; part += PART_WORDS, count -= PART_WORDS)
        MPI_Allreduce(MPI_IN_PLACE, part, count < PART_WORDS ? (int)count : PART_WORDS, type, op, self(comm)->world);
}

static void mpi_sum(tsr_comm *comm, int64_t *words, int64_t count) {
    reduce_words(comm, words, count, MPI_INT64_T, MPI_SUM);
}

static void mpi_either(tsr_comm *comm, uint64_t *words, int64_t count) {
    reduce_words(comm, words, count, MPI_UINT64_T, MPI_BOR);
}

/* One element is one group; its size is that of the type. */
static void better_records(void *from, void *into, int *count, MPI_Datatype *type) {
    int bytes;
    MPI_Type_size(*type, &bytes);
    const int64_t group = bytes / (int)sizeof(tsr_record);
    for (int i = 0; i < *count; i++)
        tsr_records_add((tsr_record *)into + i * group, (const tsr_record *)from + i * group, group);
}

static void mpi_best(tsr_comm *comm, tsr_record *records, int64_t count, int64_t group) {
    mpi_comm *mpi = self(comm);
    TSR_ASSERT(group >= 1 && count * group < PART_WORDS);
    if (count == 0) return;
    MPI_Datatype type;
    MPI_Type_contiguous((int)(2 * group), MPI_INT64_T, &type);
    MPI_Type_commit(&type);
    MPI_Allreduce(MPI_IN_PLACE, records, (int)count, type, mpi->record_op, mpi->world);
    MPI_Type_free(&type);
}

static void mpi_gather(tsr_comm *comm, const void *data, int64_t bytes, void *out) {
    TSR_ASSERT(bytes < PART_WORDS);
    MPI_Allgather(data, (int)bytes, MPI_BYTE, out, (int)bytes, MPI_BYTE, self(comm)->world);
}

static void mpi_send(tsr_comm *comm, const tsr_message *message) {
    mpi_comm *mpi = self(comm);
    int slot = mpi->sends++ % SENDS_MAX;
    MPI_Wait(&mpi->request[slot], MPI_STATUS_IGNORE);
    for (int i = 0; i < TSR_MESSAGE_WORDS; i++) mpi->outgoing[slot][i] = message->word[i];
    MPI_Isend(mpi->outgoing[slot], TSR_MESSAGE_WORDS, MPI_INT64_T, message->rank, MESSAGE_TAG, mpi->world,
              &mpi->request[slot]);
}

static bool mpi_receive(tsr_comm *comm, tsr_message *message) {
    mpi_comm *mpi = self(comm);
    int arrived = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MESSAGE_TAG, mpi->world, &arrived, &status);
    if (!arrived) return false;
    MPI_Recv(message->word, TSR_MESSAGE_WORDS, MPI_INT64_T, status.MPI_SOURCE, MESSAGE_TAG, mpi->world,
             MPI_STATUS_IGNORE);
    message->rank = status.MPI_SOURCE;
    return true;
}

static void mpi_abort(tsr_comm *comm, int exit_code) { MPI_Abort(self(comm)->world, exit_code); }

static void mpi_close(tsr_comm *comm) {
    mpi_comm *mpi = self(comm);
    MPI_Waitall(SENDS_MAX, mpi->request, MPI_STATUSES_IGNORE);
    MPI_Op_free(&mpi->record_op);
    MPI_Comm_free(&mpi->world);
    MPI_Finalize();
    free(mpi);
}

static void *mpi_native(tsr_comm *comm) { return &self(comm)->world; }

/* Which ranks share this host, and how many hosts there are. */
static void find_hosts(mpi_comm *mpi) {
    MPI_Comm host;
    MPI_Comm_split_type(mpi->world, MPI_COMM_TYPE_SHARED, mpi->base.rank, MPI_INFO_NULL, &host);
    MPI_Comm_rank(host, &mpi->base.host_rank);
    MPI_Comm_size(host, &mpi->base.host_size);
    MPI_Comm_free(&host);
    int leads = mpi->base.host_rank == 0;
    MPI_Allreduce(&leads, &mpi->base.hosts, 1, MPI_INT, MPI_SUM, mpi->world);
}

static const tsr_comm operations = {.is_mpi = true,
                                    .barrier = mpi_barrier,
                                    .broadcast = mpi_broadcast,
                                    .sum = mpi_sum,
                                    .either = mpi_either,
                                    .best = mpi_best,
                                    .gather = mpi_gather,
                                    .send = mpi_send,
                                    .receive = mpi_receive,
                                    .abort = mpi_abort,
                                    .close = mpi_close,
                                    .native = mpi_native};

tsr_status tsr_comm_mpi_open(tsr_comm **out) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    TSR_REQUIRE(provided >= MPI_THREAD_FUNNELED, TSR_ERUNTIME,
                "this MPI offers no MPI_THREAD_FUNNELED; use one that does, or --threads 1 without mpirun");
    mpi_comm *mpi = calloc(1, sizeof(*mpi));
    TSR_REQUIRE(mpi != NULL, TSR_ERUNTIME, "no memory for the communicator");
    mpi->base = operations;
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi->world);
    MPI_Comm_rank(mpi->world, &mpi->base.rank);
    MPI_Comm_size(mpi->world, &mpi->base.size);
    for (int i = 0; i < SENDS_MAX; i++) mpi->request[i] = MPI_REQUEST_NULL;
    MPI_Op_create(better_records, 1, &mpi->record_op);
    find_hosts(mpi);
    *out = &mpi->base;
    return TSR_OK;
}
