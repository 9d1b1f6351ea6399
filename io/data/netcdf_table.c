#include "io/data/netcdf_table.h"

#include "io/data/column_name.h"
#include "io/data/netcdf_header.h"
#include "io/data/raw_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BY_ROWS = 0, NAME_BYTES = 3 * TSR_NETCDF_TEXT_BYTES, NAMES_BYTES = 300, ALONG_MAX = 1 << 24 };

/* What is known while the files are opened. */
typedef struct {
    const tsr_params *params;
    tsr_raw_table *table;
    bool by_rows;
    int variables;
    char (*name)[TSR_NETCDF_TEXT_BYTES]; /* [variables] */
    tsr_netcdf_variable *first;          /* [variables] of the first file, which those of all others are like */
    tsr_raw_columns columns;
} opening;

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for a netCDF dataset"); }

static const char *path_of(const opening *o, int i) { return o->table->files.input[i].path; }

/* ---- which variables ---- */

static bool has_rows(const tsr_netcdf_header *header, const tsr_netcdf_variable *variable) {
    return !variable->is_text && variable->rank > 0 && !tsr_netcdf_is_coordinate(header, variable);
}

/* The only one that is no coordinate. */
static tsr_status choose_only(opening *o, const tsr_netcdf_header *header) {
    char names[NAMES_BYTES] = "";
    int found = 0;
    for (int v = 0; v < header->variables; v++) {
        if (!has_rows(header, &header->variable[v])) continue;
        const size_t used = strlen(names);
        snprintf(names + used, sizeof(names) - used, "%s%s", found++ > 0 ? ", " : "", header->variable[v].name);
        memcpy(o->name[0], header->variable[v].name, sizeof(o->name[0]));
    }
    TSR_REQUIRE(found > 0, TSR_EDATA, "'%s' has no variable with rows of numbers", path_of(o, 0));
    TSR_REQUIRE(found == 1, TSR_EDATA, "'%s' has several variables; say which one with 'dataset:' (%s)", path_of(o, 0),
                names);
    return TSR_OK;
}

static tsr_status make_room(opening *o, const tsr_netcdf_header *header) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(o->params, "dataset", &names);
    o->variables = names > 0 ? (int)names : 1;
    o->name = calloc((size_t)o->variables, sizeof(*o->name));
    o->first = calloc((size_t)o->variables, sizeof(*o->first));
    if (o->name == NULL || o->first == NULL) return no_memory();
    for (int64_t v = 0; v < names; v++) snprintf(o->name[v], sizeof(o->name[v]), "%s", name[v]);
    return names > 0 ? TSR_OK : choose_only(o, header);
}

static tsr_status refuse_variable(const opening *o, const tsr_netcdf_header *header, const char *name, int i) {
    char hint[TSR_HINT_BYTES] = "";
    const char **names = calloc((size_t)header->variables + 1, sizeof(*names));
    for (int v = 0; names != NULL && v < header->variables; v++) names[v] = header->variable[v].name;
    if (names != NULL) tsr_nearest_hint(name, names, hint);
    free(names);
    return TSR_FAIL(TSR_EDATA, "'%s' has no variable '%.200s'%s", path_of(o, i), name, hint);
}

static bool same_decoding(const tsr_decoding *a, const tsr_decoding *b) {
    bool same = a->missing_count == b->missing_count && a->scale == b->scale && a->offset == b->offset &&
                a->minimum == b->minimum && a->maximum == b->maximum;
    for (int m = 0; same && m < a->missing_count; m++) same = a->missing[m] == b->missing[m];
    return same;
}

static tsr_status check(const opening *o, const tsr_netcdf_variable *variable, int v, int i) {
    const tsr_netcdf_variable *first = &o->first[v], *beside = &o->first[0];
    const char *path = path_of(o, i), *name = variable->name;
    TSR_REQUIRE(!variable->is_text && variable->rank > 0, TSR_EDATA, "'%s', %.80s holds %s", path, name,
                variable->is_text ? "text, not numbers" : "a single value; a dataset of rows has at least one axis");
    bool alike = variable->rank == first->rank && variable->number.type == first->number.type;
    for (int a = 1; alike && a < variable->rank; a++) alike = variable->extent[a] == first->extent[a];
    TSR_REQUIRE(alike, TSR_EDATA, "'%s', %.80s has another type or shape than in '%s'", path, name, path_of(o, 0));
    TSR_REQUIRE(same_decoding(&variable->decoding, &first->decoding), TSR_EDATA,
                "'%s', %.80s has another scale, offset or mark of missing values than in '%s'", path, name,
                path_of(o, 0));
    bool fits = i > 0 || variable->extent[0] == beside->extent[0];
    for (int a = 1; fits && i == 0 && !o->by_rows; a++) {
        if (a >= variable->rank && a >= beside->rank) break;
        fits = variable->rank == beside->rank && variable->extent[a] == beside->extent[a];
    }
    TSR_REQUIRE(fits, TSR_EDATA, "'%s': %.80s and %.80s are of different length and cannot be read together", path,
                beside->name, name);
    return TSR_OK;
}

