#include "engine/schedule.h"

#include "engine/block.h"

#include <pthread.h>
#include <stdlib.h>

/* Rank 0 owns the tail. One claim costs a request and a reply; a reply without tiles ends the claiming of a rank, and
 * the owner's pass is over when every rank has had one: no claim outlives the pass. */
enum { OWNER = 0, REQUEST = 1, REPLY = 2, CANCEL = 3, TAIL_SHARE = 2, BITS = 64 };

struct tsr_schedule {
    tsr_comm *comm;
    int64_t number; /* among all schedules of the comm */
    int64_t total;
    int threads;
    uint64_t multiplier, offset; /* of the permutation; 1, 0: none */

    pthread_mutex_t lock; /* guards all below but what only thread 0 touches */
    tsr_range current;    /* being handed out */
    tsr_range ahead;      /* claimed before it is needed */
    int64_t taken;
    uint64_t *bits; /* of what was taken */
    bool exhausted; /* nothing more can be claimed */
    bool cancelled;

    bool asked;     /* thread 0: a request is on its way */
    bool told;      /* thread 0: the owner knows that we cancelled */
    tsr_range tail; /* thread 0 of the owner: unclaimed */
    int dismissed;  /* thread 0 of the owner: ranks that had their empty reply */
};

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

/* i -> (multiplier * i + offset) mod total is a permutation when the multiplier shares no factor with total. */
static void choose_permutation(tsr_schedule *schedule, uint64_t shuffle) {
    schedule->multiplier = 1;
    schedule->offset = 0;
    if (shuffle == 0 || schedule->total < 3) return;
    uint64_t total = (uint64_t)schedule->total;
    uint64_t multiplier = shuffle % total;
    while (multiplier < 2 || greatest_common_divisor(multiplier, total) != 1) multiplier = (multiplier + 1) % total;
    schedule->multiplier = multiplier;
    schedule->offset = (shuffle >> 32) % total;
}

__extension__ typedef unsigned __int128 wide_integer;

static int64_t permuted(const tsr_schedule *schedule, int64_t index) {
    wide_integer image = (wide_integer)schedule->multiplier * (uint64_t)index + schedule->offset;
    return (int64_t)(uint64_t)(image % (uint64_t)schedule->total);
}

tsr_status tsr_schedule_create(tsr_comm *comm, int64_t total, int threads, uint64_t shuffle, tsr_schedule **out) {
    tsr_schedule *schedule = calloc(1, sizeof(*schedule));
    if (schedule != NULL) schedule->bits = calloc((size_t)(total / BITS) + 1, sizeof(*schedule->bits));
    if (schedule == NULL || schedule->bits == NULL) {
        free(schedule);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the schedule of %lld tiles", (long long)total);
    }
    schedule->comm = comm;
    schedule->number = ++comm->schedules;
    schedule->total = total;
    schedule->threads = threads;
    pthread_mutex_init(&schedule->lock, NULL);
    choose_permutation(schedule, shuffle);
    int64_t tail = comm->size == 1 ? 0 : total / TAIL_SHARE;
    int64_t shared = total - tail;
    schedule->current.begin = shared / comm->size * comm->rank + shared % comm->size * comm->rank / comm->size;
    schedule->current.end =
        shared / comm->size * (comm->rank + 1) + shared % comm->size * (comm->rank + 1) / comm->size;
    schedule->tail = (tsr_range){shared, total};
    schedule->exhausted = comm->size == 1;
    *out = schedule;
    return TSR_OK;
}

void tsr_schedule_destroy(tsr_schedule **schedule) {
    if (*schedule == NULL) return;
    pthread_mutex_destroy(&(*schedule)->lock);
    free((*schedule)->bits);
    free(*schedule);
    *schedule = NULL;
}

/* How many of the tiles at hand one thread takes at once: never so many that another has none. */
static int64_t span_tiles(const tsr_schedule *schedule, int64_t grain) {
    const int64_t left = schedule->current.end - schedule->current.begin;
    const int64_t share = left / schedule->threads > 1 ? left / schedule->threads : 1;
    if (schedule->multiplier != 1 || schedule->offset != 0) return 1;
    const int64_t span = grain - schedule->current.begin % grain;
    return span < share ? span : share;
}

static void hand_out(tsr_schedule *schedule, int64_t count, tsr_range *tiles) {
    tiles->begin = permuted(schedule, schedule->current.begin);
    tiles->end = tiles->begin + count;
    for (int64_t tile = tiles->begin; tile < tiles->end; tile++)
        schedule->bits[tile / BITS] |= UINT64_C(1) << (tile % BITS);
    schedule->current.begin += count;
    schedule->taken += count;
}

tsr_take tsr_schedule_take_span(tsr_schedule *schedule, int64_t grain, tsr_range *tiles) {
    pthread_mutex_lock(&schedule->lock);
    if (schedule->current.begin == schedule->current.end) {
        schedule->current = schedule->ahead;
        schedule->ahead = (tsr_range){0, 0};
    }
    tsr_take answer = schedule->cancelled || schedule->exhausted ? TSR_TAKE_DONE : TSR_TAKE_WAIT;
    if (!schedule->cancelled && schedule->current.begin < schedule->current.end) {
        hand_out(schedule, span_tiles(schedule, grain), tiles);
        answer = TSR_TAKE_TILE;
    }
    pthread_mutex_unlock(&schedule->lock);
    return answer;
}

