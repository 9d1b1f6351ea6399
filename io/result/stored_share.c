#include "io/result/stored_share.h"

#include "engine/share.h"
#include "io/result/stored_inputs.h"
#include "io/result/stored_progress.h"

#include <stdlib.h>

tsr_status tsr_stored_share_text(tsr_comm *comm, char **text) {
    char *copy = NULL;
    TSR_TRY(tsr_share_text(comm, *text, &copy));
    free(*text);
    *text = copy;
    return TSR_OK;
}

tsr_status tsr_stored_share_integers(tsr_comm *comm, int64_t count, int64_t **words) {
    void *data = *words;
    const tsr_status status = tsr_share_bytes(comm, count * (int64_t)sizeof(**words), &data);
    *words = data;
    return status;
}

tsr_status tsr_stored_share_reals(tsr_comm *comm, int64_t count, double **values) {
    void *data = *values;
    const tsr_status status = tsr_share_bytes(comm, count * (int64_t)sizeof(**values), &data);
    *values = data;
    return status;
}

tsr_status tsr_stored_share_tally(tsr_comm *comm, int64_t rows, tsr_stored_tally *tally) {
    TSR_TRY(tsr_stored_share_text(comm, &tally->name));
    TSR_TRY(tsr_stored_share_integers(comm, rows + 1, &tally->offset));
    TSR_TRY(tsr_stored_share_integers(comm, tally->offset[rows], &tally->words));
    return tsr_stored_share_integers(comm, rows * TSR_STORED_LAYOUT, &tally->layout);
}

tsr_status tsr_stored_share_tallies(tsr_comm *comm, int64_t count, int64_t rows, tsr_stored_tally **tally) {
    if (count == 0) return TSR_OK;
    if (comm->rank > 0) *tally = calloc((size_t)count, sizeof(**tally));
    TSR_TRY(tsr_comm_agree(comm, *tally != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for a stage")));
    for (int64_t t = 0; t < count; t++) TSR_TRY(tsr_stored_share_tally(comm, rows, &(*tally)[t]));
    return TSR_OK;
}

/* Numbers alone: the pointers of rank 0 mean nothing elsewhere. */
static void forget_pointers(tsr_stored_stage *stage) {
    stage->name = NULL;
    stage->point_items = NULL;
    stage->tally = NULL;
    stage->input = NULL;
    stage->met = NULL;
    stage->prints = stage->partial.prints = (tsr_prints){0};
    stage->trained = (tsr_stored_tally){0};
    stage->partial.done = NULL;
    stage->partial.tally = NULL;
    stage->history.headlines = NULL;
    stage->history.items = NULL;
    stage->history.value = stage->history.error = NULL;
}

tsr_status tsr_stored_share_stage(tsr_comm *comm, tsr_stored_stage *stage) {
    tsr_stored_stage plain = *stage;
    comm->broadcast(comm, &plain, (int64_t)sizeof(plain), 0);
    if (comm->rank > 0) {
        *stage = plain;
        forget_pointers(stage);
    }
    if (plain.name == NULL) return TSR_OK; /* nothing is known of it */
    TSR_TRY(tsr_stored_share_text(comm, &stage->name));
    TSR_TRY(tsr_stored_share_integers(comm, stage->points, &stage->point_items));
    TSR_TRY(tsr_stored_inputs_share(comm, stage));
    TSR_TRY(tsr_stored_share_tallies(comm, stage->tallies, stage->points * stage->parts, &stage->tally));
    return tsr_stored_progress_share(comm, stage);
}
