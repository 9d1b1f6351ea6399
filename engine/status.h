/* What went wrong: one status type, one error record, said once by the one who knew first.
 * Layer 0. Hides where the record is kept (one per thread). */
#ifndef TSR_ENGINE_STATUS_H
#define TSR_ENGINE_STATUS_H

/* One row a status: name, exit code of the process, class as people read it. */
#define TSR_STATUS_LIST(ROW)                                                                                           \
    ROW(TSR_OK, 0, "ok")                                                                                               \
    ROW(TSR_EUSAGE, 64, "usage: command line or job file")                                                             \
    ROW(TSR_ENUMERIC, 65, "numeric: a sample or a result is not finite")                                               \
    ROW(TSR_EDATA, 66, "data: an input is missing or malformed")                                                       \
    ROW(TSR_EINTERNAL, 70, "internal: a defect of Tessera")                                                            \
    ROW(TSR_ERUNTIME, 71, "runtime: memory, MPI or threads")                                                           \
    ROW(TSR_EIO, 74, "output: disk, quota or permission")                                                              \
    ROW(TSR_ESTOPPED, 75, "stopped on request, can be resumed")                                                        \
    ROW(TSR_ECHECKPOINT, 76, "checkpoint: damaged, or of another job")                                                 \
    ROW(TSR_EPEER, 77, "another rank failed") /* never an exit code: the verdict is the peer's */

/* clang refuses a dropped status by its type; gcc knows the attribute on functions only. */
#ifdef __clang__
#define TSR_NEVER_DROPPED __attribute__((warn_unused_result))
#else
#define TSR_NEVER_DROPPED
#endif

/* Every function that can fail returns this, and nothing else does. */
#define TSR_STATUS_ENUM(name, exit_code, text) name,
typedef enum TSR_NEVER_DROPPED { TSR_STATUS_LIST(TSR_STATUS_ENUM) } tsr_status;
#undef TSR_STATUS_ENUM

enum { TSR_MESSAGE_BYTES = 1024 };

/* The first failure of a thread: one sentence, no stop at its end; control characters have become '?'. */
typedef struct {
    tsr_status status;
    int line;
    const char *file;
    char message[TSR_MESSAGE_BYTES];
} tsr_error;

/* Records a failure for this thread (the first one since the last clear stands).
 * Not collective, thread-safe, allocates nothing. Use TSR_FAIL. */
void tsr_error_record(tsr_status code, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* This thread's record; status TSR_OK when nothing was recorded. Borrowed until the thread ends. */
const tsr_error *tsr_error_get(void);

/* Replaces this thread's record, e.g. with that of another thread or rank. */
void tsr_error_set(const tsr_error *error);

/* Forgets this thread's record. */
void tsr_error_clear(void);

/* Text of the class and exit code of the process for a status. */
const char *tsr_status_text(tsr_status code);
int tsr_status_exit_code(tsr_status code);

/* Ends the process after an impossible state: prints what and where, exit code 70. */
_Noreturn void tsr_assert_failed(const char *condition, const char *file, int line);

/* Ends the process where memory is missing and nobody could return a status: prints what for, exit code 71. */
_Noreturn void tsr_memory_failed(const char *purpose);

/* Records a failure and is its code, in sight of compilers and analyzers. */
#define TSR_FAIL(code, ...) (tsr_error_record((code), __FILE__, __LINE__, __VA_ARGS__), (code))

/* Passes a failure on to the caller. */
#define TSR_TRY(call)                                                                                                  \
    do {                                                                                                               \
        tsr_status tsr_try_code = (call);                                                                              \
        if (tsr_try_code != TSR_OK) return tsr_try_code;                                                               \
    } while (0)

/* The same in a function that cleans up at `out:` and returns a local `status`. */
#define TSR_TRY_OUT(call)                                                                                              \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != TSR_OK) goto out;                                                                                \
    } while (0)

/* What only a user can break: checked in all builds, said in words. */
#define TSR_REQUIRE(condition, code, ...)                                                                              \
    do {                                                                                                               \
        if (!(condition)) return TSR_FAIL((code), __VA_ARGS__);                                                        \
    } while (0)

/* What only we can break. */
#define TSR_ASSERT(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) tsr_assert_failed(#condition, __FILE__, __LINE__);                                           \
    } while (0)

#endif
