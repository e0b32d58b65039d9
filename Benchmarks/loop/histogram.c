#include "histogram.h"

#include <string.h>

void histogram_clear(histogram *histogram) { memset(histogram, 0, sizeof *histogram); }

/// Values below 2^8 have a bucket each; above, each power of two is cut into 256 buckets.
static unsigned bucket_of(uint64_t value) {
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    if (bits <= histogram_linear_bits) {
        return (unsigned)value;
    }
    unsigned shift = bits - histogram_linear_bits - 1;
    unsigned within = (unsigned)(value >> shift) & ((1U << histogram_linear_bits) - 1);
    return (shift + 1) << histogram_linear_bits | within;
}

static double middle_of(unsigned bucket) {
    unsigned group = bucket >> histogram_linear_bits, within = bucket & ((1U << histogram_linear_bits) - 1);
    if (group == 0) {
        return within;
    }
    double width = (double)(1ULL << (group - 1));
    return ((1U << histogram_linear_bits) + within + 0.5) * width;
}

void histogram_add(histogram *histogram, uint64_t nanoseconds) {
    histogram->count++;
    histogram->buckets[bucket_of(nanoseconds)]++;
}

double histogram_quantile_us(const histogram *histogram, double fraction) {
    uint64_t rank = (uint64_t)(fraction * (double)histogram->count), seen = 0;
    for (unsigned bucket = 0; bucket < histogram_buckets; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen > rank) {
            return middle_of(bucket) / 1000;
        }
    }
    return 0;
}
