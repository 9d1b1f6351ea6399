/* The schedule of a pass: which tiles next. Every rank begins with a contiguous share of the first half; the other
 * half is claimed in shrinking chunks, one claim ahead, so that nobody waits, uneven tiles even out and no rank only
 * controls.
 * Layer 4. Hides the messages between ranks and the lock between threads. What it decides never changes a result. */
#ifndef TSR_ENGINE_SCHEDULE_H
#define TSR_ENGINE_SCHEDULE_H

#include "engine/block.h"
#include "engine/comm.h"

typedef struct tsr_schedule tsr_schedule;

typedef enum {
    TSR_TAKE_TILE, /* *tile is yours */
    TSR_TAKE_WAIT, /* nothing now, perhaps later: pause and ask again */
    TSR_TAKE_DONE  /* nothing any more */
} tsr_take;

/* Work 0 .. total - 1 for all ranks, `threads` here. shuffle: 0, or a seed that permutes the order in which work is
 * handed out (for tests). Not collective, but every rank must make one with the same total and shuffle. */
tsr_status tsr_schedule_create(tsr_comm *comm, int64_t total, int threads, uint64_t shuffle, tsr_schedule **out);
void tsr_schedule_destroy(tsr_schedule **schedule);

/* The next tile for the calling thread. Thread-safe. */
tsr_take tsr_schedule_take(tsr_schedule *schedule, int64_t *tile);

/* The next tiles, which follow each other: up to the next multiple of `grain`, fewer when few are left, one when the
 * order is shuffled. All of them count as handed out, so the thread folds them also when the schedule is cancelled.
 * Thread-safe. */
tsr_take tsr_schedule_take_span(tsr_schedule *schedule, int64_t grain, tsr_range *tiles);

/* Sends and answers claims. Only thread 0 calls it, between its tiles and while it waits. */
void tsr_schedule_poll(tsr_schedule *schedule);

/* True once this rank has nothing left to do or to answer. Only thread 0 asks. */
bool tsr_schedule_is_over(tsr_schedule *schedule);

/* After a failure, or for a pause: no more tiles for anybody, on any rank. Thread-safe. */
void tsr_schedule_cancel(tsr_schedule *schedule);

/* Work that was handed out here: bit i of the whole. [(total + 63) / 64] words, borrowed. Once no thread takes any
 * more.
 */
const uint64_t *tsr_schedule_bits(const tsr_schedule *schedule);

/* Tiles handed out here so far. Thread-safe. */
int64_t tsr_schedule_taken(tsr_schedule *schedule);

#endif
