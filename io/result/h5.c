#include "io/result/h5.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 512, SPARE_BYTES = 16 << 20 };

/* Everything here closes what it opened, so HDF5 need not tidy up at exit. No filter is wanted that HDF5 does not have
 * itself: a file must not make it load a library. */
void tsr_h5_begin(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
}

tsr_status tsr_h5_check_memory(int64_t bytes) {
    void *volatile trial = malloc((size_t)bytes + SPARE_BYTES); /* volatile: or the compiler knows better */
    free(trial);
    TSR_REQUIRE(trial != NULL, TSR_ERUNTIME, "no memory for HDF5, which needs %.1f MB",
                (double)(bytes + SPARE_BYTES) / 1e6);
    return TSR_OK;
}

/* The first entry with a description is the innermost one. */
static herr_t take_innermost(unsigned depth, const H5E_error2_t *entry, void *data) {
    (void)depth;
    char *reason = data;
    if (!*reason && entry->desc) snprintf(reason, REASON_BYTES, "%s", entry->desc);
    return 0;
}

tsr_status tsr_h5_fail(const char *file, int line, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES], reason[REASON_BYTES] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, reason);
    H5Eclear2(H5E_DEFAULT);
    tsr_error_record(TSR_EIO, file, line, "%s: %s", sentence, *reason ? reason : "HDF5 gives no reason");
    return TSR_EIO;
}

tsr_status tsr_h5_about(const char *path, tsr_status status) {
    if (status == TSR_OK) return TSR_OK;
    const tsr_error *error = tsr_error_get();
    tsr_error named = *error;
    snprintf(named.message, sizeof(named.message), "%.400s: %.600s", path, error->message);
    tsr_error_set(&named);
    return status;
}

tsr_status tsr_h5_close(hid_t *id) {
    const hid_t closing = *id;
    *id = H5I_INVALID_HID;
    if (closing < 0) return TSR_OK;
    const bool is_file = H5Iget_type(closing) == H5I_FILE;
    TSR_H5_TRY(is_file ? H5Fclose(closing) : H5Idec_ref(closing), "cannot be closed");
    return TSR_OK;
}

void tsr_h5_drop(hid_t *id) {
    if (*id >= 0 && H5Iget_type(*id) == H5I_FILE)
        H5Fclose(*id);
    else if (*id >= 0)
        H5Idec_ref(*id);
    *id = H5I_INVALID_HID;
    H5Eclear2(H5E_DEFAULT);
}
