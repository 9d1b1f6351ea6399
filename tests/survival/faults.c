/* Preloaded: the k-th call of a class fails.
 *
 *   TSR_FAULT=memory       malloc, calloc, realloc, aligned_alloc, strdup, asprintf ... called by our own code
 *             anymemory    malloc, calloc, realloc, aligned_alloc ... called by anybody since main began
 *             open, read, write, fsync, truncate, fallocate, rename, close, stat, lock    files, by us or by HDF5
 *             shortread, shortwrite    half of what was asked for (and no error)
 *             thread       pthread_create
 *             mpi          MPI functions called by our own code: the error handler is called, as MPI does
 *   TSR_FAULT_AT=k         the k-th call (from 1); 0: none, only counts
 *   TSR_FAULT_FOR=1|all    that one, or all from then on (default: 1)
 *   TSR_FAULT_ERRNO=EIO    ENOSPC, EDQUOT, EINTR ... (default: EIO; memory: ENOMEM; thread: EAGAIN)
 *   TSR_FAULT_RANK=r       only in that rank (default: in all)
 *   TSR_FAULT_REPORT=file  gets a line "reached FUNCTION OBJECT+ADDRESS" when the fault happens, and "calls N" at the
 * end
 *
 * Standard input, output and error are never touched, so that a failure can be told. Counting neither allocates nor
 * waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <mpi.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum {
    MEMORY,
    ANYMEMORY,
    OPEN,
    READ,
    WRITE,
    FSYNC,
    TRUNCATE,
    FALLOCATE,
    RENAME,
    CLOSE,
    STAT,
    LOCK,
    SHORTREAD,
    SHORTWRITE,
    THREAD,
    MPI,
    NONE
} fault_class;

static const char *const class_name[] = {"memory",    "anymemory",  "open",   "read",  "write", "fsync",
                                         "truncate",  "fallocate",  "rename", "close", "stat",  "lock",
                                         "shortread", "shortwrite", "thread", "mpi"};

enum { RANGES_MAX = 16 };
typedef struct {
    uintptr_t begin, end;
    bool is_ours; /* or HDF5's */
} code_range;

static fault_class chosen = NONE;
static long at;
static bool for_all;
static int reason = EIO;
static const char *report;
static code_range range[RANGES_MAX];
static int ranges;
static atomic_long calls;
static atomic_bool in_main;

/* ---- what is asked for ---- */

static int errno_of(const char *name) {
    static const struct {
        const char *name;
        int value;
    } row[] = {
        {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT}, {"EINTR", EINTR},   {"EACCES", EACCES},
        {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM}, {"EINVAL", EINVAL}, {"EOPNOTSUPP", EOPNOTSUPP},
        {"ENOLCK", ENOLCK}, {"EFBIG", EFBIG},   {"EROFS", EROFS},   {"ENOENT", ENOENT}};
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
        if (strcmp(name, row[i].name) == 0) return row[i].value;
    return EIO;
}

static int keep_range(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size, (void)data;
    const char *slash = strrchr(object->dlpi_name, '/');
    const char *base = slash != NULL ? slash + 1 : object->dlpi_name;
    const bool is_ours = base[0] == '\0' || strncmp(base, "libtessera", 10) == 0;
    if (!is_ours && strncmp(base, "libhdf5", 7) != 0) return 0;
    for (int i = 0; i < object->dlpi_phnum && ranges < RANGES_MAX; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
        const uintptr_t begin = object->dlpi_addr + part->p_vaddr;
        range[ranges++] = (code_range){begin, begin + part->p_memsz, is_ours};
    }
    return 0;
}

static int default_errno(void) {
    if (chosen == MEMORY || chosen == ANYMEMORY) return ENOMEM;
    return chosen == THREAD ? EAGAIN : EIO;
}

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("TSR_FAULT"), *count = getenv("TSR_FAULT_AT"), *rank = getenv("TSR_FAULT_RANK");
    const char *mine = getenv("OMPI_COMM_WORLD_RANK"), *number = getenv("TSR_FAULT_ERRNO"),
               *all = getenv("TSR_FAULT_FOR");
    if (name == NULL || (rank != NULL && strcmp(rank, mine != NULL ? mine : "0") != 0)) return;
    report = getenv("TSR_FAULT_REPORT");
    at = count != NULL ? atol(count) : 0;
    for_all = all != NULL && strcmp(all, "all") == 0;
    dl_iterate_phdr(keep_range, NULL);
    fault_class found = MEMORY;
    while (found < NONE && strcmp(name, class_name[found]) != 0) found++;
    chosen = found;
    reason = number != NULL ? errno_of(number) : default_errno();
}

/* ---- whether this call fails ---- */

