/* Which columns of a raw table a job chooses. */
#ifndef TSR_IO_RAW_CHOICE_H
#define TSR_IO_RAW_CHOICE_H

#include "engine/param.h"
#include "io/data/raw_table.h"

/* A column that the files can give: the place of a value in the rows of a lane, or a coordinate. */
typedef struct {
    const char *name;
    const char *unit; /* "" or "1" if none */
    const char *long_name;
    int axis;            /* whose coordinate it is, or -1 */
    tsr_raw_strip value; /* else: lane, offset, number and decoding */
} tsr_raw_column;

typedef struct {
    int count;
    int room;
    tsr_raw_column *column;
} tsr_raw_columns;

/* Adds a column. Its texts are copied. TSR_EDATA: more than TSR_RAW_COLUMNS_MAX; TSR_ERUNTIME: no memory. */
tsr_status tsr_raw_columns_add(tsr_raw_columns *columns, const tsr_raw_column *column);
void tsr_raw_columns_clear(tsr_raw_columns *columns);

/* Makes fields, strips and coordinates of the table: the columns that the parameter `columns` names, in its order, or
 * all. name: of the file, for messages. TSR_EUSAGE: no such column (names the nearest), or one is given twice;
 * TSR_EDATA: two columns have one name; TSR_ERUNTIME. */
tsr_status tsr_raw_columns_choose(const tsr_raw_columns *columns, const tsr_params *params, const char *name,
                                  tsr_raw_table *table);

#endif
