/* A set of CPUs of one host, and the sets that the system knows: allowed, available, cores.
 * Layer 0. Hides the affinity calls and /sys. */
#ifndef TSR_ENGINE_CPUS_H
#define TSR_ENGINE_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_CPUS_MAX = 4096, TSR_CPUS_WORDS = TSR_CPUS_MAX / 64 };

/* Bit c of the words is CPU c. A value type; zeroed memory is the empty set. */
typedef struct {
    uint64_t word[TSR_CPUS_WORDS];
} tsr_cpus;

/* None of these functions is collective, allocates or can fail; each is thread-safe on different sets. */

int tsr_cpus_count(const tsr_cpus *cpus);
bool tsr_cpus_has(const tsr_cpus *cpus, int cpu);
void tsr_cpus_set(tsr_cpus *cpus, int cpu); /* 0 <= cpu < TSR_CPUS_MAX */
bool tsr_cpus_overlap(const tsr_cpus *a, const tsr_cpus *b);
void tsr_cpus_add(tsr_cpus *into, const tsr_cpus *from);

/* The set as people write it: "0-3,8"; what does not fit ends with "...". bytes >= 16. */
void tsr_cpus_write(const tsr_cpus *cpus, char *text, size_t bytes);

/* CPUs that the threads of this process may use: the affinity mask of the calling thread and, since OpenMP narrows
 * that mask to one place under OMP_PROC_BIND, its places. All that are online when the system does not say. */
void tsr_cpus_allowed(tsr_cpus *out);

/* CPUs that this process could have been given on this host: all that its cpuset (container, batch step) holds. Asks
 * by widening the affinity of the calling thread for a moment. */
void tsr_cpus_available(tsr_cpus *out);

/* Cores among the CPUs: hardware threads of one core count once. */
int tsr_cpus_cores(const tsr_cpus *cpus);

#endif
