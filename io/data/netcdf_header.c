#include "io/data/netcdf_header.h"

#include "io/data/hdf5_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 1 << 16, LISTS_MAX = 1 << 20 };
enum { TAG_DIMENSION = 10, TAG_VARIABLE = 11, TAG_ATTRIBUTE = 12 };
enum { TYPE_CHAR = 2, TYPES = 11 };

static const int64_t BYTES_MAX = INT64_C(1) << 62, HEADER_BYTES_MAX = INT64_C(1) << 28;

/* What is left to read; is_short: it ended too early, perhaps because more was not read yet. */
typedef struct {
    const unsigned char *at;
    const unsigned char *end;
    bool is_short;
    int wide; /* bytes of counts: 4, in CDF-5 8 */
    tsr_netcdf_header *out;
    int record; /* the record dimension, or -1 */
} reader;

/* An attribute of numbers, or of text. */
typedef struct {
    char name[TSR_NETCDF_TEXT_BYTES];
    char text[TSR_NETCDF_TEXT_BYTES];
    int count; /* of numbers */
    double value[TSR_NETCDF_ATTRIBUTE_MAX];
} attribute;

static tsr_status refuse(const char *what) { return TSR_FAIL(TSR_EDATA, "its header cannot be understood: %s", what); }

/* ---- pieces ---- */

static uint64_t take(reader *text, int bytes) {
    uint64_t value = 0;
    if (text->end - text->at < bytes) {
        text->is_short = true;
        text->at = text->end;
        return 0;
    }
    for (int i = 0; i < bytes; i++) value = value << 8 | text->at[i];
    text->at += bytes;
    return value;
}

static int64_t take_count(reader *text) {
    const uint64_t value = take(text, text->wide);
    return value > (uint64_t)BYTES_MAX ? -1 : (int64_t)value;
}

/* Bytes that are filled up to a multiple of 4; NULL: they are not there. */
static const unsigned char *take_bytes(reader *text, int64_t bytes) {
    const unsigned char *begin = text->at;
    const int64_t padded = (bytes + 3) / 4 * 4;
    if (bytes < 0 || padded > text->end - text->at) {
        text->is_short = true;
        text->at = text->end;
        return NULL;
    }
    text->at += padded;
    return begin;
}

static void take_name(reader *text, char out[TSR_NETCDF_TEXT_BYTES]) {
    const int64_t bytes = take_count(text);
    const unsigned char *begin = take_bytes(text, bytes);
    *out = '\0';
    if (begin != NULL) tsr_hdf5_printable((const char *)begin, (size_t)bytes, out);
}

/* The beginning of a list: how many there are of it. */
static tsr_status take_list(reader *text, uint64_t tag, int *count) {
    const uint64_t found = take(text, 4);
    const int64_t wanted = take_count(text);
    *count = 0;
    if (text->is_short || (found == 0 && wanted == 0)) return TSR_OK;
    if (found != tag) return refuse("a list is not what it should be");
    if (wanted < 0 || wanted > LISTS_MAX) return refuse("a list is too long");
    *count = (int)wanted;
    return TSR_OK;
}

static const struct {
    tsr_number_type type;
    double fill; /* the default for what was never written; NaN: none */
} types[TYPES + 1] = {
    [1] = {TSR_NUMBER_I8, NAN},
    [2] = {TSR_NUMBER_U8, NAN},
    [3] = {TSR_NUMBER_I16, -32767},
    [4] = {TSR_NUMBER_I32, -2147483647},
    [5] = {TSR_NUMBER_F32, 0x1.ep+122},
    [6] = {TSR_NUMBER_F64, 0x1.ep+122},
    [7] = {TSR_NUMBER_U8, NAN},
    [8] = {TSR_NUMBER_U16, 65535},
    [9] = {TSR_NUMBER_U32, 4294967295},
    [10] = {TSR_NUMBER_I64, -9223372036854775806.0},
    [11] = {TSR_NUMBER_U64, 18446744073709551614.0},
};

static tsr_stored_number stored(tsr_number_type type) { return (tsr_stored_number){type, tsr_number_bytes(type) > 1}; }

static tsr_status take_type(reader *text, int *type) {
    *type = (int)take(text, 4);
    if (!text->is_short && (*type < 1 || *type > TYPES)) return refuse("a type is not known");
    if (text->is_short) *type = 1;
    return TSR_OK;
}

/* ---- attributes ---- */

