/* Statistical Reference Datasets of NIST, univariate: the observations and their certified values.
 * Source: https://www.itl.nist.gov/div898/strd/univ/homepage.html; a work of the United States government. */
#ifndef TSR_TESTS_NIST_H
#define TSR_TESTS_NIST_H

#include <gmp.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static const int16_t nist_lew[200] = {
    -213, -564, -35,  -15,  141,  115,  -420, -360, 203,  -338, -431, 194,  -220, -513, 154,  -125, -559, 92,   -21,
    -579, -52,  99,   -543, -175, 162,  -457, -346, 204,  -300, -474, 164,  -107, -572, -8,   83,   -541, -224, 180,
    -420, -374, 201,  -236, -531, 83,   27,   -564, -112, 131,  -507, -254, 199,  -311, -495, 143,  -46,  -579, -90,
    136,  -472, -338, 202,  -287, -477, 169,  -124, -568, 17,   48,   -568, -135, 162,  -430, -422, 172,  -74,  -577,
    -13,  92,   -534, -243, 194,  -355, -465, 156,  -81,  -578, -64,  139,  -449, -384, 193,  -198, -538, 110,  -44,
    -577, -6,   66,   -552, -164, 161,  -460, -344, 205,  -281, -504, 134,  -28,  -576, -118, 156,  -437, -381, 200,
    -220, -540, 83,   11,   -568, -160, 172,  -414, -408, 188,  -125, -572, -32,  139,  -492, -321, 205,  -262, -504,
    142,  -83,  -574, 0,    48,   -571, -106, 137,  -501, -266, 190,  -391, -406, 194,  -186, -553, 83,   -13,  -577,
    -49,  103,  -515, -280, 201,  300,  -506, 131,  -45,  -578, -80,  138,  -462, -361, 201,  -211, -554, 32,   74,
    -533, -235, 187,  -372, -442, 182,  -147, -566, 25,   68,   -535, -244, 194,  -351, -463, 174,  -125, -570, 15,
    72,   -550, -190, 172,  -424, -385, 198,  -218, -536, 96,
};

static const int16_t nist_lottery[218] = {
    162, 671, 933, 414, 788, 730, 817, 33,  536, 875, 670, 236, 473, 167, 877, 980, 316, 950, 456, 92,  517, 557,
    956, 954, 104, 178, 794, 278, 147, 773, 437, 435, 502, 610, 582, 780, 689, 562, 964, 791, 28,  97,  848, 281,
    858, 538, 660, 972, 671, 613, 867, 448, 738, 966, 139, 636, 847, 659, 754, 243, 122, 455, 195, 968, 793, 59,
    730, 361, 574, 522, 97,  762, 431, 158, 429, 414, 22,  629, 788, 999, 187, 215, 810, 782, 47,  34,  108, 986,
    25,  644, 829, 630, 315, 567, 919, 331, 207, 412, 242, 607, 668, 944, 749, 168, 864, 442, 533, 805, 372, 63,
    458, 777, 416, 340, 436, 140, 919, 350, 510, 572, 905, 900, 85,  389, 473, 758, 444, 169, 625, 692, 140, 897,
    672, 288, 312, 860, 724, 226, 884, 508, 976, 741, 476, 417, 831, 15,  318, 432, 241, 114, 799, 955, 833, 358,
    935, 146, 630, 830, 440, 642, 356, 373, 271, 715, 367, 393, 190, 669, 8,   861, 108, 795, 269, 590, 326, 866,
    64,  523, 862, 840, 219, 382, 998, 4,   628, 305, 747, 247, 34,  747, 729, 645, 856, 974, 24,  568, 24,  694,
    608, 480, 410, 729, 947, 293, 53,  930, 223, 203, 677, 227, 62,  455, 387, 318, 562, 242, 428, 968,
};

/* Five decimals: 2.00180 is 200180. */
static const int32_t nist_mavro[50] = {
    200180, 200170, 200180, 200190, 200180, 200170, 200150, 200140, 200150, 200150, 200170, 200180, 200180,
    200190, 200190, 200210, 200200, 200160, 200140, 200130, 200130, 200150, 200150, 200160, 200150, 200140,
    200130, 200140, 200150, 200140, 200150, 200160, 200150, 200160, 200190, 200200, 200200, 200210, 200220,
    200230, 200240, 200250, 200270, 200260, 200260, 200260, 200270, 200260, 200250, 200240,
};

/* Two decimals: 299.85 is 29985. */
static const int32_t nist_michelso[100] = {
    29985, 29974, 29990, 30007, 29993, 29985, 29995, 29998, 29998, 29988, 30000, 29998, 29993, 29965, 29976,
    29981, 30000, 30000, 29996, 29996, 29996, 29994, 29996, 29994, 29988, 29980, 29985, 29988, 29990, 29984,
    29983, 29979, 29981, 29988, 29988, 29983, 29980, 29979, 29976, 29980, 29988, 29988, 29988, 29986, 29972,
    29972, 29962, 29986, 29997, 29995, 29988, 29991, 29985, 29987, 29984, 29984, 29985, 29984, 29984, 29984,
    29989, 29981, 29981, 29982, 29980, 29977, 29976, 29974, 29975, 29976, 29991, 29992, 29989, 29986, 29988,
    29972, 29984, 29985, 29985, 29978, 29989, 29984, 29978, 29981, 29976, 29981, 29979, 29981, 29982, 29985,
    29987, 29987, 29981, 29974, 29981, 29994, 29995, 29980, 29981, 29987,
};

