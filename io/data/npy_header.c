#include "io/data/npy_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 4096, MAGIC_BYTES = 6, DEPTH_MAX = 8, CELLS_MAX = 65536, ARRAY_MAX = 65536 };

static const unsigned char magic[MAGIC_BYTES] = "\x93NUMPY";
static const int64_t BYTES_MAX = INT64_C(1) << 62;

/* A literal of Python, as far as NumPy writes it. */
typedef struct {
    const char *at;
    const char *end;
    tsr_npy_header *out;
    int room; /* for cells */
} reader;

static tsr_status refuse(const char *what) { return TSR_FAIL(TSR_EDATA, "its header cannot be understood: %s", what); }

static void skip_blanks(reader *text) {
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\n' || *text->at == '\t')) text->at++;
}

static bool take(reader *text, char c) {
    skip_blanks(text);
    const bool is_there = text->at < text->end && *text->at == c;
    text->at += is_there;
    return is_there;
}

static bool take_word(reader *text, const char *word) {
    skip_blanks(text);
    const size_t bytes = strlen(word);
    if ((size_t)(text->end - text->at) < bytes || memcmp(text->at, word, bytes) != 0) return false;
    text->at += bytes;
    return true;
}

/* A quoted text without escapes; longer ones and others are cut and kept. */
static bool take_text(reader *text, char out[TSR_NPY_NAME_BYTES]) {
    skip_blanks(text);
    if (text->at == text->end || (*text->at != '\'' && *text->at != '"')) return false;
    const char *begin = text->at + 1, *end = memchr(begin, *text->at, (size_t)(text->end - begin));
    if (end == NULL) return false;
    snprintf(out, TSR_NPY_NAME_BYTES, "%.*s",
             (int)(end - begin < TSR_NPY_NAME_BYTES ? end - begin : TSR_NPY_NAME_BYTES), begin);
    text->at = end + 1;
    return true;
}

static bool take_number(reader *text, int64_t *out) {
    skip_blanks(text);
    const char *begin = text->at;
    *out = 0;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++)
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, *text->at - '0', out)) return false;
    return text->at > begin;
}

/* A tuple of whole numbers: (), (3,), (3, 4); or a number alone. */
static tsr_status take_shape(reader *text, int *rank, int64_t *extent) {
    *rank = 0;
    if (!take(text, '(')) {
        *rank = 1;
        return take_number(text, &extent[0]) ? TSR_OK : refuse("a shape is missing");
    }
    while (!take(text, ')')) {
        if (*rank == TSR_NPY_RANK_MAX) return refuse("it has too many axes");
        if (!take_number(text, &extent[*rank])) return refuse("a length of an axis is no whole number");
        (void)take_word(text, "L"); /* of Python 2 */
        (*rank)++;
        if (!take(text, ',')) return take(text, ')') ? TSR_OK : refuse("a shape does not end");
    }
    return TSR_OK;
}

static tsr_status product(int rank, const int64_t *extent, int64_t *out) {
    *out = 1;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(*out, extent[i], out) || *out > BYTES_MAX) return refuse("it is too large");
    return TSR_OK;
}

/* ---- types ---- */

/* A type such as "<f8". is_number: it can become a double. */
static tsr_status read_type(const char *word, bool *is_number, tsr_stored_number *number, int64_t *bytes) {
    static const struct {
        char kind;
        int64_t bytes;
        tsr_number_type type;
    } types[] = {{'b', 1, TSR_NUMBER_U8},  {'i', 1, TSR_NUMBER_I8},  {'i', 2, TSR_NUMBER_I16}, {'i', 4, TSR_NUMBER_I32},
                 {'i', 8, TSR_NUMBER_I64}, {'u', 1, TSR_NUMBER_U8},  {'u', 2, TSR_NUMBER_U16}, {'u', 4, TSR_NUMBER_U32},
                 {'u', 8, TSR_NUMBER_U64}, {'f', 4, TSR_NUMBER_F32}, {'f', 8, TSR_NUMBER_F64}};
    const char order = *word;
    if (strchr("<>|=", order) == NULL || order == '\0') return refuse("a type has no byte order");
    char *end;
    const char kind = word[1];
    *bytes = kind == '\0' ? -1 : strtoll(word + 2, &end, 10);
    if (*bytes < 0 || *bytes > BYTES_MAX || end == word + 2) return refuse("a type has no size");
    if (kind == 'U' && __builtin_mul_overflow(*bytes, 4, bytes)) return refuse("a type is too large");
    *is_number = false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].kind == kind && types[i].bytes == *bytes && *end == '\0') {
            *is_number = true;
            *number = (tsr_stored_number){types[i].type, order == '>' && *bytes > 1};
        }
    return TSR_OK;
}

