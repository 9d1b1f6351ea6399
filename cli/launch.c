#include "cli/launch.h"

#include "cli/options.h"

#include "engine/number.h"
#include "engine/shell.h"

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

/* Words of argv from `at` on that say how many threads; 0 if that one says something else. */
static int words_of_threads(int argc, char *const *argv, int at) {
    if (strncmp(argv[at], "--threads=", strlen("--threads=")) == 0) return 1;
    if (strcmp(argv[at], "--oversubscribe") == 0) return 1;
    return strcmp(argv[at], "--threads") == 0 && at + 1 < argc ? 2 : 0;
}

/* At most, with a blank: every character may be a quote, which takes four. */
static size_t room_of(const char *word) { return 4 * strlen(word) + 3; }

char *tsr_launch_command(int argc, char *const *argv, bool without_threads) {
    size_t room = room_of(program_invocation_name) + 1;
    for (int i = 0; i < argc; i++) room += room_of(argv[i]);
    char *text = malloc(room);
    if (text == NULL) return NULL;
    size_t used = tsr_shell_quote(program_invocation_name, text, room);
    for (int i = 0; i < argc; i++) {
        const int skipped = without_threads ? words_of_threads(argc, argv, i) : 0;
        if (skipped > 0) {
            i += skipped - 1;
            continue;
        }
        text[used++] = ' ';
        used += tsr_shell_quote(argv[i], text + used, room - used);
    }
    return text;
}
