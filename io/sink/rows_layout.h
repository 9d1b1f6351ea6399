/* How rows lie in the HDF5 file of a sink: which datasets there are, and what a row of each is made of.
 * Immutable once it is made. */
#ifndef TSR_IO_ROWS_LAYOUT_H
#define TSR_IO_ROWS_LAYOUT_H

#include "engine/sink.h"

/* Values 0 .. 8: as the choices of the parameter `type` stand. */
typedef enum {
    TSR_ROWS_FLOAT64,
    TSR_ROWS_FLOAT32,
    TSR_ROWS_INT64,
    TSR_ROWS_INT32,
    TSR_ROWS_INT16,
    TSR_ROWS_INT8,
    TSR_ROWS_UINT32,
    TSR_ROWS_UINT16,
    TSR_ROWS_UINT8,
    TSR_ROWS_WORD, /* the label of a category, with zero bytes behind it; all zero: missing */
    TSR_ROWS_ITEM  /* the number of the item in its source, int64 */
} tsr_rows_type;
#define TSR_ROWS_TYPES "float64|float32|int64|int32|int16|int8|uint32|uint16|uint8"

enum { TSR_ROWS_COLUMNS_MAX = 1024, TSR_ROWS_AXES_MAX = 4, TSR_ROWS_BYTES_MAX = 65536 /* of a row of a dataset */ };

/* A dataset: one column, some side by side, or the numbers of the items. */
typedef struct {
    const char *name;
    int first; /* of the columns that are kept */
    int columns;
    tsr_rows_type type;
    size_t cell_bytes;
    int64_t row_bytes;
    int64_t chunk_rows;
} tsr_rows_set;

typedef struct {
    int columns;
    int index[TSR_ROWS_COLUMNS_MAX]; /* among the columns of the stage */
    const tsr_field *field[TSR_ROWS_COLUMNS_MAX];
    int sets;
    tsr_rows_set set[TSR_ROWS_COLUMNS_MAX + 1];
    bool is_table; /* one dataset for all columns */
    bool has_items;
    int axes; /* of a row of the table: 1, or as `shape` says */
    int64_t extent[TSR_ROWS_AXES_MAX];
    const char *rows_name; /* of the axis of rows: "item", or "row" without the items' numbers */
} tsr_rows_layout;

/* As the parameters file, columns, as, name, shape, type, item and chunk say. TSR_EUSAGE. */
tsr_status tsr_rows_layout_make(const tsr_params *params, const tsr_field *fields, tsr_rows_layout *out);

#endif
