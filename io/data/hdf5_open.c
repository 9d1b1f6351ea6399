#include "io/data/hdf5_open.h"

#include "io/data/hdf5_axes.h"
#include "io/data/hdf5_columns.h"
#include "io/data/hdf5_driver.h"
#include "io/data/hdf5_lock.h"
#include "io/data/hdf5_names.h"
#include "io/data/hdf5_text.h"
#include "io/data/hdf5_words.h"
#include "io/result/h5.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARIABLES_MAX = 1024, PATH_SHOWN = 300, ITEMS_ROWS = 0 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the columns of a dataset"); }

tsr_status tsr_hdf5_opening_refuse(const tsr_hdf5_opening *opening, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    return TSR_FAIL(TSR_EDATA, "'%.*s', %.100s %s", PATH_SHOWN, opening->path, opening->name, sentence);
}

/* Failures of a dataset say what is wrong; this says with which. */
static tsr_status about(const tsr_hdf5_opening *opening, tsr_status status) {
    if (status != TSR_EDATA) return status;
    tsr_error named = *tsr_error_get();
    snprintf(named.message, sizeof(named.message), "'%.*s', %.100s %.500s", PATH_SHOWN, opening->path, opening->name,
             tsr_error_get()->message);
    tsr_error_set(&named);
    return status;
}

/* ---- which datasets ---- */

static tsr_status make_variables(const tsr_params *params, hid_t file, const char *path, tsr_hdf5_table *table) {
    int64_t count = 0;
    const char *const *wanted = tsr_params_texts(params, "dataset", &count);
    if (count > VARIABLES_MAX)
        return tsr_params_fail(params, "dataset", "%lld datasets are named; %d are allowed", (long long)count,
                               VARIABLES_MAX);
    table->variable = calloc((size_t)count + 1, sizeof(*table->variable));
    if (table->variable == NULL) return no_memory();
    for (int64_t i = 0; i < count; i++) {
        table->variable[table->variables].name = strdup(wanted[i]);
        if (table->variable[table->variables++].name == NULL) return no_memory();
    }
    if (count == 0) {
        TSR_TRY(tsr_hdf5_names_only(file, path, &table->variable[0].name));
        table->variables = 1;
    }
    return TSR_OK;
}

static tsr_status make_room(tsr_hdf5_table *table) {
    const size_t files = (size_t)table->files.count, variables = (size_t)table->variables;
    table->part = calloc(files * variables, sizeof(*table->part));
    table->along = calloc(files * H5S_MAX_RANK, sizeof(*table->along));
    table->names = calloc(variables, sizeof(*table->names));
    if (table->part == NULL || table->along == NULL || table->names == NULL) return no_memory();
    for (int v = 0; v < table->variables; v++) table->names[v] = table->variable[v].name;
    return TSR_OK;
}

/* ---- what numbers mean ---- */

/* Markers are numbers of the kind that is stored: among floats, the nearest float. */
static tsr_status add_missing(const tsr_hdf5_opening *opening, tsr_hdf5_part *part, const double *marker, int count) {
    int floats = 0;
    for (int c = 0; c < part->element.count; c++) floats += part->element.cell[c].number.type == TSR_NUMBER_F32;
    for (int i = 0; i < count; i++) {
        bool fits = floats == 0 || tsr_decoding_add_missing(&part->decoding, (double)(float)marker[i]);
        if (floats < part->element.count) fits &= tsr_decoding_add_missing(&part->decoding, marker[i]);
        if (!fits)
            return tsr_hdf5_opening_refuse(opening, "has more than %d numbers that stand for missing values",
                                           TSR_MISSING_MAX);
    }
    return TSR_OK;
}

static double as_stored(const tsr_hdf5_part *part, double bound) {
    return part->element.cell[0].number.type == TSR_NUMBER_F32 ? (double)(float)bound : bound;
}

