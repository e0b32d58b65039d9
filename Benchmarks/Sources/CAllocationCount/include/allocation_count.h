/// Counts what the process allocates. Linking this replaces malloc and its kin by ones that count and pass on.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdint.h>

/// Number of blocks taken from the heap so far, by any thread.
uint64_t allocation_count(void);
/// Bytes asked for so far, by any thread.
uint64_t allocation_bytes(void);

#endif
