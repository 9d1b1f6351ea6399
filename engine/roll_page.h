/* A page of the roll: what a rank tells of itself. Internal to the roll, the roll call and the sentry.
 * Layer 2. One rank writes, any rank of its host reads; every word is atomic by itself, and nothing waits. */
#ifndef TSR_ENGINE_ROLL_PAGE_H
#define TSR_ENGINE_ROLL_PAGE_H

#include "engine/roll.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { TSR_ROLL_THREADS = 256, TSR_ROLL_TEXT = 64, TSR_ROLL_TEXT_WORDS = TSR_ROLL_TEXT / 8, TSR_ROLL_LINE = 64 };

/* A name that changes as a whole as seldom as tiles of another stage begin: torn for a moment at most. */
typedef struct {
    _Atomic uint64_t word[TSR_ROLL_TEXT_WORDS];
} tsr_roll_text;

/* A thread. Further threads than there are rows share them. */
typedef struct {
    _Alignas(TSR_ROLL_LINE) _Atomic int64_t signs; /* of life */
    _Atomic int64_t self;                          /* the thread, as the system calls it */
    _Atomic int64_t point;
    _Atomic int64_t tile;     /* or -1 */
    _Atomic int64_t since_ns; /* by the sentry of the rank, which looks a few times a second */
} tsr_roll_row;

typedef struct {
    _Alignas(TSR_ROLL_LINE) _Atomic int64_t signs; /* of life of thread 0, outside tiles */
    _Atomic int64_t heard;                         /* signs of life of other hosts */
    _Atomic int64_t rank;
    _Atomic int64_t pid;
    tsr_roll_text stage;
    tsr_roll_text wait; /* empty: none */

    /* By the sentry of the rank. */
    _Alignas(TSR_ROLL_LINE) _Atomic int64_t awake_ns; /* when it last looked; 0: there is none */
    _Atomic int64_t since_ns;                         /* of the wait, or of its end */
    _Atomic int64_t life;                             /* signs of life of all threads, without what was heard */
    _Atomic int64_t longest_ns;                       /* of its tiles */
    _Atomic int64_t ended;                            /* it is about to end its process */
    tsr_roll_row row[TSR_ROLL_THREADS];
} tsr_roll_page;

/* The pages that this rank can see, `mine` among them. */
int tsr_roll_pages(const tsr_roll *roll, tsr_roll_page **out, int *mine);

/* Copies a name. */
void tsr_roll_text_read(const tsr_roll_text *text, char out[TSR_ROLL_TEXT]);

#endif
