#include "io/job/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct piece {
    struct piece *next;
    max_align_t data[];
} piece;

struct tsr_arena {
    piece *first;
};

tsr_arena *tsr_arena_create(void) { return calloc(1, sizeof(tsr_arena)); }

void tsr_arena_destroy(tsr_arena **arena) {
    if (*arena == NULL) return;
    for (piece *here = (*arena)->first, *next; here != NULL; here = next) {
        next = here->next;
        free(here);
    }
    free(*arena);
    *arena = NULL;
}

void *tsr_arena_take(tsr_arena *arena, size_t count, size_t size) {
    if (size != 0 && count > (SIZE_MAX - sizeof(piece)) / size) return NULL;
    piece *fresh = calloc(1, sizeof(piece) + count * size);
    if (fresh == NULL) return NULL;
    fresh->next = arena->first;
    arena->first = fresh;
    return fresh->data;
}

char *tsr_arena_print(tsr_arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : tsr_arena_take(arena, (size_t)length + 1, 1);
    if (text != NULL) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}
