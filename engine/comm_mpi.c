/* The ranks of MPI_COMM_WORLD. A broken MPI cannot be repaired from inside: its errors are said and end all ranks, so
 * these functions return values, not statuses. Claims are two-sided messages, because one-sided windows do not work
 * between hosts with Open MPI 4.1 as packaged; within a host they do. */
#include "engine/arithmetic.h"
#include "engine/clock.h"
#include "engine/comm.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { MESSAGE_TAG = 7, PULSE_TAG = 8, SENDS_MAX = 64, PART_WORDS = 1 << 27, WINDOWS_MAX = 64, ALIGNMENT = 64 };
#define LOOK_NS  INT64_C(200000000)
#define PULSE_NS INT64_C(1000000000)

/* A message on its way. */
typedef struct {
    int64_t word[TSR_MESSAGE_WORDS];
    MPI_Request request;
} outgoing;

typedef struct {
    tsr_comm base;
    MPI_Comm world;
    MPI_Comm host; /* the ranks of this host */
    MPI_Win window[WINDOWS_MAX];
    int windows;
    MPI_Op record_op;
    MPI_Errhandler handler;
    const char *doing; /* what MPI is asked for */

    /* The pulse. */
    int *first;        /* [hosts] the first rank of each */
    int64_t *sent;     /* [size] pulses */
    int64_t received;  /* pulses */
    int64_t looked_ns; /* for pulses */
    int64_t pulsed_ns; /* when this rank sent some, */
    int64_t life;      /* what its host and */
    int64_t heard;     /* what others had done by then */

    outgoing send[SENDS_MAX]; /* used in turn */
    int sends;
} mpi_comm;

static mpi_comm *self(tsr_comm *comm) { return (mpi_comm *)(void *)comm; }

/* ---- failures ---- */

/* There is one MPI in a process, and it hands its error handler nothing of ours. */
static mpi_comm only;

/* Ends all ranks with one sentence. */
static void end_after_error(MPI_Comm *comm, int *code, ...) {
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    (void)comm;
    MPI_Error_string(*code, text, &length);
    fprintf(stderr, "tessera: MPI failed on rank %d while %s: %s\n", only.base.rank, only.doing, text);
    MPI_Abort(MPI_COMM_WORLD, tsr_status_exit_code(TSR_ERUNTIME));
}

/* ---- the pulse ---- */

/* Who waits cannot tell a host that is still busy from one that is gone. So the first rank of each host tells rank 0
 * that it is busy, and rank 0 those of all hosts: messages without a word, some seconds apart, while there is progress.
 */
static void send_pulse(mpi_comm *mpi, int rank) {
    MPI_Request request;
    if (rank == mpi->base.rank) return;
    MPI_Isend(NULL, 0, MPI_BYTE, rank, PULSE_TAG, mpi->world, &request);
    MPI_Request_free(&request);
    mpi->sent[rank]++; // NOLINT(clang-analyzer-optin.mpi.MPI-Checker): a request that is freed needs no wait
}

static void receive_pulse(mpi_comm *mpi) {
    MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, PULSE_TAG, mpi->world, MPI_STATUS_IGNORE);
    mpi->received++;
    tsr_roll_hear(mpi->base.roll);
}

static void send_pulses(mpi_comm *mpi) {
    const int64_t life = tsr_roll_life(mpi->base.roll), heard = mpi->base.rank == 0 ? mpi->received : 0;
    if (mpi->looked_ns - mpi->pulsed_ns < PULSE_NS || (life == mpi->life && heard == mpi->heard)) return;
    mpi->pulsed_ns = mpi->looked_ns;
    mpi->life = life;
    mpi->heard = heard;
    if (mpi->base.rank > 0) send_pulse(mpi, 0);
    for (int i = 0; i < mpi->base.hosts && mpi->base.rank == 0; i++) send_pulse(mpi, mpi->first[i]);
}

/* Called wherever this rank comes to speak MPI. */
static void attend_pulse(mpi_comm *mpi) {
    const int64_t now = mpi->base.hosts > 1 && mpi->base.host_rank == 0 ? tsr_clock_ns() : 0;
    if (now - mpi->looked_ns < LOOK_NS) return;
    mpi->looked_ns = now;
    for (int arrived = 1; arrived;) {
        MPI_Iprobe(MPI_ANY_SOURCE, PULSE_TAG, mpi->world, &arrived, MPI_STATUS_IGNORE);
        if (arrived) receive_pulse(mpi);
    }
    send_pulses(mpi);
}

/* No message outlives the comm. */
static void end_pulse(mpi_comm *mpi) {
    int64_t expected = 0;
    MPI_Reduce_scatter_block(mpi->sent, &expected, 1, MPI_INT64_T, MPI_SUM, mpi->world);
    while (mpi->received < expected) receive_pulse(mpi);
    free(mpi->sent);
    free(mpi->first);
}

/* ---- collective operations ---- */

