/* The writer of checkpoints: a thread that brings one after the other to the disk while the run goes on.
 * Not collective: rank 0 has one; all functions belong to one thread. Hides the thread. */
#ifndef TSR_IO_CHECKPOINT_WRITER_H
#define TSR_IO_CHECKPOINT_WRITER_H

#include "io/result/checkpoint.h"

typedef struct tsr_checkpoint_writer tsr_checkpoint_writer;

/* For the checkpoints of a target; the first one written will have sequence number `next`. TSR_ERUNTIME: no memory. */
tsr_status tsr_checkpoint_writer_create(const char *target, int64_t next, tsr_checkpoint_writer **out);

/* Waits for what is being written, whatever becomes of it. Accepts NULL. */
void tsr_checkpoint_writer_destroy(tsr_checkpoint_writer **writer);

/* The sequence number of the next one. */
int64_t tsr_checkpoint_writer_next(const tsr_checkpoint_writer *writer);

/* Begins to write an image, which it takes over, and comes back at once. The last one must be over. Where no thread can
 * be had it writes at once. */
void tsr_checkpoint_writer_begin(tsr_checkpoint_writer *writer, tsr_image *image);

/* Whether one was begun whose end has not been told yet, and whether it is over by now. */
bool tsr_checkpoint_writer_is_busy(const tsr_checkpoint_writer *writer);
bool tsr_checkpoint_writer_is_over(tsr_checkpoint_writer *writer);

/* Waits for its end and tells it: when that was (tsr_clock_ns), and what came of it, as the verdict of the caller. */
tsr_status tsr_checkpoint_writer_end(tsr_checkpoint_writer *writer, int64_t *ended_ns);

#endif