/* ---- columns ---- */

static tsr_status add_axes(opening *o, const tsr_netcdf_header *header) {
    const tsr_netcdf_variable *variable = &o->first[0];
    for (int a = 0; a < variable->rank; a++) {
        const char *name = header->dimension[variable->dimension[a]].name;
        const tsr_netcdf_variable *along = tsr_netcdf_find(header, name);
        const bool is_place = along != NULL && tsr_netcdf_is_coordinate(header, along) && !along->is_text;
        char long_name[TSR_NETCDF_TEXT_BYTES];
        snprintf(long_name, sizeof(long_name), "%s along axis %d", is_place ? "place" : "index", a);
        if (is_place && along->long_name[0] != '\0') memcpy(long_name, along->long_name, sizeof(long_name));
        TSR_TRY(tsr_raw_columns_add(
            &o->columns,
            &(tsr_raw_column){.name = name, .unit = is_place ? along->unit : "", .long_name = long_name, .axis = a}));
    }
    return TSR_OK;
}

/* The missing values that the job names count besides those of the file. */
static tsr_status decoding_of(const opening *o, const tsr_netcdf_variable *variable, tsr_decoding *out) {
    int64_t count = 0;
    const double *missing = tsr_params_reals(o->params, "missing", &count);
    *out = tsr_params_boolean(o->params, "decode") ? variable->decoding : tsr_decoding_none();
    for (int64_t m = 0; m < count; m++) {
        const bool is_float = variable->number.type == TSR_NUMBER_F32;
        if (!tsr_decoding_add_missing(out, is_float ? (double)(float)missing[m] : missing[m]))
            return tsr_params_fail(o->params, "missing", "more than %d numbers", TSR_MISSING_MAX);
    }
    return TSR_OK;
}

static tsr_status add_columns(opening *o, int v) {
    const tsr_netcdf_variable *variable = &o->first[v];
    const int64_t elements = o->by_rows ? variable->row_elements : 1;
    const size_t bytes = tsr_number_bytes(variable->number.type);
    tsr_raw_column column = {.unit = variable->unit, .long_name = variable->long_name, .axis = -1};
    column.value = (tsr_raw_strip){.lane = v, .number = variable->number};
    TSR_TRY(decoding_of(o, variable, &column.value.decoding));
    if (*column.long_name == '\0') column.long_name = variable->name;
    TSR_REQUIRE(elements <= TSR_RAW_COLUMNS_MAX, TSR_EDATA,
                "%.80s has %lld values in a row, and %d columns are allowed; 'items: cells' makes each of its cells a "
                "row",
                variable->name, (long long)elements, TSR_RAW_COLUMNS_MAX);
    for (int64_t e = 0; e < elements; e++) {
        char name[NAME_BYTES] = "", place[NAME_BYTES] = "";
        if (o->variables > 1 || elements == 1) snprintf(name, sizeof(name), "%s", variable->name);
        if (o->by_rows) tsr_column_name_place(variable->rank, variable->extent, e, sizeof(place), place);
        tsr_column_name_join(place, sizeof(name), name);
        column.name = name;
        column.value.offset = (size_t)e * bytes;
        TSR_TRY(tsr_raw_columns_add(&o->columns, &column));
    }
    return TSR_OK;
}

static tsr_status begin_first(opening *o, const tsr_netcdf_header *header) {
    tsr_raw_table *table = o->table;
    table->lanes = o->variables;
    table->lane = calloc((size_t)table->files.count * (size_t)table->lanes, sizeof(*table->lane));
    table->width = calloc((size_t)table->lanes, sizeof(*table->width));
    table->shape = calloc((size_t)table->files.count, sizeof(*table->shape));
    if (table->lane == NULL || table->width == NULL || table->shape == NULL) return no_memory();
    if (!o->by_rows) TSR_TRY(add_axes(o, header));
    for (int v = 0; v < o->variables; v++) {
        const int64_t elements = o->by_rows ? o->first[v].row_elements : 1;
        TSR_REQUIRE(o->first[v].row_elements > 0, TSR_EDATA, "%.80s is empty: an axis has no length", o->first[v].name);
        table->width[v] = (size_t)elements * tsr_number_bytes(o->first[v].number.type);
        TSR_TRY(add_columns(o, v));
    }
    return tsr_raw_columns_choose(&o->columns, o->params, path_of(o, 0), table);
}

/* ---- a file ---- */

static void place_lane(const opening *o, const tsr_netcdf_header *header, const tsr_netcdf_variable *variable,
                       tsr_raw_lane *lane) {
    const int64_t bytes = (int64_t)tsr_number_bytes(variable->number.type), row = variable->row_elements * bytes;
    *lane = (tsr_raw_lane){.begin = variable->begin, .run = INT64_MAX, .step = o->by_rows ? row : bytes};
    if (variable->is_record && o->by_rows) lane->step = header->record_bytes;
    if (variable->is_record && !o->by_rows) lane->run = variable->row_elements;
    if (variable->is_record && !o->by_rows) lane->hop = header->record_bytes;
}

