/// What a double SHA-256 costs, one by one and many at once: `make bench-hash`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "csha256.h"

enum { messages = 1000, rounds = 300, longest = 4096, large = 1 << 20 };

static uint8_t *bytes;
static uint8_t one_by_one[messages * 32], at_once[messages * 32];

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void keep_least(double *least, double start, size_t operations) {
    double each = (nanoseconds() - start) / (double)operations;
    if (*least == 0 || each < *least) {
        *least = each;
    }
}

/// Hashes of one message, each waiting for the one before and not.
static void bench_one(size_t length, size_t repeats) {
    double waiting = 0, free_running = 0;
    uint8_t digest[32] = {0};
    volatile size_t nothing = 0;
    size_t mask = nothing;
    for (int round = 0; round < rounds; round++) {
        double start = nanoseconds();
        for (size_t i = 0; i < repeats; i++) {
            csha256_double_hash(bytes + (digest[0] & mask), length, digest);
        }
        keep_least(&waiting, start, repeats);
        start = nanoseconds();
        for (size_t i = 0; i < repeats; i++) {
            csha256_double_hash(bytes, length, digest);
        }
        keep_least(&free_running, start, repeats);
    }
    printf("one message of %7zu B: %9.1f ns in a chain, %9.1f ns in a row, %.2f GB/s\n", length, waiting, free_running,
           (double)length / free_running);
}

static void require_equal(void) {
    if (memcmp(one_by_one, at_once, sizeof at_once) != 0) {
        fprintf(stderr, "bench-hash: the hashes differ\n");
        exit(1);
    }
    memset(at_once, 0, sizeof at_once);
}

/// Hashes of many messages end to end, of `length` bytes, or of 100 to 700 and now and then more for `length` 0.
static void bench_many(size_t length) {
    static uint32_t starts[messages + 1];
    srand(3);
    for (size_t i = 0; i < messages; i++) {
        uint32_t mixed = 100 + (uint32_t)(rand() % 600) + (rand() % 20 == 0 ? (uint32_t)(rand() % 3000) : 0);
        starts[i + 1] = starts[i] + (length > 0 ? (uint32_t)length : mixed);
    }
    double one = 0, many = 0, ranges = 0;
    for (int round = 0; round < rounds; round++) {
        double start = nanoseconds();
        for (size_t i = 0; i < messages; i++) {
            csha256_double_hash(bytes + starts[i], starts[i + 1] - starts[i], one_by_one + 32 * i);
        }
        keep_least(&one, start, messages);
        start = nanoseconds();
        csha256_double_hash_ranges(bytes, starts, messages, at_once);
        keep_least(&ranges, start, messages);
        require_equal();
        if (length > 0) {
            start = nanoseconds();
            csha256_double_hash_many(bytes, length, length, messages, at_once);
            keep_least(&many, start, messages);
            require_equal();
        }
    }
    printf("%d messages of %4u B%s: one by one %6.1f ns each, ranges %6.1f", messages, starts[messages] / messages,
           length > 0 ? "" : " on average", one, ranges);
    printf(length > 0 ? ", many %6.1f\n" : "\n", many);
}

int main(void) {
    size_t size = (size_t)messages * longest;
    bytes = malloc(size);
    if (bytes == NULL) {
        fprintf(stderr, "bench-hash: no memory\n");
        return 1;
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7 + (i >> 9));
    }
    printf("engine: %s; best of %d rounds\n", csha256_engine_name(), rounds);
    static const size_t lengths[] = {8, 36, 64, 80, 374, 1024};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        bench_one(lengths[i], 2000);
    }
    bench_one(large, 3);
    for (size_t i = 1; i < sizeof lengths / sizeof lengths[0]; i++) {
        bench_many(lengths[i]);
    }
    bench_many(0);
    free(bytes);
    return 0;
}
