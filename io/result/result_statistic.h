/* One statistic of a stage over all points of its sweep, as one array. Points may differ in what they say (bins of
 * their own, a column more): then the longest dimension rules, and what a point does not have is NaN.
 * Internal to result_*.c. */
#ifndef TSR_IO_RESULT_STATISTIC_H
#define TSR_IO_RESULT_STATISTIC_H

#include "engine/run.h"
#include "io/result/contents.h"

typedef struct {
    const tsr_stage_outcome *stage;
    const tsr_result *first;            /* at the first point that has it: names, units, dimensions */
    int64_t length[TSR_DIMENSIONS_MAX]; /* of the longest; 1 beyond the result's dimensions */
    bool same[TSR_DIMENSIONS_MAX];      /* the dimension says the same at all points */
    bool has_error;
    int64_t cells; /* of one point: product of the lengths */
} tsr_statistic;

/* netCDF's own number for "no value here" among int64. */
#define TSR_FILL_INTEGER (-INT64_C(9223372036854775806))

/* Looks at all points. TSR_EINTERNAL: one of them says something of another kind under this name. */
tsr_status tsr_statistic_survey(const tsr_stage_outcome *stage, const tsr_result *first, tsr_statistic *out);

/* Arrays kept by the contents; NULL: no memory (the contents remember).
 * values, errors: [points, cells], NaN where a point has none; integers: the same with TSR_FILL_INTEGER. */
double *tsr_statistic_values(const tsr_statistic *statistic, tsr_contents *contents);
double *tsr_statistic_errors(const tsr_statistic *statistic, tsr_contents *contents);
int64_t *tsr_statistic_integers(const tsr_statistic *statistic, tsr_contents *contents);

/* Where the cells of a dimension lie at each point: [points, length[dimension]], NaN or "" where a point has none. */
double *tsr_statistic_coordinates(const tsr_statistic *statistic, int dimension, tsr_contents *contents);
const char **tsr_statistic_labels(const tsr_statistic *statistic, int dimension, tsr_contents *contents);

/* The unit of all values, or NULL where columns have different ones. */
const char *tsr_statistic_unit(const tsr_statistic *statistic);

#endif
