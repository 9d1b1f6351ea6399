/* Fuzz target of the reader of result files, without a seal in front, so that it is reached. */
#include "io/result/stored_run.h"

#include "io/result/seal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A seal would keep everything out that is not as it was: what looks like one is cut off. */
static int64_t unsealed_bytes(const uint8_t *data, size_t bytes) {
    const bool has_seal =
        bytes >= TSR_SEAL_BYTES && tsr_seal_check(data + bytes - TSR_SEAL_BYTES, TSR_SEAL_BYTES) != TSR_SEAL_NONE;
    return (int64_t)bytes - (has_seal ? TSR_SEAL_BYTES : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    tsr_image image = {malloc(bytes + 1), unsealed_bytes(data, bytes)};
    tsr_stored_run *run = NULL;
    memcpy(image.bytes, data, bytes);
    tsr_error_clear();
    const tsr_status status = tsr_stored_run_take(&image, &run);
    if (status != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    tsr_stored_run_destroy(&run);
    tsr_image_clear(&image);
    return 0;
}
