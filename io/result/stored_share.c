#include "io/result/stored_share.h"

#include "engine/share.h"

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
