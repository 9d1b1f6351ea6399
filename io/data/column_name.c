#include "io/data/column_name.h"

#include <stdio.h>
#include <string.h>

static int digits_of(int64_t number) { return snprintf(NULL, 0, "%lld", (long long)number); }

void tsr_column_name_place(int rank, const int64_t *extent, int64_t element, size_t bytes, char *out) {
    int64_t rest = 1;
    *out = '\0';
    for (int i = 1; i < rank; i++) rest *= extent[i];
    if (rest <= 1) return;
    if (rank == 2) {
        snprintf(out, bytes, "c%lld", (long long)element + 1);
        return;
    }
    size_t used = (size_t)snprintf(out, bytes, "p");
    for (int i = 1; i < rank && used < bytes; i++) {
        rest /= extent[i];
        used += (size_t)snprintf(out + used, bytes - used, "%s%0*lld", i > 1 ? "_" : "", digits_of(extent[i] - 1),
                                 (long long)(element / rest % extent[i]));
    }
}

void tsr_column_name_join(const char *part, size_t bytes, char *out) {
    const size_t used = strlen(out);
    if (*part != '\0') snprintf(out + used, bytes - used, "%s%s", used > 0 ? "_" : "", part);
}
