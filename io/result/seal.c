#include "io/result/seal.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

/* Stands at both ends, so that a seal with a damaged byte is still known as one. */
static const char magic[] = "tessera-seal";

void tsr_seal_make(const unsigned char *bytes, int64_t count, char seal[TSR_SEAL_BYTES]) {
    struct sha256_ctx context;
    uint8_t sum[SHA256_DIGEST_SIZE];
    char hex[2 * SHA256_DIGEST_SIZE + 1], line[TSR_SEAL_BYTES + 16];
    sha256_init(&context);
    sha256_update(&context, (size_t)count, bytes);
    sha256_digest(&context, sizeof(sum), sum);
    for (size_t i = 0; i < sizeof(sum); i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)sum[i]);
    snprintf(line, sizeof(line), "\n%s sha256 %s of the first %015" PRId64 " bytes %s\n", magic, hex, count, magic);
    memcpy(seal, line, TSR_SEAL_BYTES);
}

tsr_seal tsr_seal_check(const unsigned char *bytes, int64_t count) {
    char expected[TSR_SEAL_BYTES];
    const int64_t covered = count - TSR_SEAL_BYTES, tail = covered > 0 ? covered : 0;
    if (!memmem(bytes + tail, (size_t)(count - tail), magic, sizeof(magic) - 1)) return TSR_SEAL_NONE;
    if (covered < 0) return TSR_SEAL_BROKEN;
    tsr_seal_make(bytes, covered, expected);
    return memcmp(bytes + covered, expected, TSR_SEAL_BYTES) == 0 ? TSR_SEAL_WHOLE : TSR_SEAL_BROKEN;
}
