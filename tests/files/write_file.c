/* Writes the made run: write_file PATH [force] [zipped]. Under mpirun by all ranks, otherwise by one process.
 * Prints the digest, or the failure; its exit code is that of the status. */
#include "engine/comm.h"
#include "made_run.h"

int main(int argc, char **argv) {
    bool force = false, zipped = false;
    for (int i = 2; i < argc; i++) {
        force |= strcmp(argv[i], "force") == 0;
        zipped |= strcmp(argv[i], "zipped") == 0;
    }
    if (argc < 2) return 64;
    tsr_comm *comm = NULL;
    made(tsr_comm_open(&comm));
    made_run *run = comm->rank == 0 ? made_run_create(zipped) : NULL;
    const tsr_status status = tsr_result_file_write(argv[1], force, run ? &run->written : NULL, comm);
    if (status == TSR_OK && run) printf("%s\n", run->digest);
    if (status != TSR_OK && tsr_error_get()->status != TSR_EPEER) fprintf(stderr, "%s\n", tsr_error_get()->message);
    if (run) made_run_destroy(run);
    tsr_comm_close(&comm);
    return tsr_status_exit_code(status);
}
