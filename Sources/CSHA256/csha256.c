#include "csha256.h"

#include <stdatomic.h>

#include "csha256_internal.h"

_Static_assert(sizeof(csha256_context) == 112, "the header promises this size");

/// Null until first asked for. Threads that race to fill it all store the same pointer to constant data, so a relaxed
/// access is enough, and on the hot path it is a plain load.
static _Atomic(const csha256_engine *) chosen_engine;

__attribute__((noinline, cold)) static const csha256_engine *choose_engine(void) {
    const csha256_engine *engine = csha256_x86_engine();
    if (engine == NULL) {
        engine = csha256_arm_engine();
    }
    if (engine == NULL) {
        engine = &csha256_portable_engine;
    }
    atomic_store_explicit(&chosen_engine, engine, memory_order_relaxed);
    return engine;
}

const csha256_engine *csha256_best_engine(void) {
    const csha256_engine *engine = atomic_load_explicit(&chosen_engine, memory_order_relaxed);
    return __builtin_expect(engine != NULL, 1) ? engine : choose_engine();
}

size_t csha256_pad(uint8_t blocks[2 * csha256_block_size], const uint8_t *rest, uint64_t length) {
    size_t used = length % csha256_block_size;
    memset(blocks, 0, 2 * csha256_block_size);
    if (used > 0) {
        memcpy(blocks, rest, used);
    }
    blocks[used] = 0x80;
    size_t count = used <= csha256_short_limit ? 1 : 2;
    uint64_t bits = htobe64(length << 3);
    memcpy(blocks + count * csha256_block_size - sizeof bits, &bits, sizeof bits);
    return count;
}

static void compress_end(const csha256_engine *engine, uint32_t state[8], const uint8_t *rest, uint64_t length) {
    uint8_t blocks[2 * csha256_block_size];
    size_t count = csha256_pad(blocks, rest, length);
    engine->compress(state, blocks, count);
}

/// Not inlined, so that the double hash of a short message does not save registers for this.
__attribute__((noinline)) static void hash_words(
    const csha256_engine *engine, const uint8_t *data, size_t length, uint32_t state[8]) {
    memcpy(state, csha256_initial_state, sizeof csha256_initial_state);
    size_t whole = length / csha256_block_size;
    if (whole > 0) {
        engine->compress(state, data, whole);
        data += whole * csha256_block_size;
    }
    compress_end(engine, state, data, length);
}

void csha256_double_hash_words(const csha256_engine *engine, const uint8_t *data, size_t length, uint32_t state[8]) {
    if (engine->double_hash != NULL) {
        engine->double_hash(data, length, state);
        return;
    }
    hash_words(engine, data, length, state);
    engine->hash_digest(state);
}

const char *csha256_engine_name(void) { return csha256_best_engine()->name; }

bool csha256_is_accelerated(void) { return csha256_best_engine() != &csha256_portable_engine; }

void csha256_hash(const void *data, size_t length, uint8_t digest[32]) {
    uint32_t state[8];
    hash_words(csha256_best_engine(), data, length, state);
    csha256_store_words(digest, state);
}

void csha256_double_hash(const void *data, size_t length, uint8_t digest[32]) {
    uint32_t state[8];
    csha256_double_hash_words(csha256_best_engine(), data, length, state);
    csha256_store_words(digest, state);
}

uint32_t csha256_checksum(const void *data, size_t length) {
    uint32_t state[8];
    csha256_double_hash_words(csha256_best_engine(), data, length, state);
    return __builtin_bswap32(state[0]);
}

void csha256_portable_hash(const void *data, size_t length, uint8_t digest[32]) {
    uint32_t state[8];
    hash_words(&csha256_portable_engine, data, length, state);
    csha256_store_words(digest, state);
}

void csha256_portable_double_hash(const void *data, size_t length, uint8_t digest[32]) {
    uint32_t state[8];
    csha256_double_hash_words(&csha256_portable_engine, data, length, state);
    csha256_store_words(digest, state);
}

static const csha256_engine *context_engine(const csha256_context *context) {
    return context->portable ? &csha256_portable_engine : csha256_best_engine();
}

static void start(csha256_context *context, bool portable) {
    memcpy(context->state, csha256_initial_state, sizeof csha256_initial_state);
    context->length = 0;
    context->portable = portable;
}

void csha256_init(csha256_context *context) { start(context, false); }

void csha256_portable_init(csha256_context *context) { start(context, true); }

void csha256_update(csha256_context *context, const void *data, size_t length) {
    if (length == 0) {
        return;
    }
    const csha256_engine *engine = context_engine(context);
    const uint8_t *bytes = data;
    size_t buffered = context->length % csha256_block_size;
    context->length += length;

    if (buffered > 0) {
        size_t room = csha256_block_size - buffered;
        if (length < room) {
            memcpy(context->block + buffered, bytes, length);
            return;
        }
        memcpy(context->block + buffered, bytes, room);
        engine->compress(context->state, context->block, 1);
        bytes += room;
        length -= room;
    }
    size_t whole = length / csha256_block_size;
    if (whole > 0) {
        engine->compress(context->state, bytes, whole);
        bytes += whole * csha256_block_size;
        length -= whole * csha256_block_size;
    }
    if (length > 0) {
        memcpy(context->block, bytes, length);
    }
}

static const csha256_engine *finish(csha256_context *context) {
    const csha256_engine *engine = context_engine(context);
    compress_end(engine, context->state, context->block, context->length);
    return engine;
}

void csha256_final(csha256_context *context, uint8_t digest[32]) {
    finish(context);
    csha256_store_words(digest, context->state);
}

void csha256_final_double(csha256_context *context, uint8_t digest[32]) {
    finish(context)->hash_digest(context->state);
    csha256_store_words(digest, context->state);
}
