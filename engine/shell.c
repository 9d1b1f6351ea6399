#include "engine/shell.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,+@%-";
    return word[0] != '\0' && strspn(word, plain) == strlen(word);
}

typedef struct {
    char *text;
    size_t bytes;
    size_t used;
} page;

static void put(page *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (out->used + i + 1 < out->bytes) out->text[out->used + i] = text[i];
    out->used += length;
}

size_t tsr_shell_quote(const char *word, char *out, size_t bytes) {
    page quoted = {.text = out, .bytes = bytes};
    const bool is_bare = is_plain(word);
    if (!is_bare) put(&quoted, "'", 1);
    for (const char *c = word; *c != '\0'; c++) put(&quoted, *c == '\'' ? "'\\''" : c, *c == '\'' ? 4 : 1);
    if (!is_bare) put(&quoted, "'", 1);
    if (bytes > 0) out[quoted.used < bytes ? quoted.used : bytes - 1] = '\0';
    return quoted.used;
}

tsr_shell tsr_shell_word(const char *word) {
    tsr_shell out = {""};
    tsr_shell_quote(word, out.text, sizeof(out.text));
    return out;
}
