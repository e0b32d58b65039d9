#include "csha256_internal.h"

const uint32_t csha256_initial_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

_Alignas(64) const uint32_t csha256_round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }
static inline uint32_t big_sigma0(uint32_t x) { return rotate(x, 2) ^ rotate(x, 13) ^ rotate(x, 22); }
static inline uint32_t big_sigma1(uint32_t x) { return rotate(x, 6) ^ rotate(x, 11) ^ rotate(x, 25); }
static inline uint32_t small_sigma0(uint32_t x) { return rotate(x, 7) ^ rotate(x, 18) ^ (x >> 3); }
static inline uint32_t small_sigma1(uint32_t x) { return rotate(x, 17) ^ rotate(x, 19) ^ (x >> 10); }
static inline uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); }
static inline uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) | (z & (x | y)); }

/// One round. Its caller renames the variables from call to call rather than move them.
__attribute__((always_inline)) static inline void round_step(
    uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g, uint32_t *h, uint32_t input) {
    uint32_t sum = *h + big_sigma1(e) + choose(e, f, g) + input;
    *d += sum;
    *h = sum + big_sigma0(a) + majority(a, b, c);
}

/// The sixty-four rounds on the sixteen message words `w`, which hold the running schedule and end up overwritten.
static void compress_words(uint32_t state[8], uint32_t w[16]) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    for (int i = 0; i < 64; i += 16) {
        if (i > 0) {
            for (int t = 0; t < 16; t++) {
                w[t] += small_sigma1(w[(t + 14) & 15]) + w[(t + 9) & 15] + small_sigma0(w[(t + 1) & 15]);
            }
        }
        for (int t = 0; t < 16; t += 8) {
            const uint32_t *k = csha256_round_constants + i + t;
            round_step(a, b, c, &d, e, f, g, &h, k[0] + w[t + 0]);
            round_step(h, a, b, &c, d, e, f, &g, k[1] + w[t + 1]);
            round_step(g, h, a, &b, c, d, e, &f, k[2] + w[t + 2]);
            round_step(f, g, h, &a, b, c, d, &e, k[3] + w[t + 3]);
            round_step(e, f, g, &h, a, b, c, &d, k[4] + w[t + 4]);
            round_step(d, e, f, &g, h, a, b, &c, k[5] + w[t + 5]);
            round_step(c, d, e, &f, g, h, a, &b, k[6] + w[t + 6]);
            round_step(b, c, d, &e, f, g, h, &a, k[7] + w[t + 7]);
        }
    }

    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

static void compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += csha256_block_size) {
        uint32_t w[16];
        memcpy(w, blocks, sizeof w);
        for (int i = 0; i < 16; i++) {
            w[i] = be32toh(w[i]);
        }
        compress_words(state, w);
    }
}

static void hash_digest(uint32_t state[8]) {
    // The digest is the message, already in words: 32 bytes, the 0x80 byte, and 256 bits of length.
    uint32_t w[16] = {[8] = 0x80000000, [15] = 256};
    memcpy(w, state, csha256_digest_size);
    memcpy(state, csha256_initial_state, sizeof csha256_initial_state);
    compress_words(state, w);
}

const csha256_engine csha256_portable_engine = {
    .name = "portable",
    .compress = compress,
    .hash_digest = hash_digest,
};