/* Only system calls, as nothing else is safe in every place. */
static void write_report(const char *line, size_t bytes) {
    if (report == NULL) return;
    const long file = syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return;
    syscall(SYS_write, file, line, bytes);
    syscall(SYS_close, file);
}

static void report_fault(const char *function, const void *caller) {
    char line[256];
    Dl_info place = {0};
    const char *object = dladdr(caller, &place) != 0 && place.dli_fname != NULL ? place.dli_fname : "?";
    const size_t address = (size_t)((const char *)caller - (const char *)place.dli_fbase);
    const int bytes = snprintf(line, sizeof(line), "reached %s %.160s+%#zx\n", function, object, address);
    write_report(line, (size_t)bytes);
}

__attribute__((destructor)) static void end(void) {
    char line[64];
    if (chosen == NONE) return;
    write_report(line, (size_t)snprintf(line, sizeof(line), "calls %ld\n", atomic_load(&calls)));
}

/* 0: nobody we look at; 1: HDF5; 2: our own code. */
static int rank_of_caller(const void *caller) {
    for (int i = 0; i < ranges; i++)
        if ((uintptr_t)caller >= range[i].begin && (uintptr_t)caller < range[i].end) return 1 + range[i].is_ours;
    return 0;
}

static bool counts(const void *caller) {
    if (chosen == ANYMEMORY) return atomic_load(&in_main);
    if (chosen == THREAD) return true;
    return rank_of_caller(caller) >= (chosen == MEMORY || chosen == MPI ? 2 : 1);
}

static bool is_hit(const char *function, const void *caller) {
    static atomic_bool told;
    if (!counts(caller)) return false;
    const long number = atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || (for_all ? number < at : number != at)) return false;
    if (!atomic_exchange(&told, true)) report_fault(function, caller);
    return true;
}

static bool fails(fault_class class, const char *function, const void *caller) {
    if (chosen != class || !is_hit(function, caller)) return false;
    errno = reason;
    return true;
}

static bool fails_memory(bool inner, const char *function, const void *caller) {
    if (chosen == ANYMEMORY) return !inner && fails(ANYMEMORY, function, caller);
    return fails(MEMORY, function, caller);
}

#define CALLER     __builtin_return_address(0)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ---- main ---- */

static int (*real_main)(int, char **, char **);

static int main_begins(int argc, char **argv, char **environment) {
    atomic_store(&in_main, true);
    const int code = real_main(argc, argv, environment);
    atomic_store(&in_main, false); /* what exit does to memory is nobody's concern */
    return code;
}

int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void),
                      void *);
