/// To be preloaded: counts the blocks that a process takes from the heap in the file named by ALLOCATION_FILE, which
/// others map and read while it runs.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "allocation_counters.h"

__attribute__((constructor)) static void count_in_file(void) {
    const char *path = getenv("ALLOCATION_FILE");
    if (path == NULL) {
        return;
    }
    int file = open(path, O_RDWR | O_CLOEXEC);
    void *counters = MAP_FAILED;
    if (file >= 0 && ftruncate(file, sizeof(allocation_counters)) == 0) {
        counters = mmap(NULL, sizeof(allocation_counters), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    if (counters == MAP_FAILED) {
        perror(path);
        exit(1);
    }
    close(file);
    allocation_count_in(counters);
}
