#include "kernels/data/fourier.h"

#include "engine/vmath.h"

#include <stdlib.h>

enum { FACTORS_MAX = 16 };

struct tsr_fourier {
    int64_t length;
    int factors;
    int64_t factor[FACTORS_MAX]; /* prime */
    double cosine[TSR_FOURIER_LENGTH_MAX];
    double sine[TSR_FOURIER_LENGTH_MAX]; /* of -t turns / length */
};

tsr_status tsr_fourier_create(int64_t length, tsr_fourier **out) {
    TSR_ASSERT(length >= 1 && length <= TSR_FOURIER_LENGTH_MAX);
    tsr_fourier *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for a Fourier transform of %lld items", (long long)length);
    made->length = length;
    for (int64_t rest = length, prime = 2; rest > 1; prime++)
        for (; rest % prime == 0; rest /= prime) made->factor[made->factors++] = prime;
    for (int64_t t = 0; t < length; t++)
        tsr_sincos_turns(-(double)t / (double)length, &made->sine[t], &made->cosine[t]);
    *out = made;
    return TSR_OK;
}

void tsr_fourier_destroy(tsr_fourier **fourier) {
    free(*fourier);
    *fourier = NULL;
}

/* y = w x, or y += w x, of `count` phasors. */
static void multiply(tsr_phasor *restrict y, const tsr_phasor *restrict x, int64_t count, double cosine, double sine) {
    for (int64_t q = 0; q < count; q++)
        for (int lane = 0; lane < TSR_FOURIER_LANES; lane++) {
            y[q].real[lane] = cosine * x[q].real[lane] - sine * x[q].imaginary[lane];
            y[q].imaginary[lane] = cosine * x[q].imaginary[lane] + sine * x[q].real[lane];
        }
}

static void multiply_add(tsr_phasor *restrict y, const tsr_phasor *restrict x, int64_t count, double cosine,
                         double sine) {
    for (int64_t q = 0; q < count; q++)
        for (int lane = 0; lane < TSR_FOURIER_LANES; lane++) {
            y[q].real[lane] += cosine * x[q].real[lane] - sine * x[q].imaginary[lane];
            y[q].imaginary[lane] += cosine * x[q].imaginary[lane] + sine * x[q].real[lane];
        }
}

/* One factor r of what is left of the length, of which `done` is done: sequences of m r become r of m. */
static void pass(const tsr_fourier *fourier, int64_t r, int64_t done, const tsr_phasor *x, tsr_phasor *y) {
    const int64_t length = fourier->length, m = length / done / r;
    for (int64_t p = 0; p < m; p++)
        for (int64_t j = 0; j < r; j++) {
            tsr_phasor *to = y + done * (r * p + j);
            for (int64_t k = 0; k < r; k++) {
                const int64_t turn = (done * p * j + length / r * j * k) % length;
                const tsr_phasor *from = x + done * (p + m * k);
                (k == 0 ? multiply : multiply_add)(to, from, done, fourier->cosine[turn], fourier->sine[turn]);
            }
        }
}

/* Autosort: T. G. Stockham, AFIPS Conf. Proc. 28 (1966) 229-233, for any factors. */
const tsr_phasor *tsr_fourier_transform(const tsr_fourier *fourier, tsr_phasor *x, tsr_phasor *other) {
    int64_t done = 1;
    for (int f = 0; f < fourier->factors; f++) {
        pass(fourier, fourier->factor[f], done, x, other);
        done *= fourier->factor[f];
        tsr_phasor *const result = other;
        other = x;
        x = result;
    }
    return x;
}
