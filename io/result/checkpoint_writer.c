#include "io/result/checkpoint_writer.h"

#include "engine/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct tsr_checkpoint_writer {
    char *target;
    int64_t next;
    bool is_busy;
    bool has_thread;
    pthread_t thread;
    tsr_image image;
    _Atomic bool is_over;
    int64_t ended_ns;
    tsr_status status;
    tsr_error error; /* of the writing thread */
};

tsr_status tsr_checkpoint_writer_create(const char *target, int64_t next, tsr_checkpoint_writer **out) {
    tsr_checkpoint_writer *writer = calloc(1, sizeof(*writer));
    if (writer != NULL) writer->target = strdup(target);
    if (writer == NULL || writer->target == NULL) {
        free(writer);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the checkpoints of %s", target);
    }
    writer->next = next;
    *out = writer;
    return TSR_OK;
}

void tsr_checkpoint_writer_destroy(tsr_checkpoint_writer **writer) {
    if (*writer == NULL) return;
    int64_t ended_ns;
    const tsr_error before = *tsr_error_get(); /* why the run ends is what matters */
    if ((*writer)->is_busy && tsr_checkpoint_writer_end(*writer, &ended_ns) != TSR_OK) tsr_error_set(&before);
    free((*writer)->target);
    free(*writer);
    *writer = NULL;
}

int64_t tsr_checkpoint_writer_next(const tsr_checkpoint_writer *writer) { return writer->next; }

bool tsr_checkpoint_writer_is_busy(const tsr_checkpoint_writer *writer) { return writer->is_busy; }

bool tsr_checkpoint_writer_is_over(tsr_checkpoint_writer *writer) { return atomic_load(&writer->is_over); }

/* Errors are kept by thread: this one's goes with its verdict. */
static void *write_image(void *data) {
    tsr_checkpoint_writer *writer = data;
    writer->status = tsr_checkpoint_write(writer->target, writer->next, &writer->image);
    if (writer->status != TSR_OK) writer->error = *tsr_error_get();
    writer->ended_ns = tsr_clock_ns();
    atomic_store(&writer->is_over, true);
    return NULL;
}

/* Signals are for the threads that compute. */
static bool start_thread(tsr_checkpoint_writer *writer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool started = pthread_create(&writer->thread, NULL, write_image, writer) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void tsr_checkpoint_writer_begin(tsr_checkpoint_writer *writer, tsr_image *image) {
    TSR_ASSERT(!writer->is_busy);
    writer->image = *image;
    *image = (tsr_image){0};
    writer->is_busy = true;
    atomic_store(&writer->is_over, false);
    writer->has_thread = start_thread(writer);
    if (!writer->has_thread) write_image(writer);
}

tsr_status tsr_checkpoint_writer_end(tsr_checkpoint_writer *writer, int64_t *ended_ns) {
    TSR_ASSERT(writer->is_busy);
    if (writer->has_thread) pthread_join(writer->thread, NULL);
    tsr_image_clear(&writer->image);
    writer->is_busy = false;
    *ended_ns = writer->ended_ns;
    writer->next++; /* a place where nothing can be written must not block the other one */
    if (writer->status != TSR_OK) tsr_error_set(&writer->error);
    return writer->status;
}
