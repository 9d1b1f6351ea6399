#include "engine/reduce.h"

#include <stdlib.h>
#include <string.h>

/* Words that travel together: large enough to hide latency, small enough to stay a buffer. */
enum { BUFFER_WORDS = 1 << 17, BITS = 64 };

static int64_t bitmap_words(const tsr_state *state) { return (tsr_state_whole(state).pages + BITS - 1) / BITS; }

/* Every rank learns which pages anybody has, and makes those it lacks. */
static tsr_status share_pages(tsr_comm *comm, tsr_state *const *states, int64_t count) {
    int64_t words = 0;
    for (int64_t i = 0; i < count; i++) words += bitmap_words(states[i]);
    uint64_t *bits = calloc((size_t)words + 1, sizeof(*bits));
    tsr_status status = bits != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to merge the ranks");
    status = tsr_comm_agree(comm, status);
    if (status != TSR_OK) {
        free(bits);
        return status;
    }
    uint64_t *map = bits;
    for (int64_t i = 0; i < count; map += bitmap_words(states[i]), i++)
        for (int64_t page = tsr_state_next(states[i], 0); page >= 0; page = tsr_state_next(states[i], page + 1))
            map[page / BITS] |= UINT64_C(1) << (page % BITS);
    comm->either(comm, bits, words);

    bool complete = true;
    map = bits;
    for (int64_t i = 0; i < count; map += bitmap_words(states[i]), i++)
        for (int64_t page = 0; page < tsr_state_whole(states[i]).pages; page++)
            if ((map[page / BITS] >> (page % BITS) & 1) != 0 && tsr_state_any(states[i], page) == NULL)
                complete = false;
    free(bits);
    return tsr_comm_agree(comm, complete ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to merge the ranks"));
}

/* A train of pieces: what is appended is summed over the ranks when the buffer is full, and put back. */
typedef struct {
    tsr_comm *comm;
    int64_t *buffer;
    int64_t used;
    int64_t pieces;
    struct piece {
        int64_t *words;
        int64_t count;
    } piece[BUFFER_WORDS / 64];
} train;

static void deliver(train *queue) {
    queue->comm->sum(queue->comm, queue->buffer, queue->used);
    const int64_t *from = queue->buffer;
    for (int64_t i = 0; i < queue->pieces; from += queue->piece[i].count, i++)
        memcpy(queue->piece[i].words, from, (size_t)queue->piece[i].count * sizeof(*from));
    queue->used = queue->pieces = 0;
}

static void append(train *queue, int64_t *words, int64_t count) {
    while (count > 0) {
        int64_t room = BUFFER_WORDS - queue->used;
        int64_t part = count < room ? count : room;
        memcpy(queue->buffer + queue->used, words, (size_t)part * sizeof(*words));
        queue->piece[queue->pieces++] = (struct piece){words, part};
        queue->used += part, words += part, count -= part;
        bool full =
            queue->used == BUFFER_WORDS || queue->pieces == (int64_t)(sizeof(queue->piece) / sizeof(queue->piece[0]));
        if (full) deliver(queue);
    }
}

static void sum_pages(tsr_comm *comm, tsr_state *const *states, int64_t count, train *queue) {
    queue->comm = comm;
    for (int64_t i = 0; i < count; i++) {
        const int64_t words = tsr_state_layout(states[i]).page_words;
        for (int64_t page = tsr_state_next(states[i], 0); page >= 0; page = tsr_state_next(states[i], page + 1))
            append(queue, tsr_state_any(states[i], page), words);
    }
    deliver(queue);
    for (int64_t i = 0; i < count; i++) {
        tsr_layout layout = tsr_state_whole(states[i]);
        int64_t group = layout.group > 1 ? layout.group : 1;
        tsr_state_show(states[i], 0);
        comm->best(comm, tsr_state_records(states[i]), layout.records / group, group);
    }
}

tsr_status tsr_reduce_states(tsr_comm *comm, tsr_state *const *states, int64_t count) {
    if (comm->size == 1) return TSR_OK;
    TSR_TRY(share_pages(comm, states, count));
    train *queue = calloc(1, sizeof(*queue));
    int64_t *buffer = malloc(BUFFER_WORDS * sizeof(*buffer));
    bool complete = queue != NULL && buffer != NULL;
    tsr_status status =
        tsr_comm_agree(comm, complete ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to merge the ranks"));
    if (status == TSR_OK) {
        queue->buffer = buffer;
        sum_pages(comm, states, count, queue);
    }
    free(buffer);
    free(queue);
    return status;
}
