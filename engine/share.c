#include "engine/share.h"

#include <stdlib.h>
#include <string.h>

tsr_status tsr_share_bytes(tsr_comm *comm, int64_t bytes, void **data) {
    if (comm->rank > 0) *data = malloc((size_t)bytes + 1);
    const tsr_status mine =
        *data != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for %lld bytes of rank 0", (long long)bytes);
    TSR_TRY(tsr_comm_agree(comm, mine));
    comm->broadcast(comm, *data, bytes, 0);
    return TSR_OK;
}

tsr_status tsr_share_text(tsr_comm *comm, const char *text, char **out) {
    int64_t bytes = comm->rank == 0 ? (int64_t)strlen(text) + 1 : 0;
    comm->broadcast(comm, &bytes, (int64_t)sizeof(bytes), 0);
    void *copy = comm->rank == 0 ? strdup(text) : NULL;
    const tsr_status status = tsr_share_bytes(comm, bytes, &copy);
    if (status == TSR_OK)
        *out = copy;
    else
        free(copy);
    return status;
}
