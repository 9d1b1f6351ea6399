#include "cli/point.h"

#include <stdio.h>
#include <string.h>

tsr_text tsr_point_place(const tsr_stage_outcome *stage, int64_t point, int axis) {
    tsr_text out;
    int64_t stride = 1;
    for (int after = axis + 1; after < stage->axes; after++) stride *= stage->axis[after].length;
    const tsr_dimension *dimension = &stage->axis[axis];
    int64_t place = point / stride % dimension->length;
    if (dimension->labels == NULL) return tsr_format_shortest(dimension->coordinates[place]);
    snprintf(out.text, sizeof(out.text), "%s", dimension->labels[place]);
    return out;
}

void tsr_point_suffix(const tsr_stage_outcome *stage, int64_t point, char *out, size_t bytes) {
    size_t used = 0;
    out[0] = '\0';
    for (int axis = 0; axis < stage->axes && used < bytes; axis++) {
        /* The labels of a zipped sweep's one axis name their parameters themselves. */
        bool is_named = strchr(tsr_point_place(stage, point, axis).text, '=') != NULL;
        used += (size_t)snprintf(out + used, bytes - used, "%s%s%s%s", axis == 0 ? "[" : ",",
                                 is_named ? "" : stage->axis[axis].name, is_named ? "" : "=",
                                 tsr_point_place(stage, point, axis).text);
    }
    if (stage->axes > 0 && used < bytes) snprintf(out + used, bytes - used, "]");
}
