/* Fourier transforms of any length, of a few sequences side by side, with the same bits on every machine. */
#ifndef TSR_KERNELS_DATA_FOURIER_H
#define TSR_KERNELS_DATA_FOURIER_H

#include "engine/status.h"

#include <stdint.h>

enum { TSR_FOURIER_LENGTH_MAX = 4096, TSR_FOURIER_LANES = 4 };

/* Immutable; thread-safe. */
typedef struct tsr_fourier tsr_fourier;

/* One complex value of every lane: real parts, imaginary parts. */
typedef struct {
    double real[TSR_FOURIER_LANES];
    double imaginary[TSR_FOURIER_LANES];
} tsr_phasor;

/* length: 1 .. TSR_FOURIER_LENGTH_MAX. Allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_fourier_create(int64_t length, tsr_fourier **out);
void tsr_fourier_destroy(tsr_fourier **fourier);

/* x [length] becomes sum over t of x[t] e^(-2 pi i k t / length), k = 0 .. length - 1; relative error of the whole
 * about 1e-16 times the logarithm of the length. The result is in x or in other [length], whichever is returned; the
 * other one is undefined. Costs length times the sum of the prime factors of length. Allocates nothing. */
const tsr_phasor *tsr_fourier_transform(const tsr_fourier *fourier, tsr_phasor *x, tsr_phasor *other);

#endif
