/* Owen's nested uniform scrambling of binary fractions: a random permutation of {0, 1} for the first digit, one for the
 * second digit for each first digit, and so on, each digit's permutation chosen by all digits before it.
 * Layer 2. Thread-safe, allocates nothing. A value type.
 * Sources: A. Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", Monte Carlo and Quasi-Monte Carlo Methods in
 * Scientific Computing (1995) 299; by hashing: S. Laine and T. Karras, Computer Graphics Forum 30 (2011) 1299;
 * B. Burley, "Practical hash-based Owen scrambling", J. Computer Graphics Techniques 9 (2020) 4. */
#ifndef TSR_ENGINE_SCRAMBLE_H
#define TSR_ENGINE_SCRAMBLE_H

#include "engine/stream.h"

/* Permutations of the first ten digits one by one: the bit at 2^l + p flips digit l (from 0) after digits p; the lowest
 * bit of p is the first digit. Those of later digits come from a hash of all digits before, in which these keys take
 * part. */
enum { TSR_SCRAMBLE_DIGITS = 10, TSR_SCRAMBLE_PREFIXES = 1024, TSR_SCRAMBLE_KEYS = 12 };

typedef struct {
    uint32_t flips[TSR_SCRAMBLE_PREFIXES / 32];
    uint32_t key[TSR_SCRAMBLE_KEYS];
} tsr_scramble;

/* Independent for every (replicate, dimension); neither is negative. Draws words of TSR_KIND_BITS. */
tsr_scramble tsr_scramble_make(const tsr_stream *stream, int64_t replicate, int64_t dimension);

/* What `words`, binary fractions of 32 digits in reverse order, become: uniforms in (0, 1). Digits after the 32nd are
 * random ones, up to the 52nd. out [count]. */
void tsr_scramble_words(const tsr_scramble *scramble, int64_t count, const uint32_t *words, double *out);

#endif
