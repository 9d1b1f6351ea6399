/* The linear density on [0, 1] with a given mean: what a bucket assumes about the items it has counted.
 * Layer 0. Where no linear density on the whole interval has that mean (it lies in an outer third), the density falls
 * to zero inside the interval. None of these functions allocates or can fail; all are thread-safe. */
#ifndef TSR_ENGINE_DENSITY_H
#define TSR_ENGINE_DENSITY_H

#include <stdbool.h>

/* A value type: density (1 + slope - 2 slope t / span) / span on [0, span], mirrored at 1/2 if said so. */
typedef struct {
    double span;  /* (0, 1] */
    double slope; /* [0, 1] */
    bool mirrored;
} tsr_density;

/* mean: [0, 1]. */
tsr_density tsr_density_make(double mean);

/* The point below which a fraction (0 .. 1) of the mass lies. */
double tsr_density_quantile(const tsr_density *density, double fraction);

/* The integrals of t and t^2 over the mass above that point. */
void tsr_density_above(const tsr_density *density, double fraction, double *first, double *second);

#endif
