/* The roll: where every rank and thread of this host is, in memory that its ranks share. Those who work write it, the
 * sentry (engine/sentry.h) reads it.
 * Layer 2. Hides the layout of that memory. Nothing here is collective, waits, or can fail once it is made; every
 * function accepts a NULL roll and then does nothing. Writing costs some nanoseconds and reads no clock. */
#ifndef TSR_ENGINE_ROLL_H
#define TSR_ENGINE_ROLL_H

#include "engine/status.h"

#include <stdint.h>

typedef struct tsr_roll tsr_roll;

/* Who keeps it. pages: zeroed memory of tsr_roll_bytes() for each rank of this host in turn, borrowed; NULL: the rank
 * keeps its page for itself, and is not seen by others. */
typedef struct {
    int rank;
    int host_rank;
    int host_size;
    void *pages;
} tsr_roll_place;

/* Bytes of one rank: a multiple of 64. */
int64_t tsr_roll_bytes(void);

/* Allocates *out. TSR_ERUNTIME: no memory. */
tsr_status tsr_roll_create(const tsr_roll_place *place, tsr_roll **out);
void tsr_roll_destroy(tsr_roll **roll);

/* Thread `thread` of this rank begins a tile; or has none for now. Thread-safe for different threads. */
void tsr_roll_tile(tsr_roll *roll, int thread, int64_t point, int64_t tile);
void tsr_roll_rest(tsr_roll *roll, int thread);

/* What follows is called by thread 0 alone. */

/* The tiles that follow belong to this stage; a name too long is cut. */
void tsr_roll_stage(tsr_roll *roll, const char *name);

/* It begins something that may take long because of others or of a disk, and has come back from it: "adding up the
 * ranks". They may be nested, a few deep. what: a string that outlives the wait. */
void tsr_roll_enter(tsr_roll *roll, const char *what);
void tsr_roll_leave(tsr_roll *roll);

/* A sign of life within long work without tiles; and one that was heard from another host. */
void tsr_roll_sign(tsr_roll *roll);
void tsr_roll_hear(tsr_roll *roll);

/* Signs of life of all ranks of this host, without what was heard, as their sentries have counted them. */
int64_t tsr_roll_life(const tsr_roll *roll);

#endif
