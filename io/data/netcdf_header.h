/* The header of a netCDF file of the classic formats (CDF-1, CDF-2, CDF-5): dimensions, variables, attributes, and
 * where values lie. All numbers are big-endian. Source: NetCDF Users' Guide, appendix B, file format specifications. */
#ifndef TSR_IO_NETCDF_HEADER_H
#define TSR_IO_NETCDF_HEADER_H

#include "engine/status.h"
#include "io/data/convert.h"
#include "io/data/decoding.h"

enum { TSR_NETCDF_TEXT_BYTES = 201, TSR_NETCDF_RANK_MAX = 32, TSR_NETCDF_ATTRIBUTE_MAX = 64 };

typedef struct {
    char name[TSR_NETCDF_TEXT_BYTES];
    int64_t length; /* of the record dimension: the number of records */
    bool is_record;
} tsr_netcdf_dimension;

typedef struct {
    char name[TSR_NETCDF_TEXT_BYTES];
    char unit[TSR_NETCDF_TEXT_BYTES];      /* "" if none */
    char long_name[TSR_NETCDF_TEXT_BYTES]; /* "" if none */
    int rank;
    int dimension[TSR_NETCDF_RANK_MAX]; /* indices */
    int64_t extent[TSR_NETCDF_RANK_MAX];
    bool is_text; /* characters: no numbers */
    bool is_record;
    tsr_stored_number number;
    int64_t begin;         /* of its first value, in the file */
    int64_t row_elements;  /* of one index of the first axis */
    tsr_decoding decoding; /* by its attributes and the default fill value */
} tsr_netcdf_variable;

typedef struct {
    int version; /* 1, 2 or 5 */
    int dimensions;
    tsr_netcdf_dimension *dimension;
    int variables;
    tsr_netcdf_variable *variable;
    int64_t records;
    int64_t record_bytes; /* from one record to the next */
} tsr_netcdf_header;

/* The header of an open file of so many bytes; path: for messages, which have it. Thread-safe; allocates; clear in any
 * case. TSR_EDATA: no such file, a header that makes no sense, values beyond the end of the file; TSR_ERUNTIME. */
tsr_status tsr_netcdf_header_read(int file, const char *path, int64_t bytes, tsr_netcdf_header *out);
void tsr_netcdf_header_clear(tsr_netcdf_header *header);

/* Elements of a variable. */
int64_t tsr_netcdf_elements(const tsr_netcdf_variable *variable);

/* The variable of that name, or NULL. A coordinate: along the axis of its own name. */
const tsr_netcdf_variable *tsr_netcdf_find(const tsr_netcdf_header *header, const char *name);
bool tsr_netcdf_is_coordinate(const tsr_netcdf_header *header, const tsr_netcdf_variable *variable);

#endif
