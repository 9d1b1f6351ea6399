#include "kernels/finance/cholesky.h"

#include <float.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

double tsr_matrix_asymmetry(const double *matrix, int64_t size) {
    double largest = 0.0;
    double difference = 0.0;
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++) {
            largest = fmax(largest, fabs(matrix[i * size + j]));
            difference = fmax(difference, fabs(matrix[i * size + j] - matrix[j * size + i]));
        }
    return largest > 0.0 ? difference / largest : 0.0;
}

/* Both ends of the spectrum; NaN when there is no memory. */
static void spectrum(const gsl_matrix *matrix, double *smallest, double *largest) {
    gsl_matrix *copy = gsl_matrix_alloc(matrix->size1, matrix->size1);
    gsl_vector *values = gsl_vector_alloc(matrix->size1);
    gsl_eigen_symm_workspace *workspace = gsl_eigen_symm_alloc(matrix->size1);
    *smallest = *largest = NAN;
    if (copy && values && workspace) {
        gsl_matrix_memcpy(copy, matrix);
        gsl_eigen_symm(copy, values, workspace);
        gsl_vector_minmax(values, smallest, largest);
    }
    gsl_eigen_symm_free(workspace);
    gsl_vector_free(values);
    gsl_matrix_free(copy);
}

bool tsr_cholesky_factor(double *matrix, int64_t size, double *smallest) {
    gsl_matrix_view view = gsl_matrix_view_array(matrix, (size_t)size, (size_t)size);
    double largest = 0.0;
    spectrum(&view.matrix, smallest, &largest);
    const double rounding = (double)size * DBL_EPSILON * largest;
    if (!(*smallest > rounding) || gsl_linalg_cholesky_decomp1(&view.matrix) != 0) return false;
    for (int64_t row = 0; row < size; row++)
        for (int64_t column = row + 1; column < size; column++) matrix[row * size + column] = 0.0;
    return true;
}
