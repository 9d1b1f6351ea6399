/* Threefry4x64: a block cipher with the parts that make it safe for secrets taken out, as a random number generator.
 * Layer 0. Plain C without branches: compilers vectorise loops over counters. Thread-safe, allocates nothing.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11; the rotations and the
 * parity word are those of Threefish-256 (Ferguson et al., "The Skein hash function family", version 1.3). */
#ifndef TSR_ENGINE_THREEFRY_H
#define TSR_ENGINE_THREEFRY_H

#include "engine/vmath.h"

#include <stdint.h>

enum { TSR_THREEFRY_WORDS = 4, TSR_THREEFRY_ROUNDS_MAX = 23 };

/* A key of four words and their parity. */
typedef struct {
    uint64_t word[TSR_THREEFRY_WORDS + 1];
} tsr_threefry_key;

TSR_INLINE tsr_threefry_key tsr_threefry_key_make(const uint64_t key[TSR_THREEFRY_WORDS]) {
    const uint64_t parity = 0x1bd11bdaa9fc1a22u ^ key[0] ^ key[1] ^ key[2] ^ key[3];
    return (tsr_threefry_key){.word = {key[0], key[1], key[2], key[3], parity}};
}

TSR_INLINE void tsr_threefry_inject(const tsr_threefry_key *key, int times, uint64_t x[TSR_THREEFRY_WORDS]) {
    x[0] += key->word[times % 5];
    x[1] += key->word[(times + 1) % 5];
    x[2] += key->word[(times + 2) % 5];
    x[3] += key->word[(times + 3) % 5] + (uint64_t)times;
}

TSR_INLINE void tsr_threefry_mix(int turn, uint64_t *a, uint64_t *b) {
    *a += *b;
    *b = (*b << turn | *b >> (64 - turn)) ^ *a;
}

/* Round r of 0 .. rounds - 1, none beyond; before every fourth one, and after the last of four, comes the key. */
TSR_INLINE void tsr_threefry_round(const tsr_threefry_key *key, int rounds, int r, uint64_t x[TSR_THREEFRY_WORDS]) {
    static const int turns[8][2] = {{14, 16}, {52, 57}, {23, 40}, {5, 37}, {25, 33}, {46, 12}, {58, 22}, {32, 32}};
    if (r <= rounds && r % 4 == 0) tsr_threefry_inject(key, r / 4, x);
    if (r >= rounds) return;
    tsr_threefry_mix(turns[r % 8][0], &x[0], &x[r % 2 ? 3 : 1]);
    tsr_threefry_mix(turns[r % 8][1], &x[2], &x[r % 2 ? 1 : 3]);
}

/* Written out, because compilers do not vectorise around an inner loop. */
TSR_INLINE void tsr_threefry_eight(const tsr_threefry_key *key, int rounds, int first, uint64_t x[TSR_THREEFRY_WORDS]) {
    tsr_threefry_round(key, rounds, first, x);
    tsr_threefry_round(key, rounds, first + 1, x);
    tsr_threefry_round(key, rounds, first + 2, x);
    tsr_threefry_round(key, rounds, first + 3, x);
    tsr_threefry_round(key, rounds, first + 4, x);
    tsr_threefry_round(key, rounds, first + 5, x);
    tsr_threefry_round(key, rounds, first + 6, x);
    tsr_threefry_round(key, rounds, first + 7, x);
}

/* Turns a counter x into four random words. rounds: a constant of 1 .. TSR_THREEFRY_ROUNDS_MAX. */
TSR_INLINE void tsr_threefry(const tsr_threefry_key *key, int rounds, uint64_t x[TSR_THREEFRY_WORDS]) {
    tsr_threefry_eight(key, rounds, 0, x);
    tsr_threefry_eight(key, rounds, 8, x);
    tsr_threefry_eight(key, rounds, 16, x);
}

#endif
