/// What the API asks of an implementation of SHA-256, and the implementations there are.
#ifndef CSHA256_INTERNAL_H
#define CSHA256_INTERNAL_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    csha256_block_size = 64,
    csha256_digest_size = 32,
    /// The longest message that fits one block with its padding: a 0x80 byte and eight bytes of length follow it.
    csha256_short_limit = 55,
};

/// One implementation. The API owns buffering and padding; an engine owns the arithmetic.
typedef struct csha256_engine {
    const char *name;
    /// Feeds `count` whole blocks to `state`.
    void (*compress)(uint32_t state[8], const uint8_t *blocks, size_t count);
    /// Feeds `count` whole blocks to each of two states, faster than one after the other. Null where it would not be.
    void (*compress_two)(
        uint32_t first[8], const uint8_t *first_blocks, uint32_t second[8], const uint8_t *second_blocks, size_t count);
    /// Replaces the words of a digest by those of its hash.
    void (*hash_digest)(uint32_t state[8]);
    /// The double hash, as words, of a whole message, faster than through the above. Null where it would not be.
    /// `data` may be null when `length` is 0.
    void (*double_hash)(const uint8_t *data, size_t length, uint32_t state[8]);
} csha256_engine;

extern const csha256_engine csha256_portable_engine;
extern const uint32_t csha256_initial_state[8];
extern const uint32_t csha256_round_constants[64];

/// The x86 SHA extensions, or null where the processor (or the architecture compiled for) lacks them.
const csha256_engine *csha256_x86_engine(void);
/// The ARMv8 SHA-2 instructions, or null likewise.
const csha256_engine *csha256_arm_engine(void);
/// The engine this processor is best served by.
const csha256_engine *csha256_best_engine(void);

/// Writes the end of a message of `length` bytes as one or two blocks, and returns which: `rest`, the bytes that do not
/// fill a block (null when there are none), a 0x80 byte, zeros, and the message's length in bits.
size_t csha256_pad(uint8_t blocks[2 * csha256_block_size], const uint8_t *rest, uint64_t length);

/// The double hash of one message, as words.
void csha256_double_hash_words(const csha256_engine *engine, const uint8_t *data, size_t length, uint32_t state[8]);

/// Words as the bytes of a digest. Four at a time, for what is read again as a block soon: narrow stores would not be
/// forwarded to wide loads.
static inline void csha256_store_words(uint8_t bytes[csha256_digest_size], const uint32_t words[8]) {
    typedef uint32_t four_words __attribute__((vector_size(16)));
    for (int i = 0; i < 2; i++) {
        four_words x;
        memcpy(&x, words + 4 * i, sizeof x);
        x = (x << 16) | (x >> 16);
        x = ((x & 0x00ff00ff) << 8) | ((x >> 8) & 0x00ff00ff);
        memcpy(bytes + 16 * i, &x, sizeof x);
    }
}

#endif
