#include "engine/tallies/density.h"

#include <math.h>

tsr_density tsr_density_make(double mean) {
    bool mirrored = mean > 0.5;
    double near = mirrored ? 1.0 - mean : mean;
    if (near < 1.0 / 3.0) return (tsr_density){.span = 3.0 * near, .slope = 1.0, .mirrored = mirrored};
    return (tsr_density){.span = 1.0, .slope = 3.0 - 6.0 * near, .mirrored = mirrored};
}

/* In units of the span: the smaller root of (1 + slope) s - slope s^2 = fraction, in the form without cancellation. */
static double falling_quantile(double slope, double fraction) {
    double top = 1.0 + slope;
    double rest = fmax(0.0, top * top - 4.0 * slope * fraction);
    return fmin(1.0, 2.0 * fraction / (top + sqrt(rest)));
}

static double first_below(double slope, double s) { return s * s * ((1.0 + slope) / 2.0 - slope * s * (2.0 / 3.0)); }
static double second_below(double slope, double s) { return s * s * s * ((1.0 + slope) / 3.0 - slope * s / 2.0); }

double tsr_density_quantile(const tsr_density *density, double fraction) {
    if (density->mirrored) return 1.0 - density->span * falling_quantile(density->slope, 1.0 - fraction);
    return density->span * falling_quantile(density->slope, fraction);
}

void tsr_density_above(const tsr_density *density, double fraction, double *first, double *second) {
    double span = density->span, slope = density->slope, mass = 1.0 - fraction;
    double s = falling_quantile(slope, density->mirrored ? mass : fraction);
    double below_first = span * first_below(slope, s);
    double below_second = span * span * second_below(slope, s);
    if (density->mirrored) { /* t = 1 - s: what lies above in t lies below in s */
        *first = mass - below_first;
        *second = mass - 2.0 * below_first + below_second;
    } else {
        *first = span * first_below(slope, 1.0) - below_first;
        *second = span * span * second_below(slope, 1.0) - below_second;
    }
}
