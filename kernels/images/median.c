/* Median filters. Of 3 x 3 and 5 x 5 pixels by networks of comparisons, which are vector loops: every line is sorted
 * along once, in runs of 3 or 5, and each pixel's window is put together from its sorted lines. Larger windows are
 * selected from one by one. */
#include "kernels/images/stencil.h"

#include <string.h>

enum { SIZE_MOST = 31 };

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"size", TSR_INTEGER, "1", "3", 3, SIZE_MOST, false, false, NULL, "rows and columns of the window, an odd number"},
    TSR_RASTER_PARAMS,
    TSR_BORDER_PARAMS,
    {.name = NULL},
};

/* Both results hold for NaN, too: whatever comes in goes out, in one place or the other. */
#define ORDER(a, b)                                                                                                    \
    do {                                                                                                               \
        const double least = (a) < (b) ? (a) : (b), most = (a) < (b) ? (b) : (a);                                      \
        (a) = least;                                                                                                   \
        (b) = most;                                                                                                    \
    } while (0)

#define SORT_3(a, b, c)                                                                                                \
    do {                                                                                                               \
        ORDER(a, b);                                                                                                   \
        ORDER(b, c);                                                                                                   \
        ORDER(a, b);                                                                                                   \
    } while (0)

/* Knuth, The Art of Computer Programming 3, 5.3.4: nine comparisons are enough for five. */
#define SORT_5(a, b, c, d, e)                                                                                          \
    do {                                                                                                               \
        ORDER(a, b);                                                                                                   \
        ORDER(d, e);                                                                                                   \
        ORDER(c, e);                                                                                                   \
        ORDER(c, d);                                                                                                   \
        ORDER(a, d);                                                                                                   \
        ORDER(a, c);                                                                                                   \
        ORDER(b, e);                                                                                                   \
        ORDER(b, d);                                                                                                   \
        ORDER(b, c);                                                                                                   \
    } while (0)

/* What is added to the median: NaN if a pixel is, else a zero that changes no bit. */
TSR_INLINE double spoil(double pixel) { return pixel == pixel ? -0.0 : NAN; }

/* ---- 3 x 3 ---- */

TSR_INLINE void sort_by_three(const double *line, int64_t lanes, int64_t length, double *restrict low,
                              double *restrict middle, double *restrict high, double *restrict spoilt) {
    for (int64_t j = 0; j < length; j++) {
        double a = line[j], b = line[j + lanes], c = line[j + 2 * lanes];
        spoilt[j] = spoil(a) + spoil(b) + spoil(c);
        SORT_3(a, b, c);
        low[j] = a, middle[j] = b, high[j] = c;
    }
}

/* Four lines: least, middle and greatest of three pixels, and what spoils them. */
static void prepare_3(const tsr_stencil *self, const double *line, int64_t lanes, int64_t length, double *out) {
    (void)self;
    sort_by_three(line, lanes, length, out, out + length, out + 2 * length, out + 3 * length);
}

/* The median of nine is the one in the middle of: the greatest of what is least, the middle of what is in the middle,
 * the least of what is greatest. */
static void combine_3(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                      double *restrict out) {
    (void)self, (void)lanes;
    const double *const *l0 = line, *const *l1 = line + 4, *const *l2 = line + 8;
    for (int64_t j = 0; j < length; j++) {
        double a = l0[0][j], b = l1[0][j], c = l2[0][j], d = l0[1][j], e = l1[1][j], f = l2[1][j], g = l0[2][j],
               h = l1[2][j], i = l2[2][j];
        ORDER(a, b);
        ORDER(b, c);
        SORT_3(d, e, f);
        ORDER(h, i);
        ORDER(g, h);
        SORT_3(c, e, g);
        out[j] = e + (l0[3][j] + l1[3][j] + l2[3][j]);
    }
}

/* ---- 5 x 5 ---- */

TSR_INLINE void sort_by_five(const double *line, int64_t lanes, int64_t length, double *restrict first,
                             double *restrict second, double *restrict third, double *restrict fourth,
                             double *restrict fifth, double *restrict spoilt) {
    for (int64_t j = 0; j < length; j++) {
        double a = line[j], b = line[j + lanes], c = line[j + 2 * lanes], d = line[j + 3 * lanes],
               e = line[j + 4 * lanes];
        spoilt[j] = spoil(a) + spoil(b) + spoil(c) + spoil(d) + spoil(e);
        SORT_5(a, b, c, d, e);
        first[j] = a, second[j] = b, third[j] = c, fourth[j] = d, fifth[j] = e;
    }
}

/* Six lines: five pixels in order, and what spoils them. */
static void prepare_5(const tsr_stencil *self, const double *line, int64_t lanes, int64_t length, double *out) {
    (void)self;
    sort_by_five(line, lanes, length, out, out + length, out + 2 * length, out + 3 * length, out + 4 * length,
                 out + 5 * length);
}

/* The middle one of 25, of which all rows and columns are in order: v[i][k] <= v[i + 1][k], v[i][k + 1]. At least
 * (i + 1) (k + 1) of them are not greater than v[i][k], which leaves thirteen that can be it. The rest was found by a
 * search, for the 252 ways in which zeros and ones can be ordered so; what is right for these is right for all numbers
 * (Knuth 5.3.4, theorem Z). */
