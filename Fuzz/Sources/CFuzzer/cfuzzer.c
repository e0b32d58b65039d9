#include "cfuzzer.h"

#include <sanitizer/allocator_interface.h>
#include <stdio.h>
#include <stdlib.h>

// libFuzzer runs one input at a time, and a body uses one thread.
static int64_t live;
static int64_t peak;
static size_t largest;

static void on_malloc(const volatile void *block, size_t size) {
    (void)block;
    live += (int64_t)size;
    if (live > peak) peak = live;
    if (size > largest) largest = size;
}

static void on_free(const volatile void *block) {
    if (block) live -= (int64_t)__sanitizer_get_allocated_size(block);
}

void cfuzzer_watch(void) { __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free); }

void cfuzzer_reset(void) {
    live = 0;
    peak = 0;
    largest = 0;
}

int64_t cfuzzer_live(void) { return live; }

int64_t cfuzzer_peak(void) { return peak; }

size_t cfuzzer_largest(void) { return largest; }

void cfuzzer_fail(const char *text) {
    fprintf(stderr, "finding: %s\n", text);
    abort();
}
