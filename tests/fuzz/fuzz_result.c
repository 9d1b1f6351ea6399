/* libFuzzer target of the reader of result files, without a seal in front, so that it is reached. Not part of the
 * build; from the root of the sources, after a build of the release preset:
 *   clang-14 -g -O1 -std=gnu17 -D_GNU_SOURCE -I. -Ibuild/release/generated -fsanitize=fuzzer,address,undefined \
 *       $(pkg-config --cflags hdf5-openmpi) $(mpicc --showme:compile) tests/fuzz/fuzz_result.c \
 *       io/result/{contents,contents_file,digest,h5,h5_image,h5_read,image,seal}.c io/result/stored_*.c \
 *       -Lbuild/release/lib -Wl,-rpath,$PWD/build/release/lib -ltessera \
 *       $(pkg-config --libs hdf5-openmpi nettle) -o build/fuzz_result
 *   mkdir -p build/corpus_result && build/release/bin/write_file build/corpus_result/made.h5 force
 *   build/fuzz_result -max_total_time=180 -max_len=100000 build/corpus_result */
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
