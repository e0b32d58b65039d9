#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "csha256.h"
#include "ping_frame.h"

enum {
    // Primes: no message size or read size divides the period, so a stream out of step does not match by chance.
    echo_period = 65521,
    ping_period = 4093,
};

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void fill_echo(traffic *traffic, uint64_t seed) {
    for (size_t i = 0; i < traffic->period; i++) {
        traffic->requests[i] = (uint8_t)(next_random(&seed) >> 32);
    }
    memcpy(traffic->answers, traffic->requests, traffic->period);
}

static void fill_ping(traffic *traffic, uint64_t seed) {
    for (size_t at = 0; at < traffic->period; at += sizeof(ping_frame)) {
        ping_frame frame = {.magic = FRAME_MAGIC, .command = "ping", .length = sizeof frame.nonce};
        uint64_t nonce = next_random(&seed);
        memcpy(frame.nonce, &nonce, sizeof nonce);
        frame.checksum = csha256_checksum(frame.nonce, sizeof frame.nonce);
        memcpy(traffic->requests + at, &frame, sizeof frame);
        memcpy(frame.command, "pong", 4);
        memcpy(traffic->answers + at, &frame, sizeof frame);
    }
}

static void repeat(uint8_t *stream, size_t period, size_t slack) {
    for (size_t i = 0; i < slack; i++) {
        stream[period + i] = stream[i];
    }
}

traffic make_traffic(load_mode mode, size_t message_size, size_t slack) {
    const uint64_t seed = 0x5eed5eed5eed5eed;
    traffic made = {
        .mode = mode,
        .message_size = mode == mode_echo ? message_size : sizeof(ping_frame),
        .period = mode == mode_echo ? echo_period : ping_period * sizeof(ping_frame),
    };
    made.requests = malloc(made.period + slack);
    made.answers = malloc(made.period + slack);
    if (made.requests == NULL || made.answers == NULL) {
        fail("out of memory for %zu bytes of traffic", 2 * (made.period + slack));
    }
    if (mode == mode_echo) {
        fill_echo(&made, seed);
    } else {
        fill_ping(&made, seed);
    }
    repeat(made.requests, made.period, slack);
    repeat(made.answers, made.period, slack);
    return made;
}

size_t traffic_start(const traffic *traffic, size_t connection_index) {
    size_t step = traffic->mode == mode_echo ? 257 : 37 * sizeof(ping_frame);
    return connection_index * step % traffic->period;
}

const char *traffic_field(const traffic *traffic, uint64_t position) {
    if (traffic->mode == mode_echo) {
        return "echo";
    }
    size_t within = position % sizeof(ping_frame);
    return within < offsetof(ping_frame, command)    ? "pong magic"
           : within < offsetof(ping_frame, length)   ? "pong command"
           : within < offsetof(ping_frame, checksum) ? "pong length"
           : within < offsetof(ping_frame, nonce)    ? "pong checksum"
                                                     : "pong nonce";
}
