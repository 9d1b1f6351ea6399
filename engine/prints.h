/* The prints of a stage's tiles, few enough to be kept: neighbours that share a group are one sum, modulo 2^64. Merging
 * over threads, ranks, rounds and runs is adding, so they are what they are whoever computed the tiles, and when.
 * Layer 2. */
#ifndef TSR_ENGINE_PRINTS_H
#define TSR_ENGINE_PRINTS_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Point p has groups first[p] .. first[p] + offset[p + 1] - offset[p] - 1, and group g the tiles g group_tiles ..
 * (g + 1) group_tiles - 1. */
typedef struct {
    int64_t points;
    int64_t group_tiles; /* a power of two */
    int64_t *first;      /* [points] */
    int64_t *offset;     /* [points + 1] */
    uint64_t *sum;       /* [offset[points]] */
} tsr_prints;

/* More groups than this, and one for each point, are never kept. */
enum { TSR_PRINTS_GROUPS_MAX = 65536 };

/* Tiles of a group when tiles 0 .. end[p] - 1 of the points are kept: the smallest power of two that is enough. */
int64_t tsr_prints_group(int64_t points, const int64_t *end);

/* Zeros for tiles begin[p] .. end[p] - 1 of the points; begin NULL: from 0; end NULL: none. group_tiles: 0 for the
 * smallest that is enough. Cleared by the caller, also after a failure. TSR_ERUNTIME: no memory. */
tsr_status tsr_prints_create(int64_t points, const int64_t *begin, const int64_t *end, int64_t group_tiles,
                             tsr_prints *out);

/* Zeros for the same tiles; or all that there is. As above. */
tsr_status tsr_prints_create_like(const tsr_prints *model, tsr_prints *out);
tsr_status tsr_prints_copy(const tsr_prints *from, tsr_prints *out);
void tsr_prints_clear(tsr_prints *prints);

/* Adds the print of a tile that is kept. Thread-safe on the same prints. */
void tsr_prints_add(tsr_prints *prints, int64_t point, int64_t tile, uint64_t print);

/* into += part, or into -= part, whose tiles are all kept in into, in groups of as many or more tiles. */
void tsr_prints_merge(tsr_prints *into, const tsr_prints *part);
void tsr_prints_subtract(tsr_prints *into, const tsr_prints *part);

/* Keeps what there is of tiles 0 .. end[p] - 1 of the points, with zeros where there was nothing, in larger groups if
 * need be. TSR_ERUNTIME: no memory. */
tsr_status tsr_prints_fit(tsr_prints *prints, const int64_t *end);

/* The sum of a group, which is kept, and how many groups a point has from 0 on. */
uint64_t tsr_prints_at(const tsr_prints *prints, int64_t point, int64_t group);
int64_t tsr_prints_groups(const tsr_prints *prints, int64_t point);

/* Whether prints that were read from somewhere can be prints; and whether two hold the same tiles. */
bool tsr_prints_are_sound(const tsr_prints *prints);
bool tsr_prints_are_alike(const tsr_prints *a, const tsr_prints *b);

#endif