/* Where there is a pulse, ranks meet before they exchange anything, since they feel it while they wait here. */
static void meet(mpi_comm *mpi) {
    MPI_Request request;
    MPI_Ibarrier(mpi->world, &request);
    for (int met = 0; !met; attend_pulse(mpi)) MPI_Test(&request, &met, MPI_STATUS_IGNORE);
}

static void begin_wait(mpi_comm *mpi, const char *what) {
    mpi->doing = what;
    tsr_roll_enter(mpi->base.roll, what);
}

static MPI_Comm enter(tsr_comm *comm, const char *what) {
    begin_wait(self(comm), what);
    if (comm->hosts > 1) meet(self(comm));
    return self(comm)->world;
}

static void leave(tsr_comm *comm) {
    tsr_roll_leave(comm->roll);
    self(comm)->doing = "working";
}

static void mpi_barrier(tsr_comm *comm) {
    MPI_Barrier(enter(comm, "meeting the other ranks"));
    leave(comm);
}

static void mpi_broadcast(tsr_comm *comm, void *data, int64_t bytes, int root) {
    MPI_Comm world = enter(comm, "sharing what one rank knows");
    for (char *part = data; bytes > 0; part += PART_WORDS, bytes -= PART_WORDS)
        MPI_Bcast(part, bytes < PART_WORDS ? (int)bytes : PART_WORDS, MPI_BYTE, root, world);
    leave(comm);
}

/* MPI counts are int, and some transfers break at 2^31 bytes: long rows travel in parts. */
static void reduce_words(tsr_comm *comm, void *words, int64_t count, MPI_Datatype type, MPI_Op op) {
    MPI_Comm world = enter(comm, "adding up the ranks");
    for (int64_t *part = words; count > 0; part += PART_WORDS, count -= PART_WORDS)
        MPI_Allreduce(MPI_IN_PLACE, part, count < PART_WORDS ? (int)count : PART_WORDS, type, op, world);
    leave(comm);
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
    MPI_Comm world = enter(comm, "comparing the ranks");
    MPI_Type_contiguous((int)(2 * group), MPI_INT64_T, &type);
    MPI_Type_commit(&type);
    MPI_Allreduce(MPI_IN_PLACE, records, (int)count, type, mpi->record_op, world);
    MPI_Type_free(&type);
    leave(comm);
}

static void mpi_gather(tsr_comm *comm, const void *data, int64_t bytes, void *out) {
    TSR_ASSERT(bytes < PART_WORDS);
    MPI_Comm world = enter(comm, "gathering from the ranks");
    MPI_Allgather(data, (int)bytes, MPI_BYTE, out, (int)bytes, MPI_BYTE, world);
    leave(comm);
}

/* ---- memory of a host ---- */

/* MPI would crash where the file system of shared memory is full. */
static bool has_room(mpi_comm *mpi, int64_t bytes) {
    struct statvfs disk;
    int fits = statvfs("/dev/shm", &disk) == 0 && (double)disk.f_bavail * (double)disk.f_frsize > 2 * (double)bytes;
    MPI_Allreduce(MPI_IN_PLACE, &fits, 1, MPI_INT, MPI_MIN, mpi->host);
    return fits;
}

/* A window must not be made where it could fail on some ranks alone: then all of them do without. */
static bool make_window(mpi_comm *mpi, int64_t bytes, MPI_Win *window) {
    void *mine = NULL;
    MPI_Comm_set_errhandler(mpi->host, MPI_ERRORS_RETURN);
    int made = MPI_Win_allocate_shared((MPI_Aint)bytes, 1, MPI_INFO_NULL, mpi->host, &mine, window) == MPI_SUCCESS;
    MPI_Comm_set_errhandler(mpi->host, mpi->handler);
    MPI_Allreduce(MPI_IN_PLACE, &made, 1, MPI_INT, MPI_MIN, mpi->host);
    return made;
}

static void *mpi_shared(tsr_comm *comm, int64_t bytes) {
    mpi_comm *mpi = self(comm);
    char *base = NULL;
    MPI_Aint size;
    int unit;
    TSR_ASSERT(mpi->windows < WINDOWS_MAX);
    begin_wait(mpi, "sharing memory");
    const int64_t whole = bytes * comm->host_size + ALIGNMENT, mine = comm->host_rank == 0 ? whole : 0;
    MPI_Win *window = &mpi->window[mpi->windows];
    if (has_room(mpi, whole) && make_window(mpi, mine, window)) {
        mpi->windows++;
        MPI_Win_shared_query(*window, 0, &size, &unit, &base);
        base += (ALIGNMENT - (uintptr_t)base % ALIGNMENT) % ALIGNMENT;
        memset(base + bytes * comm->host_rank, 0, (size_t)bytes);
        MPI_Barrier(mpi->host);
    }
    leave(comm);
    return base;
}

/* ---- messages ---- */