/* PiDigits: the first 5000 digits of pi, by Machin's formula. out: [5000]
 * The file of NIST, and with it the certified values, has a 3 where pi has an 8 at index 956. */
enum { NIST_PI_DIGITS = 5000, NIST_PI_SLIP = 956 };

static inline void nist_arctangent(mpz_t out, const mpz_t one, unsigned long of_inverse) {
    mpz_t power, term;
    mpz_inits(power, term, NULL);
    mpz_tdiv_q_ui(power, one, of_inverse);
    mpz_set(out, power);
    for (unsigned long k = 3; mpz_sgn(power) != 0; k += 2) {
        mpz_tdiv_q_ui(power, power, of_inverse * of_inverse);
        mpz_tdiv_q_ui(term, power, k);
        if (k % 4 == 3) {
            mpz_sub(out, out, term);
        } else {
            mpz_add(out, out, term);
        }
    }
    mpz_clears(power, term, NULL);
}

static inline void nist_pi_digits(double *out) {
    mpz_t one, pi, minor;
    mpz_inits(one, pi, minor, NULL);
    mpz_ui_pow_ui(one, 10, NIST_PI_DIGITS + 20);
    nist_arctangent(pi, one, 5);
    nist_arctangent(minor, one, 239);
    mpz_mul_ui(pi, pi, 4);
    mpz_sub(pi, pi, minor);
    mpz_mul_ui(pi, pi, 4);
    char *digits = mpz_get_str(NULL, 10, pi);
    for (int i = 0; i < NIST_PI_DIGITS; i++) out[i] = digits[i] - '0';
    out[NIST_PI_SLIP] = 3;
    free(digits);
    mpz_clears(one, pi, minor, NULL);
}

/* The NumAcc pattern: base + 2 tenths, then base + 1 tenth and base + 3 tenths in turn; base is an integer. */
static inline double nist_numacc(int64_t base, int64_t item) {
    return (double)(10 * base + (item == 0 ? 2 : item % 2 ? 1 : 3)) / 10;
}

/* The four sets as patterns of any odd length: n does not change mean and sd, which NIST certifies. The first one
 * counts in ones, not in tenths. cap: digits of the sd that the doubles nearest to the data allow. */
typedef struct {
    const char *name;
    double value[3]; /* the first, those of odd and of even index */
    double mean, sd;
    double cap;
} nist_pattern;

static inline nist_pattern nist_numacc_pattern(int set) {
    static const nist_pattern sets[] = {
        {"NumAcc1", {10000002, 10000001, 10000003}, 10000002, 1, 16},
        {"NumAcc2", {1.2, 1.1, 1.3}, 1.2, 0.1, 14.8},
        {"NumAcc3", {1000000.2, 1000000.1, 1000000.3}, 1000000.2, 0.1, 9.5},
        {"NumAcc4", {10000000.2, 10000000.1, 10000000.3}, 10000000.2, 0.1, 8.3},
    };
    return sets[set];
}

enum { NIST_PATTERNS = 4 };

/* Mean and variance of a pattern's doubles, as they are. items: odd */
static inline void nist_exact(const nist_pattern *pattern, int64_t items, mpq_t mean, mpq_t variance) {
    mpq_t count, value;
    mpq_inits(count, value, NULL);
    for (int pass = 0; pass < 2; pass++) {
        mpq_t sum;
        mpq_init(sum);
        for (int v = 0; v < 3; v++) {
            mpq_set_d(value, pattern->value[v]);
            if (pass == 1) mpq_sub(value, value, mean);
            if (pass == 1) mpq_mul(value, value, value);
            mpq_set_si(count, v == 0 ? 1 : items / 2, 1);
            mpq_mul(value, value, count);
            mpq_add(sum, sum, value);
        }
        mpq_set_si(count, items - pass, 1);
        mpq_div(pass == 0 ? mean : variance, sum, count);
        mpq_clear(sum);
    }
    mpq_clears(count, value, NULL);
}

/* How far a double is from an exact number, in units of its last place; of a variance: root gives the sd. */
static inline double nist_distance(double value, const mpq_t exact, bool root) {
    mpq_t found, error;
    mpq_inits(found, error, NULL);
    mpq_set_d(found, value);
    if (root) mpq_mul(found, found, found);
    mpq_sub(error, found, exact);
    mpq_div(error, error, exact);
    const double relative = fabs(mpq_get_d(error)) / (root ? 2 : 1);
    mpq_clears(found, error, NULL);
    int exponent;
    return relative * 0x1p53 * frexp(fabs(value), &exponent);
}

/* Number of right digits, 16 if all are. */
static inline double nist_lre(double value, double certified) {
    return value == certified ? 16 : fmin(16, -log10(fabs(value - certified) / fabs(certified)));
}

#endif