/* netCDF-4 fills what is never written with a number that the file names in its own way. */
static int netcdf_fill(const tsr_hdf5_opening *opening, const tsr_hdf5_part *part, double *out) {
    H5D_fill_value_t kind = H5D_FILL_VALUE_UNDEFINED;
    if (!opening->is_netcdf || part->element.is_foreign || part->element.bytes < 2) return 0;
    const hid_t list = H5Dget_create_plist(opening->dataset);
    const bool has = list >= 0 && H5Pfill_value_defined(list, &kind) >= 0 && kind == H5D_FILL_VALUE_USER_DEFINED &&
                     H5Pget_fill_value(list, H5T_NATIVE_DOUBLE, out) >= 0;
    if (list >= 0) H5Pclose(list);
    return has;
}

static void read_range(hid_t dataset, tsr_hdf5_part *part) {
    double range[2];
    tsr_decoding *decoding = &part->decoding;
    if (tsr_hdf5_attribute_numbers(dataset, "valid_min", 1, range) == 1) decoding->minimum = as_stored(part, range[0]);
    if (tsr_hdf5_attribute_numbers(dataset, "valid_max", 1, range) == 1) decoding->maximum = as_stored(part, range[0]);
    if (tsr_hdf5_attribute_numbers(dataset, "valid_range", 2, range) == 2) {
        decoding->minimum = as_stored(part, range[0]);
        decoding->maximum = as_stored(part, range[1]);
    }
    decoding->is_checked |= decoding->minimum > -INFINITY || decoding->maximum < INFINITY;
}

static tsr_status read_conventions(const tsr_hdf5_opening *opening, tsr_hdf5_part *part) {
    double marker[TSR_MISSING_MAX];
    int count = tsr_hdf5_attribute_numbers(opening->dataset, "_FillValue", 1, marker);
    if (count == 0) count = netcdf_fill(opening, part, marker);
    TSR_TRY(add_missing(opening, part, marker, count));
    count = tsr_hdf5_attribute_numbers(opening->dataset, "missing_value", TSR_MISSING_MAX, marker);
    TSR_TRY(add_missing(opening, part, marker, count));
    read_range(opening->dataset, part);
    const bool has_scale = tsr_hdf5_attribute_numbers(opening->dataset, "scale_factor", 1, &part->decoding.scale) == 1;
    const bool has_offset = tsr_hdf5_attribute_numbers(opening->dataset, "add_offset", 1, &part->decoding.offset) == 1;
    part->decoding.is_scaled = has_scale || has_offset;
    return TSR_OK;
}

static tsr_status read_decoding(const tsr_hdf5_opening *opening, tsr_hdf5_part *part) {
    int64_t count = 0;
    const double *missing = tsr_params_reals(opening->params, "missing", &count);
    const bool is_plain = part->element.numbers == 1 && *part->element.cell[0].name == '\0';
    if (count > TSR_MISSING_MAX)
        return tsr_params_fail(opening->params, "missing", "%lld values are named; %d are allowed", (long long)count,
                               TSR_MISSING_MAX);
    if (is_plain && tsr_params_boolean(opening->params, "decode")) TSR_TRY(read_conventions(opening, part));
    return add_missing(opening, part, missing, (int)count);
}

/* ---- whether files and datasets are alike ---- */

static int64_t rows_of(const tsr_hdf5_table *table, const tsr_hdf5_part *part) {
    return table->by_rows ? part->extent[0] : tsr_hdf5_part_elements(part);
}

static tsr_status compare_cells(const tsr_hdf5_opening *opening, const tsr_hdf5_part *part,
                                const tsr_hdf5_part *first) {
    const char *path = opening->table->files.input[0].path;
    if (part->element.count != first->element.count)
        return tsr_hdf5_opening_refuse(opening,
                                       "has %d members, and in '%.*s' it has %d; files of one dataset must have the "
                                       "same columns",
                                       part->element.count, PATH_SHOWN, path, first->element.count);
    for (int i = 0; i < part->element.count; i++)
        if (strcmp(part->element.cell[i].name, first->element.cell[i].name) != 0)
            return tsr_hdf5_opening_refuse(opening,
                                           "has a member %.80s, and in '%.*s' %.80s stands there; files of one dataset "
                                           "must have the same columns",
                                           part->element.cell[i].name, PATH_SHOWN, path, first->element.cell[i].name);
    for (int i = 0; i < part->element.count; i++)
        if ((part->element.cell[i].word_bytes > 0) != (first->element.cell[i].word_bytes > 0))
            return tsr_hdf5_opening_refuse(opening, "holds words where '%.*s' holds numbers, or the other way",
                                           PATH_SHOWN, path);
    return TSR_OK;
}

