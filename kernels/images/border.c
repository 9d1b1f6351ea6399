#include "kernels/images/border.h"

#include <string.h>

static const char *const modes[] = {"reflect", "mirror", "nearest", "constant", "wrap", NULL};

static tsr_status read_mode(const tsr_params *params, const char *word, tsr_border *out) {
    for (int i = 0; modes[i] != NULL; i++)
        if (strcmp(word, modes[i]) == 0) {
            *out = (tsr_border)i;
            return TSR_OK;
        }
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(word, modes, hint);
    return tsr_params_fail(params, "mode", "'%.80s' is no way beyond an edge%s", word, hint);
}

tsr_status tsr_border_read(const tsr_params *params, tsr_border out[2]) {
    int64_t count = 0;
    const char *const *word = tsr_params_texts(params, "mode", &count);
    if (count < 1 || count > 2)
        return tsr_params_fail(params, "mode",
                               "%lld words; give one mode, or two: beyond the first and last row, beyond the first and "
                               "last column",
                               (long long)count);
    TSR_TRY(read_mode(params, word[0], &out[0]));
    return read_mode(params, word[count - 1], &out[1]);
}

/* The rest of a division that is never negative. */
static int64_t rest_of(int64_t i, int64_t count) { return (i % count + count) % count; }

/* Of a period, the places that the image does not fill run back. */
static int64_t fold_back(int64_t i, int64_t count, int64_t period) {
    const int64_t place = rest_of(i, period);
    return place < count ? place : period - place - (period == 2 * count);
}

int64_t tsr_border_place(tsr_border border, int64_t i, int64_t count) {
    if (i >= 0 && i < count) return i;
    switch (border) {
    case TSR_BORDER_REFLECT: return fold_back(i, count, 2 * count);
    case TSR_BORDER_MIRROR: return count == 1 ? 0 : fold_back(i, count, 2 * count - 2);
    case TSR_BORDER_NEAREST: return i < 0 ? 0 : count - 1;
    case TSR_BORDER_WRAP: return rest_of(i, count);
    case TSR_BORDER_CONSTANT: break;
    }
    return -1;
}
