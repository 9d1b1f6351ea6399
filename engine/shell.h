/* Words as one types them into a shell: advice can be pasted, whatever a file is called.
 * Layer 0. */
#ifndef TSR_ENGINE_SHELL_H
#define TSR_ENGINE_SHELL_H

#include <stddef.h>

enum { TSR_SHELL_BYTES = 512 };

/* A quoted word as a value, so that it can be used where it is made. */
typedef struct {
    char text[TSR_SHELL_BYTES];
} tsr_shell;

/* The word as it stands if a POSIX shell takes it so, else between single quotes; cut where it does not fit, as its
 * message would be. Thread-safe, allocates nothing. */
tsr_shell tsr_shell_word(const char *word);

/* The same, as snprintf: writes at most `bytes`, the last of them '\0', and returns how many characters there are. */
size_t tsr_shell_quote(const char *word, char *out, size_t bytes);

#endif