static tsr_status compare_files(const tsr_hdf5_opening *opening, const tsr_hdf5_part *part,
                                const tsr_hdf5_part *first) {
    const char *path = opening->table->files.input[0].path;
    if (part->rank != first->rank)
        return tsr_hdf5_opening_refuse(opening,
                                       "has %d axes, and in '%.*s' it has %d; files of one dataset must have the same "
                                       "columns",
                                       part->rank, PATH_SHOWN, path, first->rank);
    for (int i = 1; i < part->rank; i++)
        if (part->extent[i] != first->extent[i])
            return tsr_hdf5_opening_refuse(opening,
                                           "is %lld long along axis %d, and in '%.*s' %lld; files of one dataset may "
                                           "differ in the length of their first axis only",
                                           (long long)part->extent[i], i, PATH_SHOWN, path,
                                           (long long)first->extent[i]);
    return compare_cells(opening, part, first);
}

/* Datasets of one file that become columns side by side. */
static tsr_status compare_datasets(const tsr_hdf5_opening *opening, const tsr_hdf5_part *part,
                                   const tsr_hdf5_part *first) {
    const tsr_hdf5_table *table = opening->table;
    const char *name = table->variable[0].name;
    if (part->extent[0] != first->extent[0])
        return tsr_hdf5_opening_refuse(opening,
                                       "has %lld rows, and %.100s has %lld; datasets that are read together must have "
                                       "as many rows",
                                       (long long)part->extent[0], name, (long long)first->extent[0]);
    bool same = table->by_rows || part->rank == first->rank;
    for (int i = 1; !table->by_rows && same && i < part->rank; i++) same = part->extent[i] == first->extent[i];
    if (!same)
        return tsr_hdf5_opening_refuse(opening, "has not the shape of %.100s; cells of both cannot be read together",
                                       name);
    return TSR_OK;
}

/* ---- a file ---- */

static tsr_status read_part(tsr_hdf5_opening *opening, int i, int v) {
    tsr_hdf5_table *table = opening->table;
    tsr_hdf5_part *row = table->part + (int64_t)i * table->variables, *part = &row[v];
    opening->name = table->variable[v].name;
    TSR_TRY(about(opening, tsr_hdf5_part_read(opening->dataset, table->by_rows, opening->file_bytes, part)));
    TSR_TRY(read_decoding(opening, part));
    if (v > 0) TSR_TRY(compare_datasets(opening, part, row));
    if (i > 0) TSR_TRY(compare_files(opening, part, &table->part[v]));
    if (v == 0 && !table->by_rows) TSR_TRY(tsr_hdf5_axes_read(opening, i));
    if (i == 0) TSR_TRY(tsr_hdf5_columns_add(opening, v));
    return TSR_OK;
}

static tsr_status read_variables(tsr_hdf5_opening *opening, int i) {
    tsr_hdf5_table *table = opening->table;
    if (i == 0) TSR_TRY(make_variables(opening->params, opening->file, opening->path, table));
    if (i == 0) TSR_TRY(make_room(table));
    for (int v = 0; v < table->variables; v++) {
        opening->dataset = H5Dopen2(opening->file, table->variable[v].name, H5P_DEFAULT);
        if (opening->dataset < 0) return tsr_hdf5_names_refuse(opening->file, opening->path, table->variable[v].name);
        const tsr_status status = read_part(opening, i, v);
        tsr_h5_drop(&opening->dataset);
        TSR_TRY(status);
    }
    return tsr_files_add_rows(&table->files, i, rows_of(table, &table->part[(int64_t)i * table->variables]));
}

