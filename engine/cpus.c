#include "engine/cpus.h"

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "the words of an affinity mask are the words of a set");

int tsr_cpus_count(const tsr_cpus *cpus) {
    int count = 0;
    for (int w = 0; w < TSR_CPUS_WORDS; w++) count += __builtin_popcountll(cpus->word[w]);
    return count;
}

bool tsr_cpus_has(const tsr_cpus *cpus, int cpu) { return cpus->word[cpu / 64] >> (cpu % 64) & 1; }

void tsr_cpus_set(tsr_cpus *cpus, int cpu) { cpus->word[cpu / 64] |= UINT64_C(1) << (cpu % 64); }

bool tsr_cpus_overlap(const tsr_cpus *a, const tsr_cpus *b) {
    for (int w = 0; w < TSR_CPUS_WORDS; w++)
        if (a->word[w] & b->word[w]) return true;
    return false;
}

void tsr_cpus_add(tsr_cpus *into, const tsr_cpus *from) {
    for (int w = 0; w < TSR_CPUS_WORDS; w++) into->word[w] |= from->word[w];
}

/* End of the run of members that begins at cpu. */
static int run_end(const tsr_cpus *cpus, int cpu) {
    while (cpu < TSR_CPUS_MAX && tsr_cpus_has(cpus, cpu)) cpu++;
    return cpu;
}

void tsr_cpus_write(const tsr_cpus *cpus, char *text, size_t bytes) {
    size_t used = 0;
    text[0] = '\0';
    for (int cpu = 0; cpu < TSR_CPUS_MAX; cpu++) {
        if (!tsr_cpus_has(cpus, cpu)) continue;
        int last = run_end(cpus, cpu) - 1;
        char range[16];
        size_t length = (size_t)snprintf(range, sizeof(range), "%s%d", used ? "," : "", cpu);
        if (last > cpu) length += (size_t)snprintf(range + length, sizeof(range) - length, "-%d", last);
        if (used + length + sizeof(",...") > bytes) {
            snprintf(text + used, bytes - used, ",...");
            return;
        }
        memcpy(text + used, range, length + 1);
        used += length;
        cpu = last;
    }
}

static bool affinity_get(tsr_cpus *out) {
    *out = (tsr_cpus){0};
    return sched_getaffinity(0, sizeof(out->word), (cpu_set_t *)out->word) == 0 && tsr_cpus_count(out) > 0;
}

static void online(tsr_cpus *out) {
    *out = (tsr_cpus){0};
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    for (int cpu = 0; cpu < count && cpu < TSR_CPUS_MAX; cpu++) tsr_cpus_set(out, cpu);
    if (count < 1) tsr_cpus_set(out, 0);
}

/* A place holds few CPUs; those of a place with more than this are not looked at one by one. */
enum { PLACE_CPUS_MAX = 1024 };

static void add_place(tsr_cpus *into, int place) {
    int ids[PLACE_CPUS_MAX];
    int count = omp_get_place_num_procs(place);
    if (count > PLACE_CPUS_MAX) return;
    omp_get_place_proc_ids(place, ids);
    for (int i = 0; i < count; i++)
        if (ids[i] >= 0 && ids[i] < TSR_CPUS_MAX) tsr_cpus_set(into, ids[i]);
}

void tsr_cpus_allowed(tsr_cpus *out) {
    if (!affinity_get(out)) online(out);
    int places = omp_get_num_places();
    for (int place = 0; place < places; place++) add_place(out, place);
}

void tsr_cpus_available(tsr_cpus *out) {
    tsr_cpus mine;
    if (!affinity_get(&mine)) {
        online(out);
        return;
    }
    tsr_cpus all;
    memset(&all, 0xff, sizeof(all));
    *out = mine;
    /* The kernel cuts the wish down to the cpuset; where it refuses altogether, our own mask is all we know. */
    if (sched_setaffinity(0, sizeof(all.word), (const cpu_set_t *)all.word) != 0) return;
    if (!affinity_get(out)) *out = mine;
    if (sched_setaffinity(0, sizeof(mine.word), (const cpu_set_t *)mine.word) != 0) *out = mine;
}

/* The lowest hardware thread of a CPU's core, or the CPU itself when the system does not say. */
static int core_of(int cpu) {
    char path[80];
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *file = fopen(path, "re");
    if (!file) return cpu;
    int first = cpu;
    if (fscanf(file, "%d", &first) != 1 || first < 0 || first >= TSR_CPUS_MAX) first = cpu;
    fclose(file);
    return first;
}

int tsr_cpus_cores(const tsr_cpus *cpus) {
    tsr_cpus cores = {0};
    for (int cpu = 0; cpu < TSR_CPUS_MAX; cpu++)
        if (tsr_cpus_has(cpus, cpu)) tsr_cpus_set(&cores, core_of(cpu));
    return tsr_cpus_count(&cores);
}
