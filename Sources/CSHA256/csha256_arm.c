#include "csha256_internal.h"

#if defined(__aarch64__) && defined(__AARCH64EL__) && defined(__linux__)

#include <arm_neon.h>
#include <sys/auxv.h>

/// The package is built for the baseline processor, so only these functions may hold the instructions, and they run
/// only once the kernel has been asked.
#define SHA_EXTENSIONS __attribute__((target("+crypto")))
#define SHA_INLINE SHA_EXTENSIONS __attribute__((always_inline)) static inline

/// The hash state as the instructions want it, A and E in lane 0.
typedef struct hash_state {
    uint32x4_t abcd, efgh;
} hash_state;

/// Sixteen message words; lane 0 of `w0` is the first.
typedef struct message_words {
    uint32x4_t w0, w1, w2, w3;
} message_words;

SHA_INLINE hash_state load_state(const uint32_t words[8]) {
    return (hash_state){vld1q_u32(words), vld1q_u32(words + 4)};
}

SHA_INLINE void store_state(uint32_t words[8], hash_state state) {
    vst1q_u32(words, state.abcd);
    vst1q_u32(words + 4, state.efgh);
}

SHA_INLINE hash_state add_states(hash_state x, hash_state y) {
    return (hash_state){vaddq_u32(x.abcd, y.abcd), vaddq_u32(x.efgh, y.efgh)};
}

/// Message words are big-endian in the stream.
SHA_INLINE uint32x4_t load_words(const uint8_t *bytes) { return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes))); }

SHA_INLINE message_words load_block(const uint8_t *block) {
    return (message_words){load_words(block), load_words(block + 16), load_words(block + 32), load_words(block + 48)};
}

SHA_INLINE void four_rounds(hash_state *state, uint32x4_t words, const uint32_t *constants) {
    uint32x4_t input = vaddq_u32(words, vld1q_u32(constants));
    uint32x4_t abcd = state->abcd;
    state->abcd = vsha256hq_u32(abcd, state->efgh, input);
    state->efgh = vsha256h2q_u32(state->efgh, abcd, input);
}

/// The next four words of the schedule, from the sixteen before them.
SHA_INLINE uint32x4_t schedule(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3) {
    return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

/// Replaces the words by the sixteen after them.
SHA_INLINE void extend(message_words *m) {
    m->w0 = schedule(m->w0, m->w1, m->w2, m->w3);
    m->w1 = schedule(m->w1, m->w2, m->w3, m->w0);
    m->w2 = schedule(m->w2, m->w3, m->w0, m->w1);
    m->w3 = schedule(m->w3, m->w0, m->w1, m->w2);
}

SHA_INLINE hash_state compress_words(hash_state before, message_words m) {
    hash_state state = before;
    for (int i = 0; i < 64; i += 16) {
        if (i > 0) {
            extend(&m);
        }
        const uint32_t *constants = csha256_round_constants + i;
        four_rounds(&state, m.w0, constants);
        four_rounds(&state, m.w1, constants + 4);
        four_rounds(&state, m.w2, constants + 8);
        four_rounds(&state, m.w3, constants + 12);
    }
    return add_states(before, state);
}

SHA_EXTENSIONS static void compress(uint32_t words[8], const uint8_t *blocks, size_t count) {
    hash_state state = load_state(words);
    for (; count > 0; count--, blocks += csha256_block_size) {
        state = compress_words(state, load_block(blocks));
    }
    store_state(words, state);
}

/// A round needs the one before it, and the processor has time for another stream's meanwhile.
SHA_EXTENSIONS static void compress_two(
    uint32_t first[8], const uint8_t *first_blocks, uint32_t second[8], const uint8_t *second_blocks, size_t count) {
    hash_state x = load_state(first), y = load_state(second);
    for (; count > 0; count--, first_blocks += csha256_block_size, second_blocks += csha256_block_size) {
        hash_state x_before = x, y_before = y;
        message_words m = load_block(first_blocks), n = load_block(second_blocks);
        for (int i = 0; i < 64; i += 16) {
            if (i > 0) {
                extend(&m);
                extend(&n);
            }
            const uint32_t *constants = csha256_round_constants + i;
            four_rounds(&x, m.w0, constants);
            four_rounds(&y, n.w0, constants);
            four_rounds(&x, m.w1, constants + 4);
            four_rounds(&y, n.w1, constants + 4);
            four_rounds(&x, m.w2, constants + 8);
            four_rounds(&y, n.w2, constants + 8);
            four_rounds(&x, m.w3, constants + 12);
            four_rounds(&y, n.w3, constants + 12);
        }
        x = add_states(x_before, x);
        y = add_states(y_before, y);
    }
    store_state(first, x);
    store_state(second, y);
}

/// The digest is the message, already in words: 32 bytes, the 0x80 byte, and 256 bits of length.
SHA_EXTENSIONS static void hash_digest(uint32_t words[8]) {
    static const uint32_t padding[8] = {[0] = 0x80000000, [7] = 256};
    message_words message = {vld1q_u32(words), vld1q_u32(words + 4), vld1q_u32(padding), vld1q_u32(padding + 4)};
    store_state(words, compress_words(load_state(csha256_initial_state), message));
}

static const csha256_engine engine = {
    .name = "ARMv8 SHA-2",
    .compress = compress,
    .compress_two = compress_two,
    .hash_digest = hash_digest,
};

const csha256_engine *csha256_arm_engine(void) { return getauxval(AT_HWCAP) & HWCAP_SHA2 ? &engine : NULL; }

#else

const csha256_engine *csha256_arm_engine(void) { return NULL; }

#endif
