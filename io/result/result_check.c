#include "io/result/result_check.h"

#include "engine/vmath.h"
#include "io/result/h5_image.h"
#include "io/result/result_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

typedef struct {
    int64_t room; /* bytes of the file: no variable is larger */
    int64_t variables;
    tsr_status status;
} reading;

static tsr_status fail(const char *name, const char *what) {
    return TSR_FAIL(TSR_ECHECKPOINT, "variable %.200s %s", name, what);
}

static tsr_status read_cells(hid_t set, hid_t type, const char *name, int64_t bytes) {
    void *cells = malloc((size_t)bytes + 1);
    TSR_REQUIRE(cells != NULL, TSR_ERUNTIME, "no memory for variable %.200s", name);
    const bool is_read = H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells) >= 0;
    free(cells);
    return is_read ? TSR_OK : fail(name, "cannot be read");
}

static tsr_status read_set(hid_t set, const char *name, int64_t room) {
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    const int64_t cells = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    const int64_t width = type >= 0 ? (int64_t)H5Tget_size(type) : 0;
    /* Dimensions without a variable of their own have a type of one byte, and nothing is stored of them. */
    const bool is_empty = set >= 0 && H5Dget_storage_size(set) == 0;
    const bool fits = cells >= 0 && width > 0 && cells <= room / width;
    tsr_status status = TSR_OK;
    if (!fits && !is_empty) status = fail(name, "is larger than its file");
    if (status == TSR_OK && !is_empty) status = read_cells(set, type, name, cells * width);
    tsr_h5_drop(&space);
    tsr_h5_drop(&type);
    return status;
}

/* Called by HDF5 for every object; a positive answer ends the visit. */
static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *data) {
    reading *work = data;
    if (info->type != H5O_TYPE_DATASET) return 0;
    hid_t set = H5Dopen2(root, name, H5P_DEFAULT);
    work->variables++;
    work->status = set >= 0 ? read_set(set, name, work->room) : fail(name, "cannot be opened");
    tsr_h5_drop(&set);
    return work->status == TSR_OK ? 0 : 1;
}

tsr_status tsr_result_check_reads(const tsr_image *image, int64_t *variables) {
    hid_t file = H5I_INVALID_HID;
    bool is_sealed = false;
    reading work = {.room = image->count, .status = TSR_OK};
    TSR_TRY(tsr_image_open(image, &file, &is_sealed));
    const herr_t visited = H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit, &work, H5O_INFO_BASIC);
    if (visited < 0) work.status = TSR_FAIL(TSR_ECHECKPOINT, "its groups cannot be read");
    tsr_h5_drop(&file);
    *variables = work.variables;
    return work.status;
}

/* ---- comparing ---- */

static bool is_history(const char *name) { return strstr(name, "_history_") != NULL; }

static bool is_same_real(double a, double b) {
    return tsr_bits_from_double(a) == tsr_bits_from_double(b) || (isnan(a) && isnan(b));
}

/* The first cell that differs, or -1. */
static int64_t find_difference(const tsr_entry *entry, const void *stored, const void *wanted, int64_t cells) {
    const double *a = stored, *b = wanted;
    const int64_t width = tsr_cell_bytes(entry->cell);
    for (int64_t i = 0; i < cells; i++) {
        const bool is_same =
            entry->cell == TSR_CELL_REAL
                ? is_same_real(a[i], b[i])
                : memcmp((const char *)stored + i * width, (const char *)wanted + i * width, (size_t)width) == 0;
        if (!is_same) return i;
    }
    return -1;
}

static tsr_status tell_difference(const tsr_entry *entry, const char *name, const void *stored, int64_t cell) {
    const double *found = stored, *wanted = entry->data;
    if (entry->cell != TSR_CELL_REAL)
        return TSR_FAIL(TSR_ECHECKPOINT, "variable %.200s, cell %lld, is not what the state gives", name,
                        (long long)cell);
    return TSR_FAIL(TSR_ECHECKPOINT, "variable %.200s, cell %lld, is %.17g, and the state gives %.17g", name,
                    (long long)cell, found[cell], wanted[cell]);
}

