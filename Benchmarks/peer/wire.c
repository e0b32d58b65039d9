#include "wire.h"

#include <string.h>

#include "csha256.h"

enum {
    protocol_version = 70016,
    largest_payload = 16 * 1024,
};

typedef struct writer {
    uint8_t bytes[largest_payload];
    size_t length;
} writer;

static void put(writer *writer, const void *bytes, size_t length) {
    memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

static void put_byte(writer *writer, uint8_t value) { put(writer, &value, 1); }
static void put_32(writer *writer, uint32_t value) { put(writer, &value, sizeof value); }
static void put_64(writer *writer, uint64_t value) { put(writer, &value, sizeof value); }

static void put_zeros(writer *writer, size_t count) {
    memset(writer->bytes + writer->length, 0, count);
    writer->length += count;
}

size_t write_frame(uint8_t *frame, const char *command, const void *payload, size_t length) {
    frame_header header = {.magic = FRAME_MAGIC, .length = (uint32_t)length};
    memcpy(header.command, command, strlen(command));
    header.checksum = csha256_checksum(payload, length);
    memcpy(frame, &header, header_size);
    if (length > 0) {
        memcpy(frame + header_size, payload, length);
    }
    return header_size + length;
}

ping_frame make_ping(uint64_t nonce) {
    ping_frame frame = {.magic = FRAME_MAGIC, .command = "ping", .length = sizeof frame.nonce};
    memcpy(frame.nonce, &nonce, sizeof nonce);
    frame.checksum = csha256_checksum(frame.nonce, sizeof frame.nonce);
    return frame;
}

size_t write_version(uint8_t *frame, uint64_t nonce) {
    static const char agent[] = "/peer-client:1/";
    writer payload = {.length = 0};
    put_32(&payload, protocol_version);
    put_64(&payload, 0);
    put_64(&payload, 0);
    put_zeros(&payload, 26);
    put_zeros(&payload, 26);
    put_64(&payload, nonce);
    put_byte(&payload, sizeof agent - 1);
    put(&payload, agent, sizeof agent - 1);
    put_32(&payload, 0);
    put_byte(&payload, 1);
    return write_frame(frame, "version", payload.bytes, payload.length);
}

size_t write_get_headers(uint8_t *frame) {
    writer payload = {.length = 0};
    put_32(&payload, protocol_version);
    put_byte(&payload, 1);
    // No block has this hash, so the answer begins after the genesis block.
    put_zeros(&payload, hash_size);
    put_zeros(&payload, hash_size);
    return write_frame(frame, "getheaders", payload.bytes, payload.length);
}

size_t write_get_block(uint8_t *frame, const uint8_t hash[hash_size]) {
    writer payload = {.length = 0};
    put_byte(&payload, 1);
    put_32(&payload, inventory_block);
    put(&payload, hash, hash_size);
    return write_frame(frame, "getdata", payload.bytes, payload.length);
}

size_t write_inventory(uint8_t *frame, uint32_t first, uint32_t count) {
    writer payload = {.length = 0};
    put_byte(&payload, (uint8_t)count);
    for (uint32_t i = first; i < first + count; i++) {
        uint8_t hash[hash_size];
        csha256_hash(&i, sizeof i, hash);
        put_32(&payload, inventory_transaction);
        put(&payload, hash, hash_size);
    }
    return write_frame(frame, "inv", payload.bytes, payload.length);
}

uint64_t read_compact_size(const uint8_t *bytes, size_t *size) {
    uint64_t value = 0;
    size_t length = bytes[0] < 0xfd ? 0 : (size_t)2 << (bytes[0] - 0xfd);
    *size = 1 + length;
    if (length == 0) {
        return bytes[0];
    }
    memcpy(&value, bytes + 1, length);
    return value;
}
