/* What a series says of its columns: the numbers that are told, and how they become results.
 * Layer 2. */
#ifndef TSR_ENGINE_SERIES_REPORT_H
#define TSR_ENGINE_SERIES_REPORT_H

#include "engine/tallies/chain_sums.h"
#include "engine/tallies/columns.h"

/* Of one column. */
typedef struct {
    double mean, mean_error, mean_error_error;
    double tau, tau_error;
    double effective_rows, effective_rows_error;
    double binning, binning_error;
    double level;  /* TSR_BINNING_CHAINS: whole chains */
    double window; /* -1: longer than the lags */
    double split_r_hat;
} tsr_series_numbers;

/* Arrays of all columns, the caller's to clear. */
typedef struct {
    const tsr_columns *columns;
    tsr_chain_plan plan;
    tsr_chain_shape shape;
    tsr_series_numbers *numbers; /* [columns] */
    double *correlation;         /* [columns, lags + 1], as is its error */
    double *correlation_error;
    double *level_error; /* [columns, levels], as is its error */
    double *level_error_error;
} tsr_series_report;

/* TSR_ERUNTIME: no memory; clear it then as well. */
tsr_status tsr_series_report_init(const tsr_columns *columns, tsr_chain_plan plan, tsr_chain_shape shape,
                                  tsr_series_report *out);
void tsr_series_report_clear(tsr_series_report *old);

/* What is known of a column besides its sums. */
typedef enum {
    TSR_SERIES_VARIES,
    TSR_SERIES_CONSTANT, /* all values are equal */
    TSR_SERIES_SPOILT    /* not all values are finite and can be squared */
} tsr_series_kind;

/* Fills in a column. TSR_ERUNTIME: no memory. Uses GMP. */
tsr_status tsr_series_report_solve(tsr_series_report *report, int column, tsr_series_kind kind,
                                   const tsr_chain_sums *sums, const tsr_state *state);

/* TSR_ERUNTIME, TSR_EUSAGE as tsr_results_add. */
tsr_status tsr_series_report_add(const tsr_series_report *report, tsr_results *results);

#endif