static tsr_status take_attribute(reader *text, attribute *out) {
    int type;
    take_name(text, out->name);
    TSR_TRY(take_type(text, &type));
    const int64_t count = take_count(text), each = (int64_t)tsr_number_bytes(types[type].type);
    if (count < 0 || count > BYTES_MAX / 8) return refuse("an attribute is too long");
    const unsigned char *value = take_bytes(text, count * each);
    out->text[0] = '\0';
    out->count = 0;
    if (value == NULL) return TSR_OK;
    if (type == TYPE_CHAR) tsr_hdf5_printable((const char *)value, (size_t)count, out->text);
    if (type == TYPE_CHAR || count > TSR_NETCDF_ATTRIBUTE_MAX) return TSR_OK;
    out->count = (int)count;
    tsr_convert_column(stored(types[type].type), value, (size_t)each, count, out->value);
    return TSR_OK;
}

/* What the attributes of a variable say of its numbers, and whether they have told it. */
typedef struct {
    tsr_netcdf_variable *variable;
    bool has_fill;
    bool has_scale;
} meaning;

/* Numbers are compared as they are stored, of floats as floats. */
static double as_stored(const tsr_netcdf_variable *variable, double value) {
    return variable->number.type == TSR_NUMBER_F32 ? (double)(float)value : value;
}

static bool is_called(const attribute *one, const char *name, int least) {
    return strcmp(one->name, name) == 0 && one->count >= least;
}

static void apply(const attribute *one, meaning *to) {
    tsr_netcdf_variable *variable = to->variable;
    tsr_decoding *decoding = &variable->decoding;
    if (strcmp(one->name, "units") == 0) memcpy(variable->unit, one->text, sizeof(one->text));
    if (strcmp(one->name, "long_name") == 0) memcpy(variable->long_name, one->text, sizeof(one->text));
    const bool is_fill = is_called(one, "_FillValue", 1);
    if (is_fill || is_called(one, "missing_value", 1))
        for (int i = 0; i < one->count; i++)
            (void)tsr_decoding_add_missing(decoding, as_stored(variable, one->value[i]));
    to->has_fill |= is_fill;
    if (is_called(one, "scale_factor", 1)) decoding->scale = one->value[0];
    if (is_called(one, "add_offset", 1)) decoding->offset = one->value[0];
    to->has_scale |= is_called(one, "scale_factor", 1) || is_called(one, "add_offset", 1);
    const bool is_range = is_called(one, "valid_range", 2);
    if (is_range || is_called(one, "valid_min", 1)) decoding->minimum = as_stored(variable, one->value[0]);
    if (is_range || is_called(one, "valid_max", 1)) decoding->maximum = as_stored(variable, one->value[is_range]);
}

/* The type of a variable stands behind its attributes, which are read twice for that. to: NULL: they are skipped. */
static tsr_status take_attributes(reader *text, meaning *to) {
    int count;
    attribute one;
    TSR_TRY(take_list(text, TAG_ATTRIBUTE, &count));
    for (int i = 0; i < count && !text->is_short; i++) {
        TSR_TRY(take_attribute(text, &one));
        if (to != NULL && !text->is_short) apply(&one, to);
    }
    return TSR_OK;
}

/* ---- dimensions and variables ---- */

static tsr_status take_dimensions(reader *text) {
    tsr_netcdf_header *out = text->out;
    int count;
    TSR_TRY(take_list(text, TAG_DIMENSION, &count));
    out->dimension = calloc((size_t)count + 1, sizeof(*out->dimension));
    TSR_REQUIRE(out->dimension != NULL, TSR_ERUNTIME, "no memory for the header of a netCDF file");
    for (; out->dimensions < count && !text->is_short; out->dimensions++) {
        tsr_netcdf_dimension *dimension = &out->dimension[out->dimensions];
        take_name(text, dimension->name);
        dimension->length = take_count(text);
        if (dimension->name[0] == '\0' && !text->is_short) return refuse("a dimension has no name");
        if (dimension->length < 0) return refuse("an axis is too long");
        dimension->is_record = dimension->length == 0;
        if (!dimension->is_record || text->is_short) continue;
        if (text->record >= 0) return refuse("two dimensions are unlimited");
        text->record = out->dimensions;
    }
    return TSR_OK;
}

