/// What the client sends and what it must get back.
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "client.h"

/// Requests and answers are two periodic streams of equal length. The buffers go on for `slack` bytes past one period,
/// so that any stretch of a stream can be sent or compared in place; connections start at different points.
typedef struct traffic {
    load_mode mode;
    size_t message_size;
    size_t period;
    uint8_t *requests, *answers;
} traffic;

traffic make_traffic(load_mode mode, size_t message_size, size_t slack);

/// Where in the period the stream of a connection starts.
size_t traffic_start(const traffic *traffic, size_t connection_index);

/// What the byte at a position of an answer belongs to, for an error message.
const char *traffic_field(const traffic *traffic, uint64_t position);

#endif