static hid_t type_of(tsr_cell cell) {
    switch (cell) {
    case TSR_CELL_REAL: return H5T_NATIVE_DOUBLE;
    case TSR_CELL_INTEGER: return H5T_NATIVE_INT64;
    case TSR_CELL_UNSIGNED: return H5T_NATIVE_UINT64;
    case TSR_CELL_CHARACTER: break;
    }
    return H5I_INVALID_HID;
}

/* All cells of a variable of the file, as the contents have them. */
static tsr_status read_as(hid_t set, const tsr_entry *entry, const char *name, int64_t cells, void **out) {
    hid_t space = H5Dget_space(set), own = H5Dget_type(set);
    const bool is_text = entry->cell == TSR_CELL_CHARACTER;
    const bool fits = space >= 0 && own >= 0 && H5Sget_simple_extent_npoints(space) == cells &&
                      (!is_text || (H5Tget_class(own) == H5T_STRING && H5Tget_size(own) == 1));
    tsr_status status = fits ? TSR_OK : fail(name, "has another shape than the results");
    if (status == TSR_OK) *out = malloc((size_t)(cells * tsr_cell_bytes(entry->cell)) + 1);
    if (status == TSR_OK && *out == NULL) status = TSR_FAIL(TSR_ERUNTIME, "no memory for variable %.200s", name);
    if (status == TSR_OK && H5Dread(set, is_text ? own : type_of(entry->cell), H5S_ALL, H5S_ALL, H5P_DEFAULT, *out) < 0)
        status = fail(name, "cannot be read");
    tsr_h5_drop(&own);
    tsr_h5_drop(&space);
    return status;
}

static tsr_status compare_variable(hid_t file, const tsr_contents *contents, int variable) {
    const tsr_entry *entry = &contents->entry[variable];
    const char *name = tsr_contents_name(contents, variable);
    const int64_t cells = tsr_contents_cells(contents, variable);
    void *stored = NULL;
    hid_t set = H5Lexists(file, name, H5P_DEFAULT) > 0 ? H5Dopen2(file, name, H5P_DEFAULT) : H5I_INVALID_HID;
    tsr_status status = set >= 0 ? read_as(set, entry, name, cells, &stored) : fail(name, "is missing");
    const int64_t cell = status == TSR_OK ? find_difference(entry, stored, entry->data, cells) : -1;
    if (cell >= 0) status = tell_difference(entry, name, stored, cell);
    tsr_h5_drop(&set);
    free(stored);
    return status;
}

/* The values along an axis. */
static bool is_axis(const tsr_contents *contents, int variable) {
    const tsr_entry *entry = &contents->entry[variable];
    const char *name = tsr_contents_name(contents, variable);
    return entry->rank > 0 && strcmp(tsr_contents_name(contents, entry->dimension[0]), name) == 0;
}

static tsr_status compare_all(hid_t file, const tsr_contents *contents, bool is_part, int64_t *compared) {
    TSR_REQUIRE(!contents->out_of_memory, TSR_ERUNTIME, "no memory for the results");
    for (int i = 0; i < contents->count; i++) {
        const tsr_entry *entry = &contents->entry[i];
        const bool is_result = entry->kind == TSR_ENTRY_VARIABLE && entry->owner == TSR_CONTENTS_ROOT;
        if (!is_result || is_history(tsr_contents_name(contents, i)) || (is_part && is_axis(contents, i))) continue;
        TSR_TRY(compare_variable(file, contents, i));
        ++*compared;
    }
    return TSR_OK;
}

static bool is_partly_run(const tsr_outcome *outcome) {
    for (int i = 0; i < tsr_outcome_stages(outcome); i++)
        if (tsr_outcome_stage(outcome, i)->name == NULL) return true;
    return false;
}

tsr_status tsr_result_check_values(const tsr_image *image, const tsr_run_record *record, int64_t *compared) {
    tsr_contents *contents = NULL;
    hid_t file = H5I_INVALID_HID;
    bool is_sealed = false;
    tsr_status status = TSR_OK;
    *compared = 0;
    TSR_TRY_OUT(tsr_contents_create(&contents));
    TSR_TRY_OUT(tsr_result_add_stages(record, contents));
    TSR_TRY_OUT(tsr_image_open(image, &file, &is_sealed));
    TSR_TRY_OUT(compare_all(file, contents, is_partly_run(record->outcome), compared));
out:
    tsr_h5_drop(&file);
    tsr_contents_destroy(&contents);
    return status;
}