tsr_take tsr_schedule_take(tsr_schedule *schedule, int64_t *tile) {
    tsr_range tiles;
    const tsr_take answer = tsr_schedule_take_span(schedule, 1, &tiles);
    if (answer == TSR_TAKE_TILE) *tile = tiles.begin;
    return answer;
}

/* A chunk shrinks with what is left, so that the last ones are small; never fewer than one tile. */
static tsr_range next_chunk(tsr_schedule *schedule) {
    int64_t left = schedule->tail.end - schedule->tail.begin;
    int64_t size = left / (2 * (int64_t)schedule->comm->size);
    if (size < 1) size = left > 0;
    tsr_range chunk = {schedule->tail.begin, schedule->tail.begin + size};
    schedule->tail.begin += size;
    return chunk;
}

static void receive_chunk(tsr_schedule *schedule, tsr_range chunk) {
    pthread_mutex_lock(&schedule->lock);
    if (chunk.begin == chunk.end) schedule->exhausted = true;
    if (schedule->cancelled) chunk.begin = chunk.end;
    if (schedule->current.begin == schedule->current.end)
        schedule->current = chunk;
    else
        schedule->ahead = chunk;
    pthread_mutex_unlock(&schedule->lock);
}

static void mark_cancelled(tsr_schedule *schedule) {
    pthread_mutex_lock(&schedule->lock);
    schedule->cancelled = true;
    schedule->current = schedule->ahead = (tsr_range){0, 0};
    pthread_mutex_unlock(&schedule->lock);
}

static void send(tsr_schedule *schedule, int rank, int64_t kind, tsr_range chunk) {
    const tsr_message message = {.rank = rank, .word = {kind, chunk.begin, chunk.end, schedule->number}};
    schedule->comm->send(schedule->comm, &message);
}

/* The owner stops everybody: what is unclaimed is dropped, and each rank hears of it. */
static void owner_cancel(tsr_schedule *schedule) {
    if (schedule->told) return;
    schedule->told = true;
    schedule->tail.begin = schedule->tail.end;
    mark_cancelled(schedule);
    for (int rank = 0; rank < schedule->comm->size; rank++)
        if (rank != OWNER) send(schedule, rank, CANCEL, (tsr_range){0, 0});
}

/* A rank may be told to stop when it had nothing left to do: that message is met by a later schedule. */
static void answer(tsr_schedule *schedule, const tsr_message *message) {
    if (message->word[3] != schedule->number) return;
    switch (message->word[0]) {
    case REQUEST: {
        tsr_range chunk = next_chunk(schedule);
        schedule->dismissed += chunk.begin == chunk.end;
        send(schedule, message->rank, REPLY, chunk);
        break;
    }
    case REPLY:
        schedule->asked = false;
        receive_chunk(schedule, (tsr_range){message->word[1], message->word[2]});
        break;
    case CANCEL:
        if (schedule->comm->rank == OWNER)
            owner_cancel(schedule);
        else
            mark_cancelled(schedule);
        break;
    default: tsr_assert_failed("a known kind of message", __FILE__, __LINE__);
    }
}

/* Claims when what is left here no longer covers a tile per thread, or two: the answer comes while they are folded. */
static bool wants_more(tsr_schedule *schedule) {
    pthread_mutex_lock(&schedule->lock);
    bool empty_ahead = schedule->ahead.begin == schedule->ahead.end;
    int64_t left = schedule->current.end - schedule->current.begin;
    bool wants = !schedule->exhausted && empty_ahead && (left <= 2 * (int64_t)schedule->threads || schedule->cancelled);
    pthread_mutex_unlock(&schedule->lock);
    return wants;
}

static void claim(tsr_schedule *schedule) {
    if (!wants_more(schedule) || schedule->asked) return;
    if (schedule->comm->rank == OWNER) {
        receive_chunk(schedule, next_chunk(schedule));
        return;
    }
    schedule->asked = true;
    send(schedule, OWNER, REQUEST, (tsr_range){0, 0});
}

/* A cancellation found by another thread is carried to the owner by thread 0. */
static void report_cancelled(tsr_schedule *schedule) {
    pthread_mutex_lock(&schedule->lock);
    bool cancelled = schedule->cancelled;
    pthread_mutex_unlock(&schedule->lock);
    if (!cancelled || schedule->told) return;
    if (schedule->comm->rank == OWNER) {
        owner_cancel(schedule);
        return;
    }
    schedule->told = true;
    send(schedule, OWNER, CANCEL, (tsr_range){0, 0});
}

void tsr_schedule_poll(tsr_schedule *schedule) {
    if (schedule->comm->size == 1) return;
    tsr_message message;
    while (schedule->comm->receive(schedule->comm, &message)) answer(schedule, &message);
    report_cancelled(schedule);
    claim(schedule);
}

bool tsr_schedule_is_over(tsr_schedule *schedule) {
    pthread_mutex_lock(&schedule->lock);
    bool empty = schedule->current.begin == schedule->current.end && schedule->ahead.begin == schedule->ahead.end;
    bool over = schedule->exhausted && empty;
    pthread_mutex_unlock(&schedule->lock);
    bool owes = schedule->comm->rank == OWNER && schedule->dismissed < schedule->comm->size - 1;
    return over && !owes;
}

void tsr_schedule_cancel(tsr_schedule *schedule) { mark_cancelled(schedule); }

int64_t tsr_schedule_taken(tsr_schedule *schedule) {
    pthread_mutex_lock(&schedule->lock);
    int64_t taken = schedule->taken;
    pthread_mutex_unlock(&schedule->lock);
    return taken;
}

const uint64_t *tsr_schedule_bits(const tsr_schedule *schedule) { return schedule->bits; }
