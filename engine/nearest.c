#include "engine/param.h"

#include <stdio.h>
#include <string.h>

enum { WORD_BYTES_MAX = 64 };

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static int smaller(int a, int b) { return a < b ? a : b; }

/* Edit distance in which exchanging two neighbours counts once (optimal string alignment); case does not count.
 * b has fewer than WORD_BYTES_MAX bytes. */
static int distance(const char *a, const char *b) {
    int row[3][WORD_BYTES_MAX];
    int length = (int)strlen(b);
    int *before = row[0], *above = row[1], *current = row[2];
    for (int j = 0; j <= length; j++) above[j] = j;
    for (int i = 1; a[i - 1] != '\0'; i++) {
        current[0] = i;
        for (int j = 1; j <= length; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            current[j] = smaller(above[j - 1] + !same, smaller(above[j], current[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) current[j] = smaller(current[j], before[j - 2] + 1);
        }
        int *oldest = before;
        before = above;
        above = current;
        current = oldest;
    }
    return above[length];
}

const char *tsr_nearest_word(const char *word, const char *const *candidates) {
    size_t length = strlen(word);
    if (length == 0 || length >= WORD_BYTES_MAX) return NULL;
    const char *nearest = NULL;
    int least = smaller(1 + (int)length / 6, 3) + 1; /* one slip in a short word, a few in a long one */
    for (; *candidates != NULL; candidates++) {
        if (strlen(*candidates) >= WORD_BYTES_MAX) continue;
        int here = distance(word, *candidates);
        if (here < least && here < (int)length) {
            least = here;
            nearest = *candidates;
        }
    }
    return nearest;
}

void tsr_nearest_hint(const char *word, const char *const *candidates, char out[TSR_HINT_BYTES]) {
    static const char end[] = ", ...)";
    const char *near = tsr_nearest_word(word, candidates);
    size_t used = 0, room = TSR_HINT_BYTES - sizeof(end);
    if (near != NULL) used = (size_t)snprintf(out, room, "; did you mean '%s'?", near);
    used += (size_t)snprintf(out + used, room - used, " (known: ");
    for (size_t i = 0; candidates[i] != NULL; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (used + strlen(comma) + strlen(candidates[i]) > room) {
            snprintf(out + used, TSR_HINT_BYTES - used, "%s...)", comma);
            return;
        }
        used += (size_t)snprintf(out + used, TSR_HINT_BYTES - used, "%s%s", comma, candidates[i]);
    }
    snprintf(out + used, TSR_HINT_BYTES - used, ")");
}
