#include "io/data/hdf5_text.h"

#include <stdlib.h>
#include <string.h>

static const size_t WORDS_BYTES_MAX = (size_t)64 << 20;

/* ---- printable ---- */

/* Bytes of the UTF-8 character that begins here, 0 if none does. Overlong ones and surrogates are none. */
static size_t character_bytes(const unsigned char *text, size_t left) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char c = text[0];
    const size_t bytes = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
    if (bytes == 0 || bytes > left || (bytes == 1 && (c < 0x20 || c == 0x7f))) return 0;
    uint32_t point = bytes == 1 ? c : c & (0xffU >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if (text[i] >> 6 != 2) return 0;
        point = point << 6 | (text[i] & 0x3fU);
    }
    const bool is_surrogate = point >= 0xd800 && point < 0xe000, is_control = point >= 0x80 && point < 0xa0;
    return point < least[bytes] || point > 0x10ffff || is_surrogate || is_control ? 0 : bytes;
}

void tsr_hdf5_printable(const char *text, size_t bytes, char out[TSR_HDF5_TEXT_BYTES]) {
    size_t made = 0;
    for (size_t at = 0; at < bytes && text[at] != '\0';) {
        const size_t length = character_bytes((const unsigned char *)text + at, bytes - at);
        const size_t step = length > 0 ? length : 1;
        if (made + step > TSR_HDF5_TEXT_BYTES - 1) break;
        memcpy(out + made, length > 0 ? text + at : "?", step);
        made += step;
        at += step;
    }
    while (made > 0 && out[made - 1] == ' ') made--;
    out[made] = '\0';
}

/* ---- what holds words or numbers ---- */

/* An attribute or a dataset. */
typedef struct {
    hid_t id;
    bool is_attribute;
    hid_t type;
    hid_t space;
} holder;

static void let_go(holder *held) {
    if (held->type >= 0) H5Tclose(held->type);
    if (held->space >= 0) H5Sclose(held->space);
    if (held->is_attribute && held->id >= 0) H5Aclose(held->id);
    H5Eclear2(H5E_DEFAULT);
}

static holder hold(hid_t id, bool is_attribute) {
    return (holder){.id = id,
                    .is_attribute = is_attribute,
                    .type = is_attribute ? H5Aget_type(id) : H5Dget_type(id),
                    .space = is_attribute ? H5Aget_space(id) : H5Dget_space(id)};
}

static holder hold_attribute(hid_t object, const char *name) {
    hid_t id = H5I_INVALID_HID;
    if (H5Aexists(object, name) > 0) id = H5Aopen(object, name, H5P_DEFAULT);
    if (id < 0) return (holder){.id = id, .is_attribute = true, .type = H5I_INVALID_HID, .space = H5I_INVALID_HID};
    return hold(id, true);
}

static hssize_t count_of(const holder *held) {
    if (held->id < 0 || held->type < 0 || held->space < 0) return -1;
    return H5Sget_simple_extent_type(held->space) == H5S_NULL ? 0 : H5Sget_simple_extent_npoints(held->space);
}

static bool read_as(const holder *held, hid_t type, void *out) {
    if (held->is_attribute) return H5Aread(held->id, type, out) >= 0;
    return H5Dread(held->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
}

/* ---- words ---- */

static bool keep_word(const char *text, size_t bytes, char **out) {
    char word[TSR_HDF5_TEXT_BYTES];
    tsr_hdf5_printable(text, bytes, word);
    *out = strdup(word);
    return *out != NULL;
}

static bool read_fixed(const holder *held, size_t count, char **out) {
    const size_t bytes = H5Tget_size(held->type);
    if (bytes == 0 || count > WORDS_BYTES_MAX / bytes) return false;
    char *text = malloc(count * bytes);
    bool is_read = text != NULL && read_as(held, held->type, text);
    for (size_t i = 0; i < count && is_read; i++) is_read = keep_word(text + i * bytes, bytes, &out[i]);
    free(text);
    return is_read;
}

static bool read_varying(const holder *held, size_t count, char **out) {
    if (count > WORDS_BYTES_MAX / sizeof(char *)) return false;
    char **text = calloc(count, sizeof(*text));
    bool is_read = text != NULL && read_as(held, held->type, text);
    if (text != NULL && !is_read) memset(text, 0, count * sizeof(*text));
    for (size_t i = 0; i < count && is_read; i++)
        is_read = keep_word(text[i] != NULL ? text[i] : "", text[i] != NULL ? strlen(text[i]) : 0, &out[i]);
    for (size_t i = 0; text != NULL && i < count; i++) H5free_memory(text[i]);
    free(text);
    return is_read;
}

static bool read_words(const holder *held, int64_t count, char **out) {
    if (count <= 0 || count_of(held) != count || H5Tget_class(held->type) != H5T_STRING) return false;
    memset(out, 0, (size_t)count * sizeof(*out));
    const bool varies = H5Tis_variable_str(held->type) > 0;
    if (varies ? read_varying(held, (size_t)count, out) : read_fixed(held, (size_t)count, out)) return true;
    for (int64_t i = 0; i < count; i++) free(out[i]);
    return false;
}

bool tsr_hdf5_attribute_words(hid_t object, const char *name, int64_t count, char **out) {
    holder held = hold_attribute(object, name);
    const bool is_read = held.id >= 0 && read_words(&held, count, out);
    let_go(&held);
    return is_read;
}

bool tsr_hdf5_dataset_words(hid_t dataset, int64_t count, char **out) {
    holder held = hold(dataset, false);
    const bool is_read = read_words(&held, count, out);
    let_go(&held);
    return is_read;
}

bool tsr_hdf5_attribute_text(hid_t object, const char *name, char out[TSR_HDF5_TEXT_BYTES]) {
    char *word = NULL;
    *out = '\0';
    if (!tsr_hdf5_attribute_words(object, name, 1, &word)) return false;
    tsr_hdf5_printable(word, strlen(word), out);
    free(word);
    return *out != '\0';
}

int tsr_hdf5_attribute_numbers(hid_t object, const char *name, int most, double *out) {
    holder held = hold_attribute(object, name);
    const hssize_t count = count_of(&held);
    const H5T_class_t kind = held.id >= 0 ? H5Tget_class(held.type) : H5T_NO_CLASS;
    const bool is_read = count > 0 && count <= most && (kind == H5T_INTEGER || kind == H5T_FLOAT) &&
                         read_as(&held, H5T_NATIVE_DOUBLE, out);
    let_go(&held);
    return is_read ? (int)count : 0;
}
