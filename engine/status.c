#include "engine/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The only mutable global of the engine: a failure travels through many returns, but the sentence
 * is known only where it happened. */
static _Thread_local tsr_error record;

/* What a user wrote may hold anything, but neither ends a line nor speaks to a terminal. */
static void make_plain(char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == '\x7f') *text = '?';
}

void tsr_error_record(tsr_status code, const char *file, int line, const char *format, ...) {
    if (record.status != TSR_OK) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record.message, sizeof(record.message), format, arguments);
    va_end(arguments);
    make_plain(record.message);
    record.status = code;
    record.file = file;
    record.line = line;
}

const tsr_error *tsr_error_get(void) { return &record; }

void tsr_error_set(const tsr_error *error) { record = *error; }

void tsr_error_clear(void) { record = (tsr_error){.status = TSR_OK}; }

const char *tsr_status_text(tsr_status code) {
#define TSR_STATUS_TEXT(name, exit_code, text)                                                                         \
    case name: return text;
    switch (code) { TSR_STATUS_LIST(TSR_STATUS_TEXT) }
#undef TSR_STATUS_TEXT
    return "unknown";
}

int tsr_status_exit_code(tsr_status code) {
#define TSR_STATUS_EXIT(name, exit_code, text)                                                                         \
    case name: return exit_code;
    switch (code) { TSR_STATUS_LIST(TSR_STATUS_EXIT) }
#undef TSR_STATUS_EXIT
    return 70;
}

void tsr_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "tessera: internal error: %s does not hold (%s:%d); please report it\n", condition, file, line);
    _Exit(tsr_status_exit_code(TSR_EINTERNAL));
}

void tsr_memory_failed(const char *purpose) {
    fprintf(stderr, "tessera: no memory left %s\n", purpose);
    _Exit(tsr_status_exit_code(TSR_ERUNTIME));
}
