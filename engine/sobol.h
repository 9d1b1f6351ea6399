/* Sobol points: nets whose first 2^k points have one in every interval of length 2^-k of every coordinate, and more.
 * Layer 1. Nothing here allocates or keeps state; all is thread-safe.
 * Sources: I. Sobol, USSR Comput. Math. Math. Phys. 7 (1967) 86; the order of the points: I. Antonov and V. Saleev,
 * ibid. 19 (1979) 252; direction numbers: S. Joe and F. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635. */
#ifndef TSR_ENGINE_SOBOL_H
#define TSR_ENGINE_SOBOL_H

#include <stdint.h>

/* All polynomials of degree up to 14. */
enum { TSR_SOBOL_BITS = 32, TSR_SOBOL_DIMENSIONS = 1867, TSR_SOBOL_BLOCK = 1024 };

/* What each bit of a point's index adds to (exclusive or) a coordinate of it: a binary fraction of 32 digits, of which
 * the highest bit weighs 1/2. */
typedef struct {
    uint32_t bit[TSR_SOBOL_BITS];
} tsr_directions;

/* The directions of dimensions 0 .. dimensions - 1 (at most TSR_SOBOL_DIMENSIONS); out [dimensions]. */
void tsr_sobol_directions(int64_t dimensions, tsr_directions *out);

/* The same with their digits in reverse: the lowest bit weighs 1/2. Words made from them are reversed likewise. */
tsr_directions tsr_directions_reverse(const tsr_directions *directions);

/* A coordinate of points 1024 block .. 1024 block + 1023, block < 2^22; as fractions of 32 digits. */
void tsr_sobol_words(const tsr_directions *directions, uint32_t block, uint32_t out[TSR_SOBOL_BLOCK]);

/* The same as numbers in (0, 1), digitally shifted: the 32 digits of a point, and zeros after them, exclusive or the
 * digits of `shift`, of which 52 count; and half a unit of the last of these. With a shift of 2^31: the centres of
 * cells of 2^-32. */
void tsr_sobol_points(const tsr_directions *directions, uint32_t block, uint64_t shift, double out[TSR_SOBOL_BLOCK]);

#endif
