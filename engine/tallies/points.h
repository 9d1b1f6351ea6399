/* The points of a quantile: which order statistics it, its error bar and its 95 % interval are made of.
 * Layer 2. Pure arithmetic on a distribution; nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_POINTS_H
#define TSR_ENGINE_POINTS_H

#include "engine/tallies/distribution.h"

/* Between two places of a distribution: (1 - weight) x[low] + weight x[high]. */
typedef struct {
    double low;
    double high;
    double weight;
} tsr_point;

typedef struct {
    tsr_point value;
    tsr_point begin; /* half the distance of begin and end is the standard error */
    tsr_point end;
    bool has_error;
    double low; /* places of the ends of the interval; 0: there is none, the end is infinite */
    double high;
} tsr_points;

/* Of a probability in a distribution whose total is not 0. linear: type 7 of Hyndman and Fan, otherwise type 1.
 * Without weights, ranks as in rank.h. With weights always the inverse of the weighted distribution function F: the
 * least value up to which the weight reaches probability x total (within 2^-40 of it); ends are the inverse at
 * probability -+ the standard error of F, and -+ 1.96 of it (Woodruff, J. American Statistical Association 47 (1952)
 * 635). */
tsr_points tsr_points_find(const tsr_distribution *distribution, double probability, bool linear);

/* All places that the points need. */
enum { TSR_POINTS_PLACES = 8 };
void tsr_points_list(const tsr_points *points, double places[TSR_POINTS_PLACES]);

#endif
