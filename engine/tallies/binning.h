/* Which bins are long enough that the error of the mean can be read off them: the plateau of a binning analysis.
 * Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe.
 * Source: H. Flyvbjerg, H. G. Petersen, J. Chem. Phys. 91 (1989) 461; the rule: R. M. Lee, G. J. Conduit, N. Nemec,
 * P. Lopez Rios, N. D. Drummond, Phys. Rev. E 83 (2011) 066706. */
#ifndef TSR_ENGINE_BINNING_H
#define TSR_ENGINE_BINNING_H

#include <stdint.h>

/* level_error, level_bins [levels]: the error of the mean from bins of 2^level rows, NaN where there are not two;
 * between_error: from whole chains. A value type. */
typedef struct {
    int levels;
    const double *level_error;
    const int64_t *level_bins;
    double between_error;
    int64_t chains;
    int64_t rows; /* of all chains together */
} tsr_binning;

enum { TSR_BINNING_CHAINS = -1 };

/* error_error: standard error of the error. level: that of the bins, or TSR_BINNING_CHAINS for whole chains. */
typedef struct {
    int level;
    double error;
    double error_error;
} tsr_plateau;

/* Standard error of an error of the mean that rests on so many bins: error / sqrt(2 (bins - 1)). NaN for one. */
double tsr_binning_error_error(double error, int64_t bins);

/* The least level whose bins have B rows with B^3 > 2 rows (e / e_0)^4, e and e_0 being the errors from this level and
 * from single rows; if there is none, whole chains, which are independent. All NaN for one chain without such a level.
 */
tsr_plateau tsr_binning_plateau(const tsr_binning *of);

#endif