/* Until what it carries is its receiver's; at once where nothing was sent. */
static void wait_for(outgoing *send) {
    MPI_Wait(&send->request, MPI_STATUS_IGNORE); // NOLINT(clang-analyzer-optin.mpi.MPI-Checker): of an earlier call
}

static void mpi_send(tsr_comm *comm, const tsr_message *message) {
    mpi_comm *mpi = self(comm);
    outgoing *send = &mpi->send[mpi->sends++ % SENDS_MAX];
    begin_wait(mpi, "sending a message");
    wait_for(send);
    for (int i = 0; i < TSR_MESSAGE_WORDS; i++) send->word[i] = message->word[i];
    MPI_Isend(send->word, TSR_MESSAGE_WORDS, MPI_INT64_T, message->rank, MESSAGE_TAG, mpi->world, &send->request);
    leave(comm);
}

static bool mpi_receive(tsr_comm *comm, tsr_message *message) {
    mpi_comm *mpi = self(comm);
    int arrived = 0;
    MPI_Status status;
    attend_pulse(mpi);
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
    mpi->doing = "ending";
    end_pulse(mpi);
    for (int i = 0; i < SENDS_MAX; i++) wait_for(&mpi->send[i]);
    while (mpi->windows > 0) MPI_Win_free(&mpi->window[--mpi->windows]);
    MPI_Op_free(&mpi->record_op);
    MPI_Comm_free(&mpi->host);
    MPI_Comm_free(&mpi->world);
    MPI_Errhandler_free(&mpi->handler);
    MPI_Finalize();
}

static void *mpi_native(tsr_comm *comm) { return &self(comm)->world; }

/* ---- begin ---- */

/* Which ranks share this host, and how many hosts there are. */
static void find_hosts(mpi_comm *mpi) {
    MPI_Comm_split_type(mpi->world, MPI_COMM_TYPE_SHARED, mpi->base.rank, MPI_INFO_NULL, &mpi->host);
    MPI_Comm_rank(mpi->host, &mpi->base.host_rank);
    MPI_Comm_size(mpi->host, &mpi->base.host_size);
    int leads = mpi->base.host_rank == 0;
    MPI_Allreduce(&leads, &mpi->base.hosts, 1, MPI_INT, MPI_SUM, mpi->world);
}

/* Who has a pulse; sorted by rank. */
static void find_firsts(mpi_comm *mpi) {
    const size_t size = (size_t)mpi->base.size;
    mpi->first = malloc(size * sizeof(*mpi->first));
    mpi->sent = calloc(size, sizeof(*mpi->sent));
    if (mpi->first == NULL || mpi->sent == NULL) {
        fprintf(stderr, "tessera: no memory left on rank %d to begin with %d ranks\n", mpi->base.rank, mpi->base.size);
        MPI_Abort(MPI_COMM_WORLD, tsr_status_exit_code(TSR_ERUNTIME));
    }
    MPI_Allgather(&mpi->base.host_rank, 1, MPI_INT, mpi->first, 1, MPI_INT, mpi->world);
    int hosts = 0;
    for (int rank = 0; rank < mpi->base.size; rank++)
        if (mpi->first[rank] == 0) mpi->first[hosts++] = rank;
}

static const tsr_comm operations = {.is_mpi = true,
                                    .barrier = mpi_barrier,
                                    .broadcast = mpi_broadcast,
                                    .sum = mpi_sum,
                                    .either = mpi_either,
                                    .best = mpi_best,
                                    .gather = mpi_gather,
                                    .shared = mpi_shared,
                                    .send = mpi_send,
                                    .receive = mpi_receive,
                                    .abort = mpi_abort,
                                    .close = mpi_close,
                                    .native = mpi_native};

/* Duplicates and parts of the world inherit the handler. */
static void find_ranks(mpi_comm *mpi) {
    mpi->doing = "beginning";
    MPI_Comm_create_errhandler(end_after_error, &mpi->handler);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, mpi->handler);
    MPI_Comm_rank(MPI_COMM_WORLD, &mpi->base.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &mpi->base.size);
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi->world);
    for (int i = 0; i < SENDS_MAX; i++) mpi->send[i].request = MPI_REQUEST_NULL;
    MPI_Op_create(better_records, 1, &mpi->record_op);
    find_hosts(mpi);
}

tsr_status tsr_comm_mpi_open(tsr_comm **out) {
    int provided = MPI_THREAD_SINGLE;
    const bool begun = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) == MPI_SUCCESS;
    TSR_REQUIRE(begun, TSR_ERUNTIME, "MPI could not begin");
    tsr_arithmetic_restore(); /* it has loaded libraries */
    only.base = operations;
    find_ranks(&only);
    find_firsts(&only);
    *out = &only.base;
    TSR_REQUIRE(provided >= MPI_THREAD_FUNNELED, TSR_ERUNTIME,
                "this MPI offers no MPI_THREAD_FUNNELED; use one that does, or start one rank without mpirun");
    return TSR_OK;
}
