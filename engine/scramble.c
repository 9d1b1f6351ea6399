#include "engine/scramble.h"

#include <string.h>

enum { QUADS = 6 }; /* of words for one scramble: 16 words of flips, 6 of keys, 2 left over */

tsr_scramble tsr_scramble_make(const tsr_stream *stream, int64_t replicate, int64_t dimension) {
    uint64_t word[QUADS * TSR_QUAD];
    tsr_scramble scramble;
    for (int64_t quad = 0; quad < QUADS; quad++)
        tsr_stream_quad(stream, TSR_KIND_BITS, replicate, dimension * QUADS + quad, &word[quad * TSR_QUAD]);
    memcpy(scramble.flips, word, sizeof(scramble.flips));
    memcpy(scramble.key, &word[16], sizeof(scramble.key));
    return scramble;
}

/* The flips of the first ten digits together, for each of the 1024 values of these. */
static void gather_flips(const uint32_t flips[TSR_SCRAMBLE_PREFIXES / 32], uint32_t out[TSR_SCRAMBLE_PREFIXES]) {
    uint32_t flip[TSR_SCRAMBLE_PREFIXES];
    for (int word = 0; word < TSR_SCRAMBLE_PREFIXES / 32; word++)
        for (int bit = 0; bit < 32; bit++) flip[word * 32 + bit] = flips[word] >> bit & 1;
    out[0] = 0;
    for (int digit = 0; digit < TSR_SCRAMBLE_DIGITS; digit++) {
        const int prefixes = 1 << digit;
        for (int p = 0; p < prefixes; p++) out[p] |= flip[prefixes + p] << digit;
        memcpy(out + prefixes, out, (size_t)prefixes * sizeof(*out));
    }
}

/* In each of these operations a bit of the result hangs on the bits of x at its place and below only, and flips with
 * the bit at its place: what nested scrambling needs. */
TSR_INLINE uint32_t hash_nested(uint32_t x, const uint32_t key[9]) {
    x = (x + key[0]) * (key[1] | 1);
    x ^= x * (key[2] & ~UINT32_C(1));
    x = (x + key[3]) * (key[4] | 1);
    x ^= x * (key[5] & ~UINT32_C(1));
    x = (x + key[6]) * (key[7] | 1);
    x ^= x * (key[8] & ~UINT32_C(1));
    return x;
}

/* Any other function of all digits; method and multipliers: A. Appleby, MurmurHash3, fmix32. */
TSR_INLINE uint32_t hash_all(uint32_t x, const uint32_t key[2]) {
    x = (x ^ x >> 16 ^ key[0]) * 0x85ebca6bu;
    x = (x ^ x >> 13 ^ key[1]) * 0xc2b2ae35u;
    return x ^ x >> 16;
}

TSR_INLINE uint32_t reverse(uint32_t x) {
    x = x << 16 | x >> 16;
    x = (x & 0x00ff00ffu) << 8 | (x >> 8 & 0x00ff00ffu);
    x = (x & 0x0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0fu);
    x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
    return (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
}

void tsr_scramble_words(const tsr_scramble *scramble, int64_t count, const uint32_t *words, double *out) {
    const uint32_t first = TSR_SCRAMBLE_PREFIXES - 1;
    const tsr_scramble here = *scramble;
    uint32_t flips[TSR_SCRAMBLE_PREFIXES];
    gather_flips(here.flips, flips);
    for (int64_t i = 0; i < count; i++) {
        const uint32_t word = words[i], later = hash_nested(word, here.key) & ~first;
        const uint32_t digits = reverse(((word ^ flips[word & first]) & first) | later);
        out[i] = tsr_uniform_from_bits((uint64_t)digits << 32 | hash_all(digits, &here.key[9]));
    }
}
