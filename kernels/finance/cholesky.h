/* Cholesky factor of a covariance matrix, with the eigenvalue that tells why there is none.
 * Source: G. Golub and C. Van Loan, Matrix Computations, 4th ed., section 4.2; computed by GSL, whose error handler
 * must be off. */
#ifndef TSR_KERNELS_FINANCE_CHOLESKY_H
#define TSR_KERNELS_FINANCE_CHOLESKY_H

#include <stdbool.h>
#include <stdint.h>

/* Largest |a_ij - a_ji| over largest |a_ij| of a matrix [size, size]. Thread-safe, allocates nothing. */
double tsr_matrix_asymmetry(const double *matrix, int64_t size);

/* Replaces a symmetric matrix [size, size] by its lower triangular factor L, L L' = matrix, zero above the diagonal.
 * False, and the matrix as it was: it is not positive definite by more than rounding. smallest: its smallest
 * eigenvalue; NaN: no memory. Thread-safe; allocates and frees. */
bool tsr_cholesky_factor(double *matrix, int64_t size, double *smallest);

#endif