int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
    real_main = program;
    return REAL(__libc_start_main)(main_begins, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- memory ---- */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) { return fails_memory(false, "malloc", CALLER) ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) {
    return fails_memory(false, "calloc", CALLER) ? NULL : __libc_calloc(count, bytes);
}
void *realloc(void *old, size_t bytes) {
    return fails_memory(false, "realloc", CALLER) ? NULL : __libc_realloc(old, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
    return fails_memory(false, "aligned_alloc", CALLER) ? NULL : __libc_memalign(alignment, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
    return fails_memory(false, "memalign", CALLER) ? NULL : __libc_memalign(alignment, bytes);
}
int posix_memalign(void **out, size_t alignment, size_t bytes) {
    *out = fails_memory(false, "posix_memalign", CALLER) ? NULL : __libc_memalign(alignment, bytes);
    return *out == NULL ? ENOMEM : 0;
}

/* What libc allocates for somebody: counted with whoever called it. */
char *strdup(const char *text) { return fails_memory(true, "strdup", CALLER) ? NULL : REAL(strdup)(text); }
char *strndup(const char *text, size_t bytes) {
    return fails_memory(true, "strndup", CALLER) ? NULL : REAL(strndup)(text, bytes);
}
FILE *open_memstream(char **text, size_t *bytes) {
    return fails_memory(true, "open_memstream", CALLER) ? NULL : REAL(open_memstream)(text, bytes);
}
int asprintf(char **out, const char *format, ...) {
    if (fails_memory(true, "asprintf", CALLER)) return -1;
    va_list arguments;
    va_start(arguments, format);
    const int bytes = vasprintf(out, format, arguments);
    va_end(arguments);
    return bytes;
}

/* ---- files ---- */

static bool is_standard(int file) { return file >= 0 && file <= 2; }

#define TAKE_MODE(flags, last)                                                                                         \
    va_list arguments;                                                                                                 \
    va_start(arguments, last);                                                                                         \
    const mode_t mode = ((flags) & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;                      \
    va_end(arguments)

int open(const char *path, int flags, ...) {
    TAKE_MODE(flags, flags);
    return fails(OPEN, "open", CALLER) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    TAKE_MODE(flags, flags);
    return fails(OPEN, "open", CALLER) ? -1 : REAL(open)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    TAKE_MODE(flags, flags);
    return fails(OPEN, "openat", CALLER) ? -1 : REAL(openat)(folder, path, flags, mode);
}
FILE *fopen(const char *path, const char *mode) {
    return fails(OPEN, "fopen", CALLER) ? NULL : REAL(fopen)(path, mode);
}

/* Part of the bytes, at least one. */
static size_t shorten(fault_class class, const char *function, int file, size_t bytes, const void *caller) {
    return !is_standard(file) && bytes > 1 && fails(class, function, caller) ? bytes / 2 : bytes;
}

ssize_t read(int file, void *data, size_t bytes) {
    if (!is_standard(file) && fails(READ, "read", CALLER)) return -1;
    return REAL(read)(file, data, shorten(SHORTREAD, "read", file, bytes, CALLER));
}
ssize_t pread(int file, void *data, size_t bytes, off_t offset) {
    if (!is_standard(file) && fails(READ, "pread", CALLER)) return -1;
    return REAL(pread)(file, data, shorten(SHORTREAD, "pread", file, bytes, CALLER), offset);
}
ssize_t write(int file, const void *data, size_t bytes) {
    if (!is_standard(file) && fails(WRITE, "write", CALLER)) return -1;
    return REAL(write)(file, data, shorten(SHORTWRITE, "write", file, bytes, CALLER));
}
ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset) {
    if (!is_standard(file) && fails(WRITE, "pwrite", CALLER)) return -1;
    return REAL(pwrite)(file, data, shorten(SHORTWRITE, "pwrite", file, bytes, CALLER), offset);
}
ssize_t pwrite64(int file, const void *data, size_t bytes, off64_t offset) {
    if (!is_standard(file) && fails(WRITE, "pwrite64", CALLER)) return -1;
    return REAL(pwrite64)(file, data, shorten(SHORTWRITE, "pwrite64", file, bytes, CALLER), offset);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    return !is_standard(file) && fails(WRITE, "writev", CALLER) ? -1 : REAL(writev)(file, parts, count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    return !is_standard(file) && fails(WRITE, "pwritev", CALLER) ? -1 : REAL(pwritev)(file, parts, count, offset);
}
int fsync(int file) { return fails(FSYNC, "fsync", CALLER) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails(FSYNC, "fdatasync", CALLER) ? -1 : REAL(fdatasync)(file); }
int ftruncate(int file, off_t bytes) {
    return fails(TRUNCATE, "ftruncate", CALLER) ? -1 : REAL(ftruncate)(file, bytes);
}
int fallocate(int file, int mode, off_t offset, off_t bytes) {
    return fails(FALLOCATE, "fallocate", CALLER) ? -1 : REAL(fallocate)(file, mode, offset, bytes);
}
int posix_fallocate(int file, off_t offset, off_t bytes) {
    return fails(FALLOCATE, "posix_fallocate", CALLER) ? reason : REAL(posix_fallocate)(file, offset, bytes);
}
int rename(const char *from, const char *to) { return fails(RENAME, "rename", CALLER) ? -1 : REAL(rename)(from, to); }
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return fails(RENAME, "renameat", CALLER) ? -1 : REAL(renameat)(from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    return fails(RENAME, "renameat2", CALLER) ? -1 : REAL(renameat2)(from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) { return fails(RENAME, "link", CALLER) ? -1 : REAL(link)(from, to); }
int close(int file) {
    const int failed = REAL(close)(file);
    return !is_standard(file) && fails(CLOSE, "close", CALLER) ? -1 : failed;
}
int stat(const char *path, struct stat *about) { return fails(STAT, "stat", CALLER) ? -1 : REAL(stat)(path, about); }
int lstat(const char *path, struct stat *about) { return fails(STAT, "lstat", CALLER) ? -1 : REAL(lstat)(path, about); }
int fstat(int file, struct stat *about) { return fails(STAT, "fstat", CALLER) ? -1 : REAL(fstat)(file, about); }
int flock(int file, int operation);
int flock(int file, int operation) { return fails(LOCK, "flock", CALLER) ? -1 : REAL(flock)(file, operation); }
int fcntl(int file, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    const bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    return locks && fails(LOCK, "fcntl", CALLER) ? -1 : REAL(fcntl)(file, command, argument);
}

/* ---- threads ---- */

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*body)(void *), void *data) {
    return fails(THREAD, "pthread_create", CALLER) ? reason : REAL(pthread_create)(thread, how, body, data);
}

/* ---- MPI ---- */

static int raise_error(MPI_Comm comm) {
    PMPI_Comm_call_errhandler(comm, MPI_ERR_OTHER);
    return MPI_ERR_OTHER;
}

/* A function of MPI that fails, or is passed on: its communicator, its parameters with types, and without. */
#define MPI_FAULT(name, comm, parameters, arguments)                                                                   \
    int MPI_##name parameters { return fails(MPI, "MPI_" #name, CALLER) ? raise_error(comm) : PMPI_##name arguments; }

MPI_FAULT(Barrier, comm, (MPI_Comm comm), (comm))
MPI_FAULT(Bcast, comm, (void *data, int count, MPI_Datatype type, int root, MPI_Comm comm),
          (data, count, type, root, comm))
MPI_FAULT(Allreduce, comm, (const void *from, void *into, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
          (from, into, count, type, op, comm))
MPI_FAULT(Iallreduce, comm,
          (const void *from, void *into, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm, MPI_Request *request),
          (from, into, count, type, op, comm, request))
MPI_FAULT(Allgather, comm,
          (const void *from, int sent, MPI_Datatype sent_type, void *into, int count, MPI_Datatype type, MPI_Comm comm),
          (from, sent, sent_type, into, count, type, comm))
MPI_FAULT(Isend, comm,
          (const void *data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request *request),
          (data, count, type, to, tag, comm, request))
MPI_FAULT(Send, comm, (const void *data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm),
          (data, count, type, to, tag, comm))
MPI_FAULT(Recv, comm, (void *data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Status *status),
          (data, count, type, from, tag, comm, status))
MPI_FAULT(Iprobe, comm, (int from, int tag, MPI_Comm comm, int *arrived, MPI_Status *status),
          (from, tag, comm, arrived, status))
MPI_FAULT(Wait, MPI_COMM_WORLD, (MPI_Request * request, MPI_Status *status), (request, status))
MPI_FAULT(Waitall, MPI_COMM_WORLD, (int count, MPI_Request *request, MPI_Status *status), (count, request, status))
MPI_FAULT(Test, MPI_COMM_WORLD, (MPI_Request * request, int *done, MPI_Status *status), (request, done, status))
MPI_FAULT(Type_contiguous, MPI_COMM_WORLD, (int count, MPI_Datatype of, MPI_Datatype *type), (count, of, type))
MPI_FAULT(Type_commit, MPI_COMM_WORLD, (MPI_Datatype * type), (type))
MPI_FAULT(Type_size, MPI_COMM_WORLD, (MPI_Datatype type, int *bytes), (type, bytes))
MPI_FAULT(Type_free, MPI_COMM_WORLD, (MPI_Datatype * type), (type))
MPI_FAULT(Op_create, MPI_COMM_WORLD, (MPI_User_function * function, int commutes, MPI_Op *op), (function, commutes, op))
MPI_FAULT(Op_free, MPI_COMM_WORLD, (MPI_Op * op), (op))
MPI_FAULT(Comm_dup, comm, (MPI_Comm comm, MPI_Comm *made), (comm, made))
MPI_FAULT(Comm_free, *comm, (MPI_Comm * comm), (comm))
MPI_FAULT(Comm_rank, comm, (MPI_Comm comm, int *rank), (comm, rank))
MPI_FAULT(Comm_size, comm, (MPI_Comm comm, int *size), (comm, size))
MPI_FAULT(Comm_split_type, comm, (MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *made),
          (comm, type, key, info, made))
MPI_FAULT(Ibarrier, comm, (MPI_Comm comm, MPI_Request *request), (comm, request))
MPI_FAULT(Reduce_scatter_block, comm,
          (const void *from, void *into, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
          (from, into, count, type, op, comm))
MPI_FAULT(Request_free, MPI_COMM_WORLD, (MPI_Request * request), (request))
MPI_FAULT(Win_allocate_shared, comm,
          (MPI_Aint bytes, int unit, MPI_Info info, MPI_Comm comm, void *base, MPI_Win *window),
          (bytes, unit, info, comm, base, window))
MPI_FAULT(Win_shared_query, MPI_COMM_WORLD, (MPI_Win window, int rank, MPI_Aint *bytes, int *unit, void *base),
          (window, rank, bytes, unit, base))
MPI_FAULT(Win_free, MPI_COMM_WORLD, (MPI_Win * window), (window))
MPI_FAULT(Finalize, MPI_COMM_WORLD, (void), ())

/* Nothing can be called before it. */
int MPI_Init_thread(int *argc, char ***argv, int wanted, int *given) {
    return fails(MPI, "MPI_Init_thread", CALLER) ? MPI_ERR_OTHER : PMPI_Init_thread(argc, argv, wanted, given);
}