#define MIDDLE_OF_ORDERED(v)                                                                                           \
    do {                                                                                                               \
        ORDER(v[1][2], v[3][1]);                                                                                       \
        ORDER(v[2][3], v[3][1]);                                                                                       \
        ORDER(v[1][3], v[2][1]);                                                                                       \
        ORDER(v[2][1], v[4][1]);                                                                                       \
        ORDER(v[2][1], v[3][2]);                                                                                       \
        ORDER(v[1][4], v[2][3]);                                                                                       \
        ORDER(v[1][4], v[2][1]);                                                                                       \
        ORDER(v[1][4], v[3][0]);                                                                                       \
        ORDER(v[0][3], v[2][2]);                                                                                       \
        ORDER(v[0][3], v[3][0]);                                                                                       \
        ORDER(v[2][2], v[2][3]);                                                                                       \
        ORDER(v[1][4], v[2][2]);                                                                                       \
        ORDER(v[2][3], v[3][0]);                                                                                       \
        ORDER(v[2][1], v[2][3]);                                                                                       \
        ORDER(v[2][2], v[2][3]);                                                                                       \
        ORDER(v[2][1], v[2][2]);                                                                                       \
        ORDER(v[0][4], v[4][0]);                                                                                       \
        ORDER(v[0][4], v[2][1]);                                                                                       \
        ORDER(v[2][3], v[4][0]);                                                                                       \
        ORDER(v[2][1], v[2][3]);                                                                                       \
        ORDER(v[2][2], v[2][3]);                                                                                       \
        ORDER(v[2][1], v[2][2]);                                                                                       \
    } while (0)

/* Row i: what is in place i of the five lines. */
#define ROW_5(v, i)                                                                                                    \
    v[i][0] = line[i][j], v[i][1] = line[6 + i][j], v[i][2] = line[12 + i][j], v[i][3] = line[18 + i][j],              \
    v[i][4] = line[24 + i][j]

static void combine_5(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                      double *restrict out) {
    (void)self, (void)lanes;
    for (int64_t j = 0; j < length; j++) {
        double v[5][5];
        ROW_5(v, 0), ROW_5(v, 1), ROW_5(v, 2), ROW_5(v, 3), ROW_5(v, 4);
        SORT_5(v[0][0], v[0][1], v[0][2], v[0][3], v[0][4]);
        SORT_5(v[1][0], v[1][1], v[1][2], v[1][3], v[1][4]);
        SORT_5(v[2][0], v[2][1], v[2][2], v[2][3], v[2][4]);
        SORT_5(v[3][0], v[3][1], v[3][2], v[3][3], v[3][4]);
        SORT_5(v[4][0], v[4][1], v[4][2], v[4][3], v[4][4]);
        MIDDLE_OF_ORDERED(v);
        out[j] = v[2][2] + (line[5][j] + line[11][j] + line[17][j] + line[23][j] + line[29][j]);
    }
}

/* ---- larger windows ---- */

/* The middle one of an odd number of values, by Hoare's selection; leaves them in another order. */
static double select_middle(double *value, int count) {
    const int middle = count / 2;
    for (int first = 0, last = count - 1; first < last;) {
        const double pivot = value[first + (last - first) / 2];
        int i = first, k = last;
        while (i <= k) {
            while (value[i] < pivot) i++;
            while (value[k] > pivot) k--;
            if (i > k) break;
            const double moved = value[i];
            value[i++] = value[k];
            value[k--] = moved;
        }
        if (middle <= k)
            last = k;
        else if (middle >= i)
            first = i;
        else
            break;
    }
    return value[middle];
}

static void combine_any(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                        double *restrict out) {
    const int size = 2 * self->along + 1;
    double value[SIZE_MOST * SIZE_MOST];
    for (int64_t j = 0; j < length; j++) {
        bool is_spoilt = false;
        for (int k = 0, count = 0; k < size; k++)
            for (int d = 0; d < size; d++, count++) {
                value[count] = line[k][j + d * lanes];
                is_spoilt |= isnan(value[count]);
            }
        out[j] = is_spoilt ? NAN : select_middle(value, size * size);
    }
}

/* ---- the map ---- */

static void choose_network(tsr_stencil *self) {
    if (self->along == 1) {
        self->prepared = 4;
        self->prepare = prepare_3;
        self->combine = combine_3;
    } else if (self->along == 2) {
        self->prepared = 6;
        self->prepare = prepare_5;
        self->combine = combine_5;
    } else {
        self->combine = combine_any;
    }
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_stencil *self = NULL;
    const int64_t size = tsr_params_integer(given, "size");
    if (size % 2 == 0)
        return tsr_params_fail(given, "size", "it is %lld; it must be odd, so that there is a middle", (long long)size);
    const int radius[2] = {(int)(size / 2), (int)(size / 2)};
    TSR_TRY(tsr_stencil_create(given, in, "median of the pixels around", radius, "size", &self));
    choose_network(self);
    tsr_stencil_arrange(self);
    *model = self;
    return TSR_OK;
}

const tsr_map tsr_map_median = {
    .name = "median",
    .summary = "images without specks: the median of the pixels around each",
    .reference = "the middle one of size x size values, NaN if one of them is; scipy.ndimage.median_filter",
    .params = params,
    .create = create,
    .destroy = tsr_stencil_destroy,
    .fields_of = tsr_stencil_fields,
    .reach = tsr_stencil_reach,
    .apply = tsr_stencil_apply,
};
