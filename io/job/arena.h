/* An arena: memory that is taken piece by piece and freed at once.
 * Hides nothing but the list of pieces. */
#ifndef TSR_IO_ARENA_H
#define TSR_IO_ARENA_H

#include <stddef.h>

typedef struct tsr_arena tsr_arena;

/* Not thread-safe. NULL: no memory. */
tsr_arena *tsr_arena_create(void);
void tsr_arena_destroy(tsr_arena **arena); /* accepts NULL, sets NULL */

/* count x size zeroed bytes, aligned for any type, borrowed until destroy. NULL: no memory. */
void *tsr_arena_take(tsr_arena *arena, size_t count, size_t size);

/* A text made as by printf. NULL: no memory. */
char *tsr_arena_print(tsr_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
