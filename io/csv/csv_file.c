#include "io/csv/csv_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOM_BYTES = 3, COUNTED_BYTES = 65536 };

tsr_status tsr_csv_file_begin(tsr_csv_file *file) {
    char first[BOM_BYTES + 2] = "";
    tsr_csv_window window = {.data = first, .room = BOM_BYTES};
    TSR_TRY(tsr_csv_window_read(file, 0, &window));
    file->begin = memcmp(first, "\xef\xbb\xbf", BOM_BYTES) == 0 ? BOM_BYTES : 0;
    TSR_REQUIRE(file->input->bytes > file->begin, TSR_EDATA, "'%s' is empty", file->input->path);
    return TSR_OK;
}

/* Everything that was found out about the file holds for the file that it was. */
static tsr_status check_unchanged(const tsr_csv_file *file) {
    const tsr_input *was = file->input;
    struct stat now;
    TSR_REQUIRE(fstat(file->descriptor, &now) == 0, TSR_EDATA, "'%s' cannot be read: %s", was->path, strerror(errno));
    const int64_t modified_ns = now.st_mtim.tv_sec * INT64_C(1000000000) + now.st_mtim.tv_nsec;
    TSR_REQUIRE(now.st_size == was->bytes && modified_ns == was->modified_ns, TSR_EDATA,
                "'%s' has changed since it was read: it had %" PRId64 " bytes and has %" PRId64
                ", or was written again",
                was->path, was->bytes, (int64_t)now.st_size);
    return TSR_OK;
}

tsr_status tsr_csv_window_read(const tsr_csv_file *file, int64_t begin, tsr_csv_window *window) {
    const int64_t left = file->input->bytes - begin;
    const size_t wanted = left < (int64_t)window->room ? (size_t)left : window->room;
    window->begin = begin;
    window->bytes = 0;
    while (window->bytes < wanted) {
        const ssize_t got = pread(file->descriptor, window->data + window->bytes, wanted - window->bytes,
                                  begin + (int64_t)window->bytes);
        if (got < 0 && errno == EINTR) continue;
        TSR_REQUIRE(got >= 0, TSR_EDATA, "'%s' cannot be read: %s", file->input->path, strerror(errno));
        if (got == 0) break; /* it has become shorter */
        window->bytes += (size_t)got;
    }
    TSR_TRY(check_unchanged(file));
    window->is_last = (int64_t)window->bytes == left;
    if (window->is_last) window->data[window->bytes++] = '\n';
    window->data[window->bytes] = '\0';
    return TSR_OK;
}

/* ---- places ---- */

typedef struct {
    int64_t line;
    int64_t column;
    bool after_return; /* the byte before was a CR, whose line may have an LF more */
} position;

static void count(const char *text, size_t bytes, position *at) {
    for (size_t i = 0; i < bytes; i++) {
        const bool is_rest = text[i] == '\n' && at->after_return;
        at->after_return = text[i] == '\r';
        if (is_rest) continue;
        const bool continues = ((unsigned char)text[i] & 0xc0) == 0x80; /* a later byte of a UTF-8 character */
        if (text[i] == '\n' || text[i] == '\r')
            *at = (position){at->line + 1, 1, at->after_return};
        else
            at->column += !continues;
    }
}

static bool find(const tsr_csv_file *file, int64_t place, position *out) {
    char *text = malloc(COUNTED_BYTES);
    int64_t done = file->begin;
    if (place > file->input->bytes) place = file->input->bytes; /* the line end that was added */
    *out = (position){.line = 1, .column = 1};
    while (text != NULL && done < place) {
        const size_t wanted = place - done < COUNTED_BYTES ? (size_t)(place - done) : COUNTED_BYTES;
        const ssize_t got = pread(file->descriptor, text, wanted, done);
        if (got <= 0) break;
        count(text, (size_t)got, out);
        done += got;
    }
    free(text);
    return done >= place;
}

int64_t tsr_csv_line_of(const tsr_csv_file *file, int64_t place) {
    position at;
    return find(file, place, &at) ? at.line : 0;
}

tsr_status tsr_csv_refuse(const tsr_csv_file *file, int64_t place, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES];
    va_list arguments;
    position at;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (!find(file, place, &at)) return TSR_FAIL(TSR_EDATA, "%s: %s", file->input->path, sentence);
    return TSR_FAIL(TSR_EDATA, "%s:%" PRId64 ":%" PRId64 ": %s", file->input->path, at.line, at.column, sentence);
}
