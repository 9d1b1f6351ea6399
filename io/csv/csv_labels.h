/* A set of labels: the distinct words of a column, which become categories. Hides the hash table. */
#ifndef TSR_IO_CSV_LABELS_H
#define TSR_IO_CSV_LABELS_H

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_CSV_LABELS_MAX = 1000000, TSR_CSV_LABEL_BYTES_MAX = 200 };

typedef struct tsr_csv_labels tsr_csv_labels;

/* TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_labels_create(tsr_csv_labels **out);
void tsr_csv_labels_destroy(tsr_csv_labels **labels);

int tsr_csv_labels_count(const tsr_csv_labels *labels);
bool tsr_csv_labels_has(const tsr_csv_labels *labels, const char *label, size_t bytes);

/* Adds a copy, unless it is there. bytes: of the label. TSR_EDATA: more than TSR_CSV_LABELS_MAX; TSR_ERUNTIME: no
 * memory. Not thread-safe on one set. */
tsr_status tsr_csv_labels_add(tsr_csv_labels *labels, const char *label, size_t bytes);

/* Adds all labels of another set. */
tsr_status tsr_csv_labels_merge(tsr_csv_labels *labels, const tsr_csv_labels *other);

/* Gives each label its code, its place among all in the order of bytes; none may be added from now on. Allocates.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_labels_sort(tsr_csv_labels *labels);

/* After that: the labels by code, ending with NULL; and the code of a label, -1: it is not one. Thread-safe. */
const char *const *tsr_csv_labels_sorted(const tsr_csv_labels *labels);
int tsr_csv_labels_code(const tsr_csv_labels *labels, const char *label, size_t bytes);

#endif
