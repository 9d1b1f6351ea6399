/* The integrals of Genz's six families over the unit cube: what samplers and designs are tested against.
 * Source: A. Genz, "Testing multidimensional integration routines", in: Tools, Methods and Languages for Scientific and
 * Engineering Computation (1984) 81-94. */
#ifndef TSR_KERNELS_INTEGRALS_GENZ_EXACT_H
#define TSR_KERNELS_INTEGRALS_GENZ_EXACT_H

#include <stdint.h>

/* The families by name, and in that order. With a_i > 0 and 0 <= u_i <= 1 the integrand at x is
 *
 *     oscillatory      cos(2 pi u_1 + sum a_i x_i)
 *     product_peak     prod 1 / (a_i^-2 + (x_i - u_i)^2)
 *     corner_peak      (1 + sum a_i x_i)^-(d + 1)
 *     gaussian         exp(- sum a_i^2 (x_i - u_i)^2)
 *     c0               exp(- sum a_i |x_i - u_i|)
 *     discontinuous    exp(sum a_i x_i), but 0 where x_1 > u_1 or x_2 > u_2
 */
#define TSR_GENZ_FAMILIES "oscillatory|product_peak|corner_peak|gaussian|c0|discontinuous"
typedef enum {
    TSR_GENZ_OSCILLATORY,
    TSR_GENZ_PRODUCT_PEAK,
    TSR_GENZ_CORNER_PEAK,
    TSR_GENZ_GAUSSIAN,
    TSR_GENZ_C0,
    TSR_GENZ_DISCONTINUOUS
} tsr_genz_family;

/* The integral, to some 1e-13 of its size (of 1 for the oscillatory family, which may vanish). a, u: [dimensions], at
 * least one. Thread-safe, allocates nothing, cannot fail; uses libm, so its last bits differ between machines. */
double tsr_genz_exact(tsr_genz_family family, int64_t dimensions, const double *a, const double *u);

#endif