static tsr_status take_shape(reader *text, tsr_netcdf_variable *variable) {
    const int64_t rank = take_count(text);
    if (rank < 0 || rank > TSR_NETCDF_RANK_MAX) return refuse("a variable has too many axes");
    variable->rank = (int)rank;
    variable->row_elements = 1;
    for (int a = 0; a < variable->rank && !text->is_short; a++) {
        const int64_t index = take_count(text);
        if (text->is_short) break;
        if (index < 0 || index >= text->out->dimensions) return refuse("a variable has an axis that is not there");
        const tsr_netcdf_dimension *dimension = &text->out->dimension[index];
        if (dimension->is_record && a > 0) return refuse("an axis that is not the first is unlimited");
        variable->is_record |= dimension->is_record;
        variable->dimension[a] = (int)index;
        variable->extent[a] = dimension->length;
        if (a > 0 && (__builtin_mul_overflow(variable->row_elements, dimension->length, &variable->row_elements) ||
                      variable->row_elements > BYTES_MAX / 8))
            return refuse("a variable is too large");
    }
    return TSR_OK;
}

static tsr_status take_variable(reader *text, tsr_netcdf_variable *variable) {
    int type;
    meaning told = {.variable = variable};
    take_name(text, variable->name);
    if (variable->name[0] == '\0' && !text->is_short) return refuse("a variable has no name");
    TSR_TRY(take_shape(text, variable));
    reader again = *text;
    TSR_TRY(take_attributes(text, NULL));
    TSR_TRY(take_type(text, &type));
    (void)take_count(text); /* its size, which follows from its shape */
    variable->begin = (int64_t)take(text, text->out->version == 1 ? 4 : 8);
    if (text->is_short) return TSR_OK;
    if (variable->begin < 0 || variable->begin > BYTES_MAX) return refuse("a variable begins nowhere");
    variable->is_text = type == TYPE_CHAR;
    variable->number = stored(types[type].type);
    variable->decoding = tsr_decoding_none();
    TSR_TRY(take_attributes(&again, &told));
    if (!told.has_fill) (void)tsr_decoding_add_missing(&variable->decoding, types[type].fill);
    variable->decoding.is_scaled = told.has_scale;
    variable->decoding.is_checked |= variable->decoding.minimum > -INFINITY || variable->decoding.maximum < INFINITY;
    return TSR_OK;
}

static tsr_status take_variables(reader *text) {
    tsr_netcdf_header *out = text->out;
    int count;
    TSR_TRY(take_list(text, TAG_VARIABLE, &count));
    if (count > text->end - text->at) text->is_short = true; /* each of them has some bytes */
    if (text->is_short) return TSR_OK;
    out->variable = calloc((size_t)count + 1, sizeof(*out->variable));
    TSR_REQUIRE(out->variable != NULL, TSR_ERUNTIME, "no memory for the header of a netCDF file");
    for (; out->variables < count && !text->is_short; out->variables++)
        TSR_TRY(take_variable(text, &out->variable[out->variables]));
    return TSR_OK;
}

/* ---- where records are ---- */

static int64_t slab_bytes(const tsr_netcdf_variable *variable) {
    return variable->row_elements * (int64_t)tsr_number_bytes(variable->number.type);
}

/* Slabs of a record are filled up to multiples of 4, unless there is only one variable of records. */
static tsr_status find_records(reader *text, int64_t bytes) {
    tsr_netcdf_header *out = text->out;
    int variables = 0;
    int64_t first = BYTES_MAX;
    for (int i = 0; i < out->variables; i++) {
        const tsr_netcdf_variable *variable = &out->variable[i];
        if (!variable->is_record) continue;
        variables++;
        const int64_t slab = slab_bytes(variable);
        if (__builtin_add_overflow(out->record_bytes, (slab + 3) / 4 * 4, &out->record_bytes))
            return refuse("a record is too large");
        if (variables == 1) first = variable->begin;
        if (variables == 1 && out->records < 0) first = variable->begin;
    }
    for (int i = 0; i < out->variables && variables == 1; i++)
        if (out->variable[i].is_record) out->record_bytes = slab_bytes(&out->variable[i]);
    if (out->records < 0) /* written as a stream: as many as there are */
        out->records =
            variables > 0 && out->record_bytes > 0 && bytes > first ? (bytes - first) / out->record_bytes : 0;
    if (text->record >= 0) out->dimension[text->record].length = out->records;
    for (int i = 0; i < out->variables; i++)
        if (out->variable[i].is_record) out->variable[i].extent[0] = out->records;
    return TSR_OK;
}

