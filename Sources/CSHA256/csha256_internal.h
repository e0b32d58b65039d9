/// What the API asks of an implementation of SHA-256, and the implementations there are.
#ifndef CSHA256_INTERNAL_H
#define CSHA256_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum {
    csha256_block_size = 64,
    csha256_digest_size = 32,
    /// The longest message that fits one block with its padding: a 0x80 byte and eight bytes of length follow it.
    csha256_short_limit = 55,
};

/// One implementation. The API owns buffering and padding of long messages; an engine owns the arithmetic.
typedef struct csha256_engine {
    /// Feeds `count` whole blocks to `state`.
    void (*compress)(uint32_t state[8], const uint8_t *blocks, size_t count);
    /// The double hash, as words, of at most `csha256_short_limit` bytes. `data` may be null when `length` is 0.
    void (*double_hash_short)(const uint8_t *data, size_t length, uint32_t state[8]);
    /// Replaces the words of a digest by those of its hash.
    void (*hash_digest)(uint32_t state[8]);
} csha256_engine;

extern const csha256_engine csha256_portable_engine;
extern const uint32_t csha256_initial_state[8];
extern const uint32_t csha256_round_constants[64];

/// The x86 SHA extensions, or null where the processor (or the architecture compiled for) lacks them.
const csha256_engine *csha256_x86_engine(void);

#endif
