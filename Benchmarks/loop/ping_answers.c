#include "ping_answers.h"

#include <string.h>

#include "csha256.h"

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

ptrdiff_t ping_answers(ping_stream *stream, const uint8_t *bytes, size_t length, uint8_t *replies) {
    const size_t frame_size = sizeof(ping_frame);
    uint8_t *reply = replies;

    if (stream->partial_length > 0) {
        size_t missing = frame_size - stream->partial_length;
        size_t taken = length < missing ? length : missing;
        memcpy(stream->partial + stream->partial_length, bytes, taken);
        stream->partial_length += taken;
        bytes += taken;
        length -= taken;
        if (stream->partial_length < frame_size) {
            return 0;
        }
        if (!answer(stream->partial, reply)) {
            return -1;
        }
        stream->partial_length = 0;
        reply += frame_size;
    }
    for (; length >= frame_size; bytes += frame_size, length -= frame_size, reply += frame_size) {
        if (!answer(bytes, reply)) {
            return -1;
        }
    }
    memcpy(stream->partial, bytes, length);
    stream->partial_length = length;
    return reply - replies;
}