static tsr_status refuse_format(const tsr_hdf5_opening *opening, int descriptor) {
    char magic[4] = "";
    const bool is_netcdf =
        pread(descriptor, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) && memcmp(magic, "CDF", 3) == 0;
    const hid_t reason = H5Eget_current_stack();
    const bool is_hdf5 = H5Fis_hdf5(opening->path) > 0;
    if (reason >= 0) H5Eset_current_stack(reason);
    if (is_hdf5) return tsr_hdf5_refuse(opening->path, NULL, "is a damaged HDF5 file");
    H5Eclear2(H5E_DEFAULT);
    return TSR_FAIL(TSR_EDATA, "'%s' is no HDF5 file%s; 'tessera inspect' tells what it is", opening->path,
                    is_netcdf ? ", but a classic netCDF one" : "");
}

static tsr_status read_file(tsr_hdf5_opening *opening, int i, int descriptor) {
    opening->path = opening->table->files.input[i].path;
    opening->file_bytes = opening->table->files.input[i].bytes;
    opening->file = tsr_hdf5_driver_open(opening->path);
    if (opening->file < 0) return refuse_format(opening, descriptor);
    opening->is_netcdf = H5Aexists(opening->file, "_NCProperties") > 0;
    const tsr_status status = read_variables(opening, i);
    tsr_h5_drop(&opening->file);
    return status;
}

static tsr_status open_file(tsr_hdf5_opening *opening, int i) {
    int descriptor = -1;
    TSR_TRY(tsr_files_open(&opening->table->files, opening->params, "file", i, &descriptor));
    tsr_hdf5_lock();
    tsr_h5_begin();
    const tsr_status status = read_file(opening, i, descriptor);
    tsr_hdf5_unlock();
    close(descriptor);
    return status;
}

/* ---- all of it ---- */

static void larger(size_t bytes, size_t *most) { *most = bytes > *most ? bytes : *most; }

/* What threads will need for the largest of all parts. */
static void measure(tsr_hdf5_table *table) {
    for (int64_t p = 0; p < (int64_t)table->files.count * table->variables; p++) {
        const tsr_hdf5_part *part = &table->part[p];
        larger(tsr_hdf5_band_bytes(part), &table->variable[p % table->variables].band_bytes);
        if (part->storage != TSR_HDF5_CHUNKED) continue;
        larger(tsr_hdf5_scratch_bytes(part), &table->scratch_bytes);
        if (!part->is_direct) larger(tsr_hdf5_chunk_bytes(part), &table->chunk_bytes);
        const int64_t rows = table->by_rows ? part->band : part->band * part->rest;
        if (rows > table->grain) table->grain = rows;
    }
}

static tsr_status open_files(tsr_hdf5_opening *opening) {
    const tsr_files *files = &opening->table->files;
    for (int i = 0; i < files->count; i++) TSR_TRY(open_file(opening, i));
    TSR_REQUIRE(files->begin[files->count] > 0, TSR_EDATA, "'%s', %s has no rows", files->input[0].path,
                opening->table->variable[0].name);
    return tsr_hdf5_columns_choose(opening);
}

tsr_status tsr_hdf5_table_open(const tsr_params *params, tsr_hdf5_table *table) {
    tsr_hdf5_opening opening = {.params = params, .table = table, .dataset = H5I_INVALID_HID};
    table->by_rows = tsr_params_choice(params, "items") == ITEMS_ROWS;
    TSR_TRY(tsr_files_find(params, "file", &table->files));
    const tsr_status opened = open_files(&opening);
    tsr_hdf5_columns_clear(&opening.columns);
    TSR_TRY(opened);
    measure(table);
    TSR_TRY(tsr_open_files_create(&table->files, &table->open));
    tsr_hdf5_lock();
    const tsr_status status = tsr_hdf5_shelf_create(&table->files, table->names, table->variables, &table->shelf);
    tsr_hdf5_unlock();
    TSR_TRY(status);
    return tsr_hdf5_words_collect(table);
}
