#include "engine/rounds.h"

enum { ROUNDS_LOG = 7, ROUND_POINTS_MAX = 512, TILES_FIRST = 16, GROWTH = 4 };

static bool may_stop(const tsr_bound_stage *stage) { return stage->spec->until.where != NULL; }

static int64_t extreme_tiles(const tsr_bound_stage *stage, bool most) {
    int64_t found = tsr_stage_tiles(stage, 0);
    for (int64_t i = 1; i < stage->span.points; i++) {
        const int64_t tiles = tsr_stage_tiles(stage, i);
        if (most ? tiles > found : tiles < found) found = tiles;
    }
    return found;
}

/* Tiles after a round of a stage that may stop, without an end. */
static int64_t grown(const tsr_bound_stage *stage, int round) {
    const int growth = stage->spec->design.table != NULL ? 1 : GROWTH;
    int64_t tiles = TILES_FIRST;
    for (int i = 0; i < round; i++) tiles += tiles / growth;
    return tiles;
}

int tsr_rounds_count(const tsr_bound_stage *stage) {
    int rounds = 1;
    if (may_stop(stage)) {
        while (grown(stage, rounds - 1) < extreme_tiles(stage, true)) rounds++;
        return rounds;
    }
    if (stage->spec->source.table->items != NULL || stage->span.points > ROUND_POINTS_MAX) return 1;
    /* The first round has at least one tile of every point. */
    while (rounds <= ROUNDS_LOG && extreme_tiles(stage, false) >> rounds > 0) rounds++;
    return rounds;
}

int64_t tsr_rounds_end(const tsr_bound_stage *stage, int64_t point, int round) {
    const int64_t tiles = tsr_stage_tiles(stage, point);
    if (may_stop(stage)) return grown(stage, round) < tiles ? grown(stage, round) : tiles;
    const int64_t parts = INT64_C(1) << (tsr_rounds_count(stage) - 1), part = INT64_C(1) << round;
    return tiles / parts * part + (tiles % parts * part + parts - 1) / parts;
}

bool tsr_rounds_is_end(const tsr_bound_stage *stage, int64_t tiles) {
    int round = 0;
    while (grown(stage, round) < tiles) round++;
    return grown(stage, round) == tiles;
}
