/// The few messages that the client sends, encoded by hand; it shares no codec with the server.
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "ping_frame.h"

enum {
    header_size = 24,
    hash_size = 32,
    block_header_size = 80,
    inventory_entry_size = 36,
    inventory_transaction = 1,
    inventory_block = 2,
};

_Static_assert(sizeof(ping_frame) == header_size + 8, "a header and a nonce");

/// The header of a message, as it lies on the wire.
typedef struct frame_header {
    uint8_t magic[4];
    char command[12];
    uint32_t length;
    uint32_t checksum;
} frame_header;

_Static_assert(sizeof(frame_header) == header_size, "no padding");

/// Frames `length` bytes at `payload`; returns the length of the frame at `frame`, which has room for both.
size_t write_frame(uint8_t *frame, const char *command, const void *payload, size_t length);

ping_frame make_ping(uint64_t nonce);
size_t write_version(uint8_t *frame, uint64_t nonce);
/// Asks for headers from the beginning of the chain.
size_t write_get_headers(uint8_t *frame);
size_t write_get_block(uint8_t *frame, const uint8_t hash[hash_size]);
/// An inv of `count` made-up transactions, those numbered from `first` on. Fewer than 253.
size_t write_inventory(uint8_t *frame, uint32_t first, uint32_t count);

/// The CompactSize at `bytes`, of which there are at least nine; its length goes to `size`.
uint64_t read_compact_size(const uint8_t *bytes, size_t *size);

#endif
