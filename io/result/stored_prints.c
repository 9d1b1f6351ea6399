#include "io/result/stored_prints.h"

#include "engine/share.h"

/* ---- adding ---- */

static void add_row(tsr_contents *contents, int group, const char *name, int64_t count, const void *data,
                    const char *meaning) {
    const int dimension = tsr_contents_dimension(contents, group, name, count);
    const tsr_variable row = {
        .name = name, .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {dimension}, .data = data};
    tsr_contents_text(contents, tsr_contents_variable(contents, group, &row), "long_name", meaning);
}

/* Prints are unsigned; their bits are written as those of integers with a sign, as all others are. */
void tsr_stored_prints_add(const tsr_prints *prints, tsr_contents *contents, int group) {
    tsr_contents_integer(contents, group, "group_tiles", prints->group_tiles);
    add_row(contents, group, "first", prints->points, prints->first, "number of the first group of each point");
    add_row(contents, group, "offsets", prints->points + 1, prints->offset, "where the groups of each point begin");
    add_row(contents, group, "prints", prints->offset[prints->points], prints->sum,
            "sum of the prints of a group's tiles, modulo 2^64");
}

/* ---- reading ---- */

tsr_status tsr_stored_prints_read(hid_t group, int64_t points, int64_t *room, tsr_prints *out) {
    int64_t *sum = NULL;
    *out = (tsr_prints){.points = points};
    TSR_TRY(tsr_h5_read_integer(group, "group_tiles", &out->group_tiles));
    TSR_TRY(tsr_h5_read_integers(group, "first", points, &out->first));
    TSR_TRY(tsr_h5_read_integers(group, "offsets", points + 1, &out->offset));
    TSR_REQUIRE(tsr_prints_are_sound(out), TSR_EDATA, "its prints of tiles are incomplete");
    TSR_TRY(tsr_h5_read_integers(group, "prints", out->offset[points], &sum));
    out->sum = (uint64_t *)sum;
    return tsr_h5_take((2 * points + 1 + out->offset[points]) * (int64_t)sizeof(int64_t), room);
}

tsr_status tsr_stored_prints_find(hid_t file, int64_t index, int64_t points, int64_t *room, tsr_prints *out) {
    tsr_status status = TSR_OK;
    hid_t integrity = H5I_INVALID_HID, group = H5I_INVALID_HID;
    TSR_TRY_OUT(tsr_h5_open_group(file, "integrity", &integrity));
    TSR_TRY_OUT(tsr_h5_open_member(integrity, index, &group));
    TSR_TRY_OUT(tsr_stored_prints_read(group, points, room, out));
out:
    tsr_h5_drop(&group);
    tsr_h5_drop(&integrity);
    return status;
}

/* ---- from rank 0 to all ---- */

static tsr_status share_row(tsr_comm *comm, int64_t count, int64_t **row) {
    void *data = *row;
    const tsr_status status = tsr_share_bytes(comm, count * (int64_t)sizeof(**row), &data);
    *row = data;
    return status;
}

tsr_status tsr_stored_prints_share(tsr_comm *comm, tsr_prints *prints) {
    int64_t shape[2] = {prints->points, prints->group_tiles}, *sum = (int64_t *)prints->sum;
    comm->broadcast(comm, shape, (int64_t)sizeof(shape), 0);
    if (comm->rank > 0) *prints = (tsr_prints){.points = shape[0], .group_tiles = shape[1]};
    if (prints->points == 0) return TSR_OK;
    TSR_TRY(share_row(comm, prints->points, &prints->first));
    TSR_TRY(share_row(comm, prints->points + 1, &prints->offset));
    const tsr_status status = share_row(comm, prints->offset[prints->points], &sum);
    prints->sum = (uint64_t *)sum;
    return status;
}
