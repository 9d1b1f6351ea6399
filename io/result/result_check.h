/* What a result file holds, looked at once more: whether everything can be read, and whether the results are those of
 * the state. Not collective, not thread-safe. */
#ifndef TSR_IO_RESULT_CHECK_H
#define TSR_IO_RESULT_CHECK_H

#include "io/result/image.h"
#include "io/result/result_file.h"

/* Reads every variable of a file and counts them. TSR_ECHECKPOINT: one cannot be read; TSR_ERUNTIME: no memory. */
tsr_status tsr_result_check_reads(const tsr_image *image, int64_t *variables);

/* Compares all results, their errors and units with those of an outcome that was solved from the state again; the
 * history of a run, which its end does not know, is left out. A NaN is a NaN. Where only some of the stages have run,
 * the results of the others are not looked at, nor axes, which stages share. compared: how many variables.
 * TSR_ECHECKPOINT: one is missing, or a value differs, with the name of the variable and what it should be;
 * TSR_ERUNTIME. */
tsr_status tsr_result_check_values(const tsr_image *image, const tsr_run_record *record, int64_t *compared);

#endif
