/* A table of short texts in aligned columns. Hides widths (in characters, not bytes) and memory. */
#ifndef TSR_CLI_TABLE_H
#define TSR_CLI_TABLE_H

#include "engine/status.h"

#include <stdio.h>

typedef enum {
    TSR_ALIGN_LEFT,
    TSR_ALIGN_RIGHT,
    TSR_ALIGN_POINT /* numbers stand with their decimal points below each other */
} tsr_align;

typedef struct tsr_table tsr_table;

/* align: [columns], kept. TSR_ERUNTIME: no memory. Not thread-safe on one table. */
tsr_status tsr_table_create(int columns, const tsr_align *align, tsr_table **out);
void tsr_table_destroy(tsr_table **table);

/* cells: [columns], copied; control characters become '?'. Want of memory is remembered for tsr_table_print. */
void tsr_table_add(tsr_table *table, const char *const *cells);

/* Prints every row, indented by so many blanks, two blanks between columns, none at the end of a line.
 * TSR_ERUNTIME: no memory when rows were added. */
tsr_status tsr_table_print(const tsr_table *table, int indent, FILE *out);

/* Characters of a UTF-8 text. */
int tsr_text_width(const char *text);

#endif
