/* An excerpt of a dataset: its first rows, and blocks at even distances up to its end. */
#ifndef TSR_CLI_EXCERPT_H
#define TSR_CLI_EXCERPT_H

#include "engine/source.h"

enum { TSR_EXCERPT_SHOWN = 3, TSR_EXCERPT_COLUMNS_MAX = 1024 };

/* One column, as far as the excerpt tells. */
typedef struct {
    const tsr_field *field; /* borrowed from the model */
    int64_t missing;        /* values that are not finite */
    double minimum;         /* of the others; NaN: there are none */
    double maximum;
    double first[TSR_EXCERPT_SHOWN];
} tsr_excerpt_column;

typedef struct {
    const tsr_source *table;
    void *model;
    int64_t rows;               /* of the dataset */
    int64_t taken;              /* of them */
    int columns;                /* of the dataset */
    int known;                  /* of them: the first TSR_EXCERPT_COLUMNS_MAX */
    tsr_excerpt_column *column; /* [known] */
} tsr_excerpt;

/* Opens a dataset and takes the excerpt. source: YAML, "csv: {file: a.csv}"; sources: ending with NULL. Not collective;
 * allocates; clear in any case. Failures are those of the source. */
tsr_status tsr_excerpt_take(const char *source, const tsr_source *const *sources, tsr_excerpt *out);
void tsr_excerpt_clear(tsr_excerpt *excerpt);

#endif
