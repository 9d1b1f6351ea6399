/* HDF5 as the rest of io sees it: failures in words, handles that close.
 * Hides HDF5's error stack. None of this is thread-safe: HDF5 is not. */
#ifndef TSR_IO_H5_H
#define TSR_IO_H5_H

#include "engine/status.h"

#include <hdf5.h>
#include <stdint.h>

/* Closes any handle and forgets it; accepts a negative one. What matters at close is only whether it failed. */
tsr_status tsr_h5_close(hid_t *id);

/* For cleanup: the same without a verdict. */
void tsr_h5_drop(hid_t *id);

/* Records a failure of class TSR_EIO: "<sentence>: <HDF5's innermost message>", and empties HDF5's error stack.
 * Right after the call that failed. */
tsr_status tsr_h5_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Failures say what is wrong with a file; this says with which: puts "<path>: " before the sentence of one. */
tsr_status tsr_h5_about(const char *path, tsr_status status);

/* An HDF5 call returns a negative number when it fails. */
#define TSR_H5_TRY(call, ...)                                                                                          \
    do {                                                                                                               \
        if ((call) < 0) return tsr_h5_fail(__FILE__, __LINE__, __VA_ARGS__);                                           \
    } while (0)

#define TSR_H5_TRY_OUT(call, ...)                                                                                      \
    do {                                                                                                               \
        if ((call) < 0) {                                                                                              \
            status = tsr_h5_fail(__FILE__, __LINE__, __VA_ARGS__);                                                     \
            goto out;                                                                                                  \
        }                                                                                                              \
    } while (0)

/* Keeps HDF5 from printing its error stack, from loading plug-ins, and from tidying up at exit. Every entry into io
 * that uses HDF5 calls this first. */
void tsr_h5_begin(void);

/* HDF5 crashes where memory ends, so it is tried first: for so many bytes, and some for itself. TSR_ERUNTIME. */
tsr_status tsr_h5_check_memory(int64_t bytes);

#endif
