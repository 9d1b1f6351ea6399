/* A random permutation of 0 .. 1023 as a function: no table, so that any item can be asked for alone.
 * Layer 2, internal to engine/designs/. Thread-safe, allocates nothing.
 * Source: a Feistel network of eight rounds on 5 + 5 bits; M. Luby and C. Rackoff, SIAM J. Comput. 17 (1988) 373. */
#ifndef TSR_ENGINE_SHUFFLE_H
#define TSR_ENGINE_SHUFFLE_H

#include "engine/stream.h"

enum { TSR_SHUFFLE_ROUNDS = 8 };
typedef struct {
    uint32_t key[TSR_SHUFFLE_ROUNDS];
} tsr_shuffle;

/* Independent for every (group, dimension). Draws words of TSR_KIND_BITS. */
static inline tsr_shuffle tsr_shuffle_make(const tsr_stream *stream, int64_t group, int64_t dimension) {
    uint64_t word[TSR_QUAD];
    tsr_shuffle shuffle;
    tsr_stream_quad(stream, TSR_KIND_BITS, group, dimension, word);
    memcpy(shuffle.key, word, sizeof(shuffle.key));
    return shuffle;
}

/* Five bits, hashed from five others and a key. Method and multipliers: A. Appleby, MurmurHash3, fmix32. */
TSR_INLINE uint32_t tsr_shuffle_round(uint32_t half, uint32_t key) {
    uint32_t x = half + key;
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    return x >> 27;
}

/* Where place 0 .. 1023 goes. */
TSR_INLINE uint32_t tsr_shuffle_place(const tsr_shuffle *shuffle, uint32_t place) {
    uint32_t left = place >> 5, right = place & 31;
    for (int round = 0; round < TSR_SHUFFLE_ROUNDS; round += 2) {
        left ^= tsr_shuffle_round(right, shuffle->key[round]);
        right ^= tsr_shuffle_round(left, shuffle->key[round + 1]);
    }
    return left << 5 | right;
}

#endif
