#define _GNU_SOURCE
#include "pinning.h"
#include <sched.h>

_Bool pinning_to_processor(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}
