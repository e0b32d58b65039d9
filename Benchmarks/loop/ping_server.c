/// Answers each framed ping with a pong. Anything else ends the connection.
#include <string.h>

#include "csha256.h"
#include "epoll_server.h"
#include "ping_frame.h"

typedef struct ping_connection {
    connection connection;
    /// The start of a frame whose end has not arrived.
    uint8_t partial[sizeof(ping_frame)];
    size_t partial_length;
} ping_connection;

/// All the answers to one read: they are as long as their questions, the first of which may have begun before it.
static uint8_t replies[read_size + sizeof(ping_frame)];

/// Writes the answer to one frame; false when it is not a valid ping.
static bool answer(const uint8_t *bytes, uint8_t *reply) {
    static const uint8_t magic[4] = FRAME_MAGIC;
    static const char ping[12] = "ping", pong[12] = "pong";

    ping_frame frame;
    memcpy(&frame, bytes, sizeof frame);
    if (memcmp(frame.magic, magic, sizeof magic) != 0 || memcmp(frame.command, ping, sizeof ping) != 0
        || frame.length != sizeof frame.nonce
        || frame.checksum != csha256_checksum(bytes + offsetof(ping_frame, nonce), sizeof frame.nonce)) {
        return false;
    }
    // The same payload has the same checksum.
    memcpy(frame.command, pong, sizeof pong);
    memcpy(reply, &frame, sizeof frame);
    return true;
}

static bool received(connection *connection, const uint8_t *bytes, size_t length) {
    ping_connection *self = (ping_connection *)connection;
    const size_t frame_size = sizeof(ping_frame);
    uint8_t *reply = replies;

    if (self->partial_length > 0) {
        size_t missing = frame_size - self->partial_length;
        size_t taken = length < missing ? length : missing;
        memcpy(self->partial + self->partial_length, bytes, taken);
        self->partial_length += taken;
        bytes += taken;
        length -= taken;
        if (self->partial_length < frame_size) {
            return true;
        }
        if (!answer(self->partial, reply)) {
            return false;
        }
        self->partial_length = 0;
        reply += frame_size;
    }
    for (; length >= frame_size; bytes += frame_size, length -= frame_size, reply += frame_size) {
        if (!answer(bytes, reply)) {
            return false;
        }
    }
    memcpy(self->partial, bytes, length);
    self->partial_length = length;
    return reply == replies || connection_send(connection, replies, (size_t)(reply - replies));
}

int main(int argc, char **argv) {
    static const application ping = {.connection_size = sizeof(ping_connection), .received = received};
    return serve(&ping, argc, argv);
}
