#include "engine/links.h"

int64_t tsr_link_output(const tsr_link *link, int64_t items) {
    return items == INT64_MAX ? items : (items - link->halo) / link->step;
}

tsr_range tsr_link_core(const tsr_link *link, tsr_range output) {
    return (tsr_range){output.begin * link->step, output.end * link->step + link->halo};
}

tsr_range tsr_link_reach(const tsr_link *link, tsr_range output, int64_t items) {
    tsr_range range = tsr_link_core(link, output);
    range.begin = range.begin > link->reach.before ? range.begin - link->reach.before : 0;
    range.end = range.end < items - link->reach.after ? range.end + link->reach.after : items;
    return range;
}