static tsr_status add_cell(reader *text, const char *name, int64_t offset, tsr_stored_number number) {
    tsr_npy_header *out = text->out;
    if (out->cells == CELLS_MAX) return refuse("it has too many fields");
    if (out->cells == text->room) {
        text->room = text->room == 0 ? 16 : 2 * text->room;
        tsr_npy_cell *larger = realloc(out->cell, (size_t)text->room * sizeof(*larger));
        TSR_REQUIRE(larger != NULL, TSR_ERUNTIME, "no memory for the fields of a NumPy file");
        out->cell = larger;
    }
    tsr_npy_cell *cell = &out->cell[out->cells++];
    *cell = (tsr_npy_cell){.offset = offset, .number = number};
    snprintf(cell->name, sizeof(cell->name), "%s", name);
    return TSR_OK;
}

static tsr_status read_fields(reader *text, const char *prefix, int64_t offset, int depth, int64_t *bytes);

/* What a field is made of: a word, or fields again. Cells go to `offset`. */
static tsr_status read_descr(reader *text, const char *name, int64_t offset, int depth, int64_t *bytes) {
    char word[TSR_NPY_NAME_BYTES];
    bool is_number = false;
    tsr_stored_number number;
    skip_blanks(text);
    if (take(text, '[')) return read_fields(text, name, offset, depth + 1, bytes);
    if (!take_text(text, word)) return refuse("a type is missing");
    if (depth == 0) snprintf(text->out->type, sizeof(text->out->type), "%.60s", word);
    TSR_TRY(read_type(word, &is_number, &number, bytes));
    return is_number ? add_cell(text, name, offset, number) : TSR_OK;
}

/* A field that is an array has its cells once more for each of its elements. */
static tsr_status repeat(reader *text, int first, int64_t count, int64_t bytes) {
    tsr_npy_header *out = text->out;
    const int once = out->cells - first;
    if (count > ARRAY_MAX) return refuse("a field is an array that is too long");
    for (int64_t i = 1; i < count; i++)
        for (int c = 0; c < once; c++) {
            const tsr_npy_cell cell = out->cell[first + c];
            TSR_TRY(add_cell(text, cell.name, cell.offset + i * bytes, cell.number));
        }
    for (int c = first; c < out->cells && count != 1; c++) {
        char number[32];
        const size_t used = strlen(out->cell[c].name);
        snprintf(number, sizeof(number), "_%d", once > 0 ? (c - first) / once : 0);
        if (used + strlen(number) >= TSR_NPY_NAME_BYTES) return refuse("the name of a field is too long");
        memcpy(out->cell[c].name + used, number, strlen(number) + 1);
    }
    if (count == 0) out->cells = first;
    return TSR_OK;
}

/* ('name', type) or ('name', type, shape); the name may be a pair of a title and a name. */
static tsr_status read_field(reader *text, const char *prefix, int64_t offset, int depth, int64_t *bytes) {
    char name[TSR_NPY_NAME_BYTES], joined[2 * TSR_NPY_NAME_BYTES + 1];
    int rank = 0;
    int64_t extent[TSR_NPY_RANK_MAX], count = 1;
    if (take(text, '(')) {
        if (!take_text(text, name) || !take(text, ',') || !take_text(text, name) || !take(text, ')'))
            return refuse("a title is not followed by a name");
    } else if (!take_text(text, name))
        return refuse("a field has no name");
    if (!take(text, ',')) return refuse("a field has no type");
    snprintf(joined, sizeof(joined), "%s%s%s", prefix, *prefix != '\0' ? "_" : "", name);
    if (strlen(joined) >= TSR_NPY_NAME_BYTES) return refuse("the name of a field is too long");
    const int first = text->out->cells;
    TSR_TRY(read_descr(text, joined, offset, depth, bytes));
    if (take(text, ',') && !take(text, ')')) {
        TSR_TRY(take_shape(text, &rank, extent));
        TSR_TRY(product(rank, extent, &count));
        TSR_TRY(repeat(text, first, count, *bytes));
        if (__builtin_mul_overflow(*bytes, count, bytes)) return refuse("a field is too large");
        (void)take(text, ',');
        return take(text, ')') ? TSR_OK : refuse("a field does not end");
    }
    return text->at[-1] == ')' || take(text, ')') ? TSR_OK : refuse("a field does not end");
}

/* The text stands behind the bracket. */
static tsr_status read_fields(reader *text, const char *prefix, int64_t offset, int depth, int64_t *bytes) {
    int64_t total = 0;
    int fields = 0;
    if (depth > DEPTH_MAX) return refuse("its fields are nested too deeply");
    for (; !take(text, ']'); fields++) {
        int64_t one = 0;
        if (!take(text, '(')) return refuse("a field is no tuple");
        TSR_TRY(read_field(text, prefix, offset + total, depth, &one));
        if (__builtin_add_overflow(total, one, &total) || total > BYTES_MAX) return refuse("an element is too large");
        if (!take(text, ',')) {
            if (!take(text, ']')) return refuse("its fields do not end");
            fields++;
            break;
        }
    }
    if (depth == 1) snprintf(text->out->type, sizeof(text->out->type), "%d fields", fields);
    *bytes = total;
    return TSR_OK;
}