/* No value lies beyond the end of the file. */
static tsr_status check_ends(const tsr_netcdf_header *header, int64_t bytes) {
    for (int i = 0; i < header->variables; i++) {
        const tsr_netcdf_variable *variable = &header->variable[i];
        const int64_t rows = variable->rank == 0 ? 1 : variable->extent[0], slab = slab_bytes(variable);
        const int64_t step = variable->is_record ? header->record_bytes : slab;
        int64_t end = 0;
        if (rows == 0 || slab == 0) continue;
        if (__builtin_mul_overflow(rows - 1, step, &end) || __builtin_add_overflow(end, slab, &end) ||
            __builtin_add_overflow(end, variable->begin, &end) || end > bytes)
            return TSR_FAIL(TSR_EDATA, "it was cut short: variable %.80s does not end within it", variable->name);
    }
    return TSR_OK;
}

/* ---- the whole ---- */

static tsr_status parse(const unsigned char *text, size_t count, int64_t bytes, bool *is_short,
                        tsr_netcdf_header *out) {
    reader parts = {.at = text + 4, .end = text + count, .wide = 4, .out = out, .record = -1};
    if (count < 8 || memcmp(text, "CDF", 3) != 0) return TSR_FAIL(TSR_EDATA, "it is no classic netCDF file");
    out->version = text[3];
    if (out->version != 1 && out->version != 2 && out->version != 5)
        return TSR_FAIL(TSR_EDATA, "it is a netCDF file of format CDF-%d; 1, 2 and 5 are known", out->version);
    if (out->version == 5) parts.wide = 8;
    const uint64_t records = take(&parts, parts.wide);
    const bool is_stream = records == (parts.wide == 8 ? UINT64_MAX : UINT32_MAX);
    out->records = is_stream ? -1 : (int64_t)records;
    if (!is_stream && records > (uint64_t)BYTES_MAX) return refuse("it has too many records");
    TSR_TRY(take_dimensions(&parts));
    TSR_TRY(take_attributes(&parts, NULL));
    TSR_TRY(take_variables(&parts));
    *is_short = parts.is_short;
    if (parts.is_short) return TSR_OK;
    TSR_TRY(find_records(&parts, bytes));
    return check_ends(out, bytes);
}

static tsr_status read_growing(int file, int64_t bytes, unsigned char **text, tsr_netcdf_header *out) {
    for (int64_t wanted = FIRST_BYTES;; wanted *= 2) {
        const size_t room = (size_t)(wanted < bytes ? wanted : bytes);
        bool is_short = false;
        unsigned char *larger = realloc(*text, room + 1);
        TSR_REQUIRE(larger != NULL, TSR_ERUNTIME, "no memory for the header of a netCDF file");
        *text = larger;
        const ssize_t got = pread(file, larger, room, 0);
        TSR_REQUIRE(got == (ssize_t)room, TSR_EDATA, "it cannot be read");
        tsr_netcdf_header_clear(out);
        TSR_TRY(parse(larger, room, bytes, &is_short, out));
        if (!is_short) return TSR_OK;
        TSR_REQUIRE((int64_t)room < bytes && wanted < HEADER_BYTES_MAX, TSR_EDATA, "it ends within its header");
    }
}

tsr_status tsr_netcdf_header_read(int file, const char *path, int64_t bytes, tsr_netcdf_header *out) {
    unsigned char *text = NULL;
    const tsr_status status = read_growing(file, bytes, &text, out);
    free(text);
    if (status != TSR_EDATA) return status;
    tsr_error error = *tsr_error_get();
    snprintf(error.message, sizeof(error.message), "'%.400s': %.500s", path, tsr_error_get()->message);
    tsr_error_set(&error);
    return status;
}

void tsr_netcdf_header_clear(tsr_netcdf_header *header) {
    free(header->dimension);
    free(header->variable);
    *header = (tsr_netcdf_header){0};
}

int64_t tsr_netcdf_elements(const tsr_netcdf_variable *variable) {
    return (variable->rank == 0 ? 1 : variable->extent[0]) * variable->row_elements;
}

const tsr_netcdf_variable *tsr_netcdf_find(const tsr_netcdf_header *header, const char *name) {
    for (int i = 0; i < header->variables; i++)
        if (strcmp(header->variable[i].name, name) == 0) return &header->variable[i];
    return NULL;
}

bool tsr_netcdf_is_coordinate(const tsr_netcdf_header *header, const tsr_netcdf_variable *variable) {
    return variable->rank == 1 && strcmp(header->dimension[variable->dimension[0]].name, variable->name) == 0;
}
