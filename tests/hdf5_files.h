/* For tests: HDF5 files of every layout, and the source hdf5 reading them. */
#ifndef TSR_TESTS_HDF5_FILES_H
#define TSR_TESTS_HDF5_FILES_H

#include "engine/draws.h"
#include "io/data/hdf5_source.h"
#include "settings.h"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a dataset is stored. Zeros: contiguous. */
typedef struct {
    hid_t type;
    int rank;
    hsize_t extent[4];
    hsize_t chunk[4]; /* [0] 0: none */
    bool grows;       /* extents without limit, so that chunks may be larger than the dataset */
    bool shuffle;
    int deflate; /* 0: none */
    bool fletcher32;
    bool is_late; /* chunks are allocated when they are written, and none are written here */
} stored_as;

static inline hsize_t stored_cells(const stored_as *how) {
    hsize_t cells = 1;
    for (int i = 0; i < how->rank; i++) cells *= how->extent[i];
    return cells;
}

static inline hid_t stored_list(const stored_as *how) {
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (how->chunk[0] > 0) H5Pset_chunk(list, how->rank, how->chunk);
    if (how->shuffle) H5Pset_shuffle(list);
    if (how->deflate > 0) H5Pset_deflate(list, (unsigned)how->deflate);
    if (how->fletcher32) H5Pset_fletcher32(list);
    return list;
}

/* A dataset with those values; list: H5P_DEFAULT, or more properties than `how` tells. To be closed with H5Dclose. */
static inline hid_t store_with(hid_t file, const char *name, const stored_as *how, hid_t list, const double *values) {
    hsize_t most[4] = {H5S_UNLIMITED, H5S_UNLIMITED, H5S_UNLIMITED, H5S_UNLIMITED};
    const hid_t space = H5Screate_simple(how->rank, how->extent, how->grows ? most : NULL);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hid_t dataset = H5Dcreate2(file, name, how->type, space, links, list, H5P_DEFAULT);
    if (dataset < 0) abort();
    if (values != NULL && H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) abort();
    H5Pclose(links);
    H5Sclose(space);
    return dataset;
}

static inline void store(hid_t file, const char *name, const stored_as *how, const double *values) {
    const hid_t list = stored_list(how);
    H5Dclose(store_with(file, name, how, list, values));
    H5Pclose(list);
}

static inline hid_t new_file(const char *path) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0) abort();
    return file;
}

static inline void set_text(hid_t object, const char *name, const char *text) {
    H5LTset_attribute_string(object, ".", name, text);
}

static inline void set_number(hid_t object, const char *name, hid_t type, double value) {
    const hid_t space = H5Screate(H5S_SCALAR),
                attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) < 0) abort();
    H5Aclose(attribute);
    H5Sclose(space);
}

/* ---- the source ---- */

/* settings: key, text, key, text, ..., NULL; a text with commas is a list, each word an entry. Files are of `folder`.
 */
static inline tsr_status open_hdf5_in(const char *folder, void **model, va_list settings) {
    tsr_params *params = NULL;
    const tsr_binding binding = {.folder = folder};
    tsr_setting *map = tree(TSR_MAP, "job.yaml:7:5", NULL);
    for (const char *key; (key = va_arg(settings, const char *)) != NULL;) {
        char *words = strdup(va_arg(settings, const char *)), *rest = NULL;
        tsr_setting *list = tree(TSR_LIST, "job.yaml:7:11", NULL);
        for (char *word = strtok_r(words, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
            list->child = realloc(list->child, (list->count + 1) * sizeof(*list->child)); // NOLINT
            list->child[list->count++] = scalar("job.yaml:7:11", word);
        }
        tsr_setting *value = list;
        if (list->count == 1) {
            value = scalar("job.yaml:7:11", list->child[0]->text);
            tsr_setting_destroy(&list);
        }
        map->child = realloc(map->child, (map->count + 1) * sizeof(*map->child)); // NOLINT
        map->child[map->count++] = keyed(key, value);
        free(words);
    }
    tsr_error_clear();
    tsr_status status = tsr_params_bind(tsr_source_hdf5.params, map, "source hdf5", &binding, &params);
    tsr_setting_destroy(&map);
    if (status == TSR_OK) status = tsr_source_hdf5.create(params, model);
    tsr_params_destroy(&params);
    return status;
}

static inline int columns_of(const void *model) {
    int columns = 0;
    while (tsr_source_hdf5.fields_of(model)[columns].name != NULL) columns++;
    return columns;
}

/* Rows first .. first + count - 1 (count <= TSR_BLOCK_ITEMS_MAX): out [columns][count]. */
static inline tsr_status read_rows(const void *model, tsr_draws *draws, int64_t first, int64_t count, double *out) {
    const int64_t stride = (count + 7) / 8 * 8;
    const int columns = columns_of(model);
    double *data = aligned_alloc(64, (size_t)(stride * columns) * sizeof(*data));
    for (int64_t i = 0; i < stride * columns; i++) data[i] = -12345.5;
    tsr_block block = {.item = first, .items = count, .stride = stride, .columns = columns, .data = data};
    const tsr_status status = tsr_source_hdf5.fill(model, draws, &block);
    for (int c = 0; c < columns && status == TSR_OK; c++) {
        memcpy(out + c * count, data + c * stride, (size_t)count * sizeof(*out));
        for (int64_t i = count; i < stride; i++)
            if (data[c * stride + i] != -12345.5) abort(); /* beyond the block */
    }
    free(data);
    return status;
}

#endif