/* ---- the whole ---- */

static tsr_status read_dictionary(reader *text) {
    tsr_npy_header *out = text->out;
    bool has_type = false, has_order = false, has_shape = false;
    if (!take(text, '{')) return refuse("it is no dictionary");
    while (!take(text, '}')) {
        char key[TSR_NPY_NAME_BYTES];
        if (!take_text(text, key) || !take(text, ':')) return refuse("a key is missing");
        if (strcmp(key, "descr") == 0 && !has_type) {
            TSR_TRY(read_descr(text, "", 0, 0, &out->bytes));
            has_type = true;
        } else if (strcmp(key, "fortran_order") == 0) {
            out->is_fortran = take_word(text, "True");
            if (!out->is_fortran && !take_word(text, "False")) return refuse("fortran_order is neither True nor False");
            has_order = true;
        } else if (strcmp(key, "shape") == 0) {
            TSR_TRY(take_shape(text, &out->rank, out->shape));
            has_shape = true;
        } else
            return refuse("it has a key that NumPy does not write");
        if (!take(text, ',') && (text->at == text->end || *text->at != '}')) return refuse("a key does not end");
    }
    return has_type && has_order && has_shape ? TSR_OK : refuse("descr, fortran_order or shape is missing");
}

static tsr_status check(tsr_npy_header *out) {
    int64_t bytes;
    TSR_TRY(product(out->rank, out->shape, &out->elements));
    if (__builtin_mul_overflow(out->elements, out->bytes, &bytes) || bytes > BYTES_MAX)
        return refuse("it is too large");
    TSR_REQUIRE(out->cells > 0, TSR_EDATA,
                "it holds no numbers of 8 to 64 bits, but '%s': convert it with numpy.save(file, array.astype(float))",
                out->type);
    return TSR_OK;
}

tsr_status tsr_npy_header_read(const unsigned char *text, size_t bytes, size_t *wanted, tsr_npy_header *out) {
    *out = (tsr_npy_header){0};
    *wanted = 0;
    TSR_REQUIRE(bytes >= MAGIC_BYTES + 2 && memcmp(text, magic, MAGIC_BYTES) == 0, TSR_EDATA, "it is no NumPy file");
    const int version = text[MAGIC_BYTES];
    const size_t length_bytes = version == 1 ? 2 : 4, first = MAGIC_BYTES + 2 + length_bytes;
    TSR_REQUIRE(version >= 1 && version <= 3, TSR_EDATA, "it is a NumPy file of version %d; 1 to 3 are known", version);
    TSR_REQUIRE(bytes >= first, TSR_EDATA, "it ends within its header");
    size_t length = 0;
    for (size_t i = length_bytes; i-- > 0;) length = length << 8 | text[MAGIC_BYTES + 2 + i];
    TSR_REQUIRE(length <= TSR_NPY_HEADER_BYTES_MAX, TSR_EDATA, "its header has %zu bytes, which is too long", length);
    *wanted = first + length;
    if (bytes < *wanted) return TSR_OK;
    const char *begin = (const char *)text + first;
    reader parts = {.at = begin, .end = begin + length, .out = out};
    out->begin = (int64_t)*wanted;
    TSR_TRY(read_dictionary(&parts));
    return check(out);
}

void tsr_npy_header_clear(tsr_npy_header *header) {
    free(header->cell);
    *header = (tsr_npy_header){0};
}

/* ---- files ---- */

tsr_status tsr_npy_about(const char *path, tsr_status status) {
    tsr_error error = *tsr_error_get();
    snprintf(error.message, sizeof(error.message), "'%.400s': %.500s", path, tsr_error_get()->message);
    if (status == TSR_EDATA) tsr_error_set(&error);
    return status;
}

/* As many bytes as the header turns out to have. */
static tsr_status read_growing(int file, unsigned char **text, tsr_npy_header *out) {
    size_t wanted = FIRST_BYTES;
    for (ssize_t before = -1;;) {
        unsigned char *larger = realloc(*text, wanted);
        TSR_REQUIRE(larger != NULL, TSR_ERUNTIME, "no memory for the header of a NumPy file");
        *text = larger;
        const ssize_t got = pread(file, larger, wanted, 0);
        TSR_REQUIRE(got >= 0 && got != before, TSR_EDATA, "it ends within its header");
        tsr_npy_header_clear(out);
        TSR_TRY(tsr_npy_header_read(larger, (size_t)got, &wanted, out));
        if ((size_t)got >= wanted) return TSR_OK;
        before = got;
    }
}

tsr_status tsr_npy_file_read(int file, const char *path, tsr_npy_header *out) {
    unsigned char *text = NULL;
    const tsr_status status = tsr_npy_about(path, read_growing(file, &text, out));
    free(text);
    return status;
}
