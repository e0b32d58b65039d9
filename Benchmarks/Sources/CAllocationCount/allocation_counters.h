/// Where the counts are kept: of C only, as Swift does not import C's atomic types.
#ifndef ALLOCATION_COUNTERS_H
#define ALLOCATION_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct allocation_counters {
    _Atomic uint64_t blocks, bytes;
} allocation_counters;

/// Counts in `other` from now on, which another process may read where the memory is shared.
void allocation_count_in(allocation_counters *other);

#endif
