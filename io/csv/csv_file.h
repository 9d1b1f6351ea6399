/* An open CSV file: windows of its text, and the places in it where something is wrong. */
#ifndef TSR_IO_CSV_FILE_H
#define TSR_IO_CSV_FILE_H

#include "engine/input.h"
#include "engine/status.h"
#include "io/csv/csv_grammar.h"

/* Borrowed by everybody who reads it; reading is thread-safe. */
typedef struct {
    int descriptor;
    const tsr_input *input; /* what it was when it was opened */
    int64_t begin;          /* of the text: after a byte order mark */
} tsr_csv_file;

/* A part of the file in memory. */
typedef struct {
    char *data; /* [room + 2]: the text, and a zero byte after it */
    size_t room;
    int64_t begin; /* in the file */
    size_t bytes;
    bool is_last; /* it ends with the file, and has a line end more */
} tsr_csv_window;

/* Finds the byte order mark. TSR_EDATA: the file is empty, or cannot be read. */
tsr_status tsr_csv_file_begin(tsr_csv_file *file);

/* Fills the window with what stands from `begin` on. Thread-safe on different windows; allocates nothing. TSR_EDATA:
 * the file cannot be read, or is not what it was. */
tsr_status tsr_csv_window_read(const tsr_csv_file *file, int64_t begin, tsr_csv_window *window);

/* Where a byte of the window stands in the file. */
static inline int64_t tsr_csv_place(const tsr_csv_window *window, const char *at) {
    return window->begin + (at - window->data);
}

/* TSR_EDATA with the sentence "name:line:column: ..." for a byte of the file; columns count characters. Reads the file
 * up to there. */
tsr_status tsr_csv_refuse(const tsr_csv_file *file, int64_t place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The line of a byte, counted from 1; 0 if the file cannot be read. */
int64_t tsr_csv_line_of(const tsr_csv_file *file, int64_t place);

#endif
