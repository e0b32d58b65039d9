/// The answers of a framed ping server to the bytes of one connection.
#ifndef PING_ANSWERS_H
#define PING_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ping_frame.h"

typedef struct ping_stream {
    /// The start of a frame whose end has not arrived.
    uint8_t partial[sizeof(ping_frame)];
    size_t partial_length;
} ping_stream;

/// Writes the pongs to all pings that `bytes` end: their length, or -1 where something is not a valid ping.
///
/// Answers are as long as their questions, the first of which may have begun before: `replies` has room for
/// `length + sizeof(ping_frame)` bytes.
ptrdiff_t ping_answers(ping_stream *stream, const uint8_t *bytes, size_t length, uint8_t *replies);

#endif
