/// Durations in log-linear buckets: exact to 1/256 of the value, whatever its size.
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum {
    histogram_linear_bits = 8,
    histogram_buckets = (64 - histogram_linear_bits + 1) << histogram_linear_bits,
};

typedef struct histogram {
    uint64_t count;
    uint64_t buckets[histogram_buckets];
} histogram;

void histogram_clear(histogram *histogram);
void histogram_add(histogram *histogram, uint64_t nanoseconds);
/// The duration, in microseconds, that `fraction` of those recorded do not exceed.
double histogram_quantile_us(const histogram *histogram, double fraction);

#endif
