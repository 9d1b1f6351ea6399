#include "cli/launch.h"

#include "cli/options.h"

#include "engine/number.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

tsr_status tsr_launch_threads(int option, int *out) {
    const char *wish = getenv("OMP_NUM_THREADS");
    int64_t threads = 0;
    *out = option;
    if (option != 0 || wish == NULL || wish[0] == '\0') return TSR_OK;
    bool fits = tsr_number_read_integer(wish, &threads) == TSR_NUMBER_OK && threads >= 1 && threads <= TSR_COUNT_MAX;
    TSR_REQUIRE(fits, TSR_EUSAGE,
                "OMP_NUM_THREADS is '%.40s', but must be a whole number from 1 on; set it so, unset it, or give "
                "--threads N",
                wish);
    *out = (int)threads;
    return TSR_OK;
}

/* ---- the command line ---- */

static bool is_plain(const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,+@%-";
    return word[0] != '\0' && strspn(word, plain) == strlen(word);
}

static void put_word(const char *word, FILE *out) {
    if (is_plain(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}

/* Words of argv from `at` on that say how many threads; 0 if that one says something else. */
static int words_of_threads(int argc, char *const *argv, int at) {
    if (strncmp(argv[at], "--threads=", strlen("--threads=")) == 0) return 1;
    if (strcmp(argv[at], "--oversubscribe") == 0) return 1;
    return strcmp(argv[at], "--threads") == 0 && at + 1 < argc ? 2 : 0;
}

char *tsr_launch_command(int argc, char *const *argv, bool without_threads) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL) return NULL;
    put_word(program_invocation_name, out);
    for (int i = 0; i < argc; i++) {
        int skipped = without_threads ? words_of_threads(argc, argv, i) : 0;
        if (skipped > 0) {
            i += skipped - 1;
            continue;
        }
        fputc(' ', out);
        put_word(argv[i], out);
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
