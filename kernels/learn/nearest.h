/* The nearest of some points, for every item of a block: the inner loop of k-means.
 * Layer 1. */
#ifndef TSR_KERNELS_NEAREST_H
#define TSR_KERNELS_NEAREST_H

#include "engine/block.h"

/* Borrowed: centred [count, columns]: points minus the origin; square [count]: their squared lengths; origin [columns];
 * index [columns]: places in the block. */
typedef struct {
    int count;
    int columns;
    const int *index;
    const double *origin;
    const double *centred;
    const double *square;
} tsr_points_near;

/* From points [count, columns] makes origin, centred and square: the origin is their mean, so that lengths are those of
 * differences, and few digits cancel. Thread-safe, allocates nothing. */
void tsr_nearest_prepare(int count, int columns, const double *point, double *origin, double *centred, double *square);

/* label [items]: the nearest point of each item, of equally near ones the lowest; distance [items]: its squared
 * distance, not negative, not finite if a value of the item is not. |x - c|^2 as |y|^2 + (|c|^2 - 2 y c), each sum in
 * the order of the columns, so that vectors of any width give the same bits. Thread-safe, allocates nothing. */
void tsr_nearest_find(const tsr_points_near *points, const tsr_block *block, int *label, double *distance);

#endif
