// The C library's own allocator under the names it gives it; what the program and its libraries call are the functions
// here, which count first. Linux with glibc only, as the benchmarks are.
#include "allocation_count.h"
#include "allocation_counters.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static allocation_counters own;
static allocation_counters *_Atomic counters = &own;

static void note(size_t size) {
    allocation_counters *current = atomic_load_explicit(&counters, memory_order_relaxed);
    atomic_fetch_add_explicit(&current->blocks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&current->bytes, size, memory_order_relaxed);
}

void allocation_count_in(allocation_counters *other) { atomic_store_explicit(&counters, other, memory_order_relaxed); }

uint64_t allocation_count(void) {
    return atomic_load_explicit(&atomic_load_explicit(&counters, memory_order_relaxed)->blocks, memory_order_relaxed);
}

uint64_t allocation_bytes(void) {
    return atomic_load_explicit(&atomic_load_explicit(&counters, memory_order_relaxed)->bytes, memory_order_relaxed);
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    note(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    note(size);
    *block = __libc_memalign(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}

void free(void *block) { __libc_free(block); }