/* Coordinates of an axis: one number a record, or side by side. */
static tsr_status read_along(const tsr_netcdf_header *header, const tsr_netcdf_variable *variable, int file,
                             double **out) {
    const int64_t bytes = (int64_t)tsr_number_bytes(variable->number.type), count = variable->extent[0];
    const int64_t step = variable->is_record ? header->record_bytes : bytes;
    TSR_REQUIRE(count <= ALONG_MAX, TSR_EDATA,
                "axis %.80s has %lld places, and %d can be held: leave out 'items: cells'", variable->name,
                (long long)count, ALONG_MAX);
    double *along = calloc((size_t)count + 1, sizeof(*along));
    if (along == NULL) return no_memory();
    *out = along;
    for (int64_t i = 0; i < count; i++) {
        unsigned char value[8];
        TSR_REQUIRE(pread(file, value, (size_t)bytes, variable->begin + i * step) == (ssize_t)bytes, TSR_EDATA,
                    "axis %.80s cannot be read", variable->name);
        tsr_convert_column(variable->number, value, (size_t)bytes, 1, &along[i]);
    }
    tsr_decoding decoding = variable->decoding;
    decoding.missing_count = 0;
    decoding.is_checked = false;
    tsr_decoding_apply(&decoding, count, along);
    return TSR_OK;
}

static tsr_status read_shape(const opening *o, const tsr_netcdf_header *header, const tsr_netcdf_variable *variable,
                             int file, tsr_raw_shape *shape) {
    shape->rank = variable->rank;
    for (int a = 0; a < variable->rank; a++) {
        shape->extent[a] = variable->extent[a];
        if (o->by_rows) continue;
        const tsr_netcdf_variable *along = tsr_netcdf_find(header, header->dimension[variable->dimension[a]].name);
        if (along != NULL && tsr_netcdf_is_coordinate(header, along) && !along->is_text)
            TSR_TRY(read_along(header, along, file, &shape->along[a]));
    }
    return TSR_OK;
}

static tsr_status take_header(opening *o, const tsr_netcdf_header *header, int file, int i) {
    tsr_raw_table *table = o->table;
    const tsr_netcdf_variable *lead = NULL;
    if (i == 0) TSR_TRY(make_room(o, header));
    for (int v = 0; v < o->variables; v++) {
        const tsr_netcdf_variable *variable = tsr_netcdf_find(header, o->name[v]);
        if (variable == NULL) return refuse_variable(o, header, o->name[v], i);
        if (i == 0) o->first[v] = *variable;
        TSR_TRY(check(o, variable, v, i));
        if (v == 0) lead = variable;
    }
    if (i == 0) TSR_TRY(begin_first(o, header));
    for (int v = 0; v < o->variables; v++)
        place_lane(o, header, tsr_netcdf_find(header, o->name[v]), &table->lane[(int64_t)i * table->lanes + v]);
    TSR_TRY(read_shape(o, header, lead, file, &table->shape[i]));
    return tsr_files_add_rows(&table->files, i, o->by_rows ? lead->extent[0] : tsr_netcdf_elements(lead));
}

static tsr_status open_file(opening *o, int i) {
    tsr_netcdf_header header = {0};
    int file = -1;
    TSR_TRY(tsr_files_open(&o->table->files, o->params, "file", i, &file));
    tsr_status status = tsr_netcdf_header_read(file, path_of(o, i), o->table->files.input[i].bytes, &header);
    if (status == TSR_OK) status = take_header(o, &header, file, i);
    tsr_netcdf_header_clear(&header);
    close(file);
    return status;
}

static tsr_status open_all(opening *o) {
    tsr_files *files = &o->table->files;
    TSR_TRY(tsr_files_find(o->params, "file", files));
    for (int i = 0; i < files->count; i++) TSR_TRY(open_file(o, i));
    TSR_REQUIRE(files->begin[files->count] > 0, TSR_EDATA, "'%s', %.80s has no rows", path_of(o, 0), o->name[0]);
    return tsr_open_files_create(files, &o->table->open);
}

tsr_status tsr_netcdf_table_open(const tsr_params *params, tsr_raw_table **out) {
    opening o = {.params = params, .by_rows = tsr_params_choice(params, "items") == BY_ROWS};
    o.table = calloc(1, sizeof(*o.table));
    if (o.table == NULL) return no_memory();
    const tsr_status status = open_all(&o);
    tsr_raw_columns_clear(&o.columns);
    free(o.name);
    free(o.first);
    if (status == TSR_OK)
        *out = o.table;
    else
        tsr_raw_table_destroy(o.table);
    return status;
}
