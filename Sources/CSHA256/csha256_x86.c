#include "csha256_internal.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/// The package is built for the baseline processor, so only these functions may hold the instructions, and they run
/// only once the processor has been asked.
#define SHA_EXTENSIONS __attribute__((target("sha,sse4.1,ssse3")))
#define SHA_INLINE SHA_EXTENSIONS __attribute__((always_inline)) static inline

/// The hash state in the order the instructions want it, most significant lane first: A B E F and C D G H.
typedef struct hash_state {
    __m128i abef, cdgh;
} hash_state;

/// Sixteen message words; lane 0 of `w0` is the first.
typedef struct message_words {
    __m128i w0, w1, w2, w3;
} message_words;

SHA_INLINE hash_state initial_state(void) {
    return (hash_state){
        .abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
        .cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19),
    };
}

SHA_INLINE hash_state add_states(hash_state x, hash_state y) {
    return (hash_state){_mm_add_epi32(x.abef, y.abef), _mm_add_epi32(x.cdgh, y.cdgh)};
}

/// From words A...H in memory order to the order of the instructions.
SHA_INLINE hash_state from_words(__m128i abcd, __m128i efgh) {
    __m128i badc = _mm_shuffle_epi32(abcd, 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    return (hash_state){_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

SHA_INLINE void to_words(hash_state state, __m128i *abcd, __m128i *efgh) {
    __m128i feba = _mm_shuffle_epi32(state.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(state.cdgh, 0xb1);
    *abcd = _mm_blend_epi16(feba, dchg, 0xf0);
    *efgh = _mm_alignr_epi8(dchg, feba, 8);
}

SHA_INLINE hash_state load_words(const uint32_t words[8]) {
    const __m128i *lanes = (const __m128i *)words;
    return from_words(_mm_loadu_si128(lanes), _mm_loadu_si128(lanes + 1));
}

SHA_INLINE void store_words(uint32_t words[8], hash_state state) {
    __m128i *lanes = (__m128i *)words;
    __m128i abcd, efgh;
    to_words(state, &abcd, &efgh);
    _mm_storeu_si128(lanes, abcd);
    _mm_storeu_si128(lanes + 1, efgh);
}

/// Message words are big-endian in the stream.
SHA_INLINE __m128i swap_words(__m128i bytes) {
    return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

SHA_INLINE void four_rounds(hash_state *state, __m128i words, const uint32_t *constants) {
    __m128i input = _mm_add_epi32(words, _mm_load_si128((const __m128i *)constants));
    state->cdgh = _mm_sha256rnds2_epu32(state->cdgh, state->abef, input);
    state->abef = _mm_sha256rnds2_epu32(state->abef, state->cdgh, _mm_shuffle_epi32(input, 0x0e));
}

/// The next four words of the schedule, from the sixteen before them.
SHA_INLINE __m128i schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

SHA_INLINE void scheduled_rounds(hash_state *state, message_words *m, const uint32_t *constants) {
    m->w0 = schedule(m->w0, m->w1, m->w2, m->w3);
    four_rounds(state, m->w0, constants);
    m->w1 = schedule(m->w1, m->w2, m->w3, m->w0);
    four_rounds(state, m->w1, constants + 4);
    m->w2 = schedule(m->w2, m->w3, m->w0, m->w1);
    four_rounds(state, m->w2, constants + 8);
    m->w3 = schedule(m->w3, m->w0, m->w1, m->w2);
    four_rounds(state, m->w3, constants + 12);
}

/// As `scheduled_rounds`, in step for two streams.
SHA_INLINE void scheduled_rounds_of_two(
    hash_state *x, message_words *m, hash_state *y, message_words *n, const uint32_t *constants) {
    m->w0 = schedule(m->w0, m->w1, m->w2, m->w3);
    n->w0 = schedule(n->w0, n->w1, n->w2, n->w3);
    four_rounds(x, m->w0, constants);
    four_rounds(y, n->w0, constants);
    m->w1 = schedule(m->w1, m->w2, m->w3, m->w0);
    n->w1 = schedule(n->w1, n->w2, n->w3, n->w0);
    four_rounds(x, m->w1, constants + 4);
    four_rounds(y, n->w1, constants + 4);
    m->w2 = schedule(m->w2, m->w3, m->w0, m->w1);
    n->w2 = schedule(n->w2, n->w3, n->w0, n->w1);
    four_rounds(x, m->w2, constants + 8);
    four_rounds(y, n->w2, constants + 8);
    m->w3 = schedule(m->w3, m->w0, m->w1, m->w2);
    n->w3 = schedule(n->w3, n->w0, n->w1, n->w2);
    four_rounds(x, m->w3, constants + 12);
    four_rounds(y, n->w3, constants + 12);
}

SHA_INLINE hash_state compress_words(hash_state before, message_words m) {
    hash_state state = before;
    four_rounds(&state, m.w0, csha256_round_constants);
    four_rounds(&state, m.w1, csha256_round_constants + 4);
    four_rounds(&state, m.w2, csha256_round_constants + 8);
    four_rounds(&state, m.w3, csha256_round_constants + 12);
    scheduled_rounds(&state, &m, csha256_round_constants + 16);
    scheduled_rounds(&state, &m, csha256_round_constants + 32);
    scheduled_rounds(&state, &m, csha256_round_constants + 48);
    return add_states(before, state);
}

SHA_INLINE message_words load_block(const uint8_t *block) {
    const __m128i *lanes = (const __m128i *)block;
    return (message_words){
        swap_words(_mm_loadu_si128(lanes)),
        swap_words(_mm_loadu_si128(lanes + 1)),
        swap_words(_mm_loadu_si128(lanes + 2)),
        swap_words(_mm_loadu_si128(lanes + 3)),
    };
}

SHA_EXTENSIONS static void compress(uint32_t words[8], const uint8_t *blocks, size_t count) {
    hash_state state = load_words(words);
    for (; count > 0; count--, blocks += csha256_block_size) {
        state = compress_words(state, load_block(blocks));
    }
    store_words(words, state);
}

/// A round needs the one before it, and the processor has time for another stream's meanwhile.
SHA_EXTENSIONS static void compress_two(
    uint32_t first[8], const uint8_t *first_blocks, uint32_t second[8], const uint8_t *second_blocks, size_t count) {
    hash_state x = load_words(first), y = load_words(second);
    for (; count > 0; count--, first_blocks += csha256_block_size, second_blocks += csha256_block_size) {
        hash_state x_before = x, y_before = y;
        message_words m = load_block(first_blocks), n = load_block(second_blocks);
        const uint32_t *constants = csha256_round_constants;
        four_rounds(&x, m.w0, constants);
        four_rounds(&y, n.w0, constants);
        four_rounds(&x, m.w1, constants + 4);
        four_rounds(&y, n.w1, constants + 4);
        four_rounds(&x, m.w2, constants + 8);
        four_rounds(&y, n.w2, constants + 8);
        four_rounds(&x, m.w3, constants + 12);
        four_rounds(&y, n.w3, constants + 12);
        scheduled_rounds_of_two(&x, &m, &y, &n, constants + 16);
        scheduled_rounds_of_two(&x, &m, &y, &n, constants + 32);
        scheduled_rounds_of_two(&x, &m, &y, &n, constants + 48);
        x = add_states(x_before, x);
        y = add_states(y_before, y);
    }
    store_words(first, x);
    store_words(second, y);
}

/// The hash of a digest that is still in words: 32 bytes of message, the 0x80 byte, and 256 bits of length.
SHA_INLINE hash_state hash_of_words(__m128i abcd, __m128i efgh) {
    message_words message = {abcd, efgh, _mm_set_epi32(0, 0, 0, INT32_MIN), _mm_set_epi32(256, 0, 0, 0)};
    return compress_words(initial_state(), message);
}

SHA_EXTENSIONS static void hash_digest(uint32_t words[8]) {
    const __m128i *lanes = (const __m128i *)words;
    store_words(words, hash_of_words(_mm_loadu_si128(lanes), _mm_loadu_si128(lanes + 1)));
}

/// Fewer than sixteen bytes, as the low end of a zeroed lane, without reading beyond them: two reads that overlap.
SHA_INLINE __m128i load_few(const uint8_t *data, size_t count) {
    if (count >= 8) {
        uint64_t low, high;
        memcpy(&low, data, 8);
        memcpy(&high, data + count - 8, 8);
        return _mm_set_epi64x((long long)(high >> 8 * (15 - count) >> 8), (long long)low);
    }
    if (count >= 4) {
        uint32_t low, high;
        memcpy(&low, data, 4);
        memcpy(&high, data + count - 4, 4);
        return _mm_cvtsi64_si128((long long)(low | (uint64_t)high << 8 * (count - 4)));
    }
    if (count > 0) {
        uint32_t first = data[0], middle = data[count / 2], last = data[count - 1];
        return _mm_cvtsi32_si128((int)(first | middle << 8 * (count / 2) | last << 8 * (count - 1)));
    }
    return _mm_setzero_si128();
}

/// The last, partly filled lane of a message, with the 0x80 byte that follows the message.
SHA_INLINE __m128i last_lane(const uint8_t *data, size_t length) {
    // Read from an offset, the first moves the high bytes of a lane to its low end (0x80 selects zero), and the second
    // is a lane with 0x80 in the wanted place.
    static const uint8_t move_down[32] = {
        0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    };
    static const uint8_t marker[32] = {[16] = 0x80};

    size_t rest = length % 16;
    __m128i bytes;
    if (length < 16) {
        bytes = load_few(data, length);
    } else {
        __m128i selection = _mm_loadu_si128((const __m128i *)(move_down + 16 - rest));
        bytes = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + length - 16)), selection);
    }
    return _mm_or_si128(bytes, _mm_loadu_si128((const __m128i *)(marker + 16 - rest)));
}

/// The end of a message of `length` bytes: what does not fill a block, the 0x80 byte, and zeros. Copying the bytes to a
/// buffer and reading it back would make the rounds wait, for narrow stores are not forwarded to a wide load.
SHA_INLINE message_words last_block(const uint8_t *data, size_t length) {
    __m128i lanes[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    size_t used = length % csha256_block_size, whole = used / 16;
    for (size_t i = 0; i < whole; i++) {
        lanes[i] = _mm_loadu_si128((const __m128i *)(data + length - used + 16 * i));
    }
    lanes[whole] = last_lane(data, length);
    return (message_words){swap_words(lanes[0]), swap_words(lanes[1]), swap_words(lanes[2]), swap_words(lanes[3])};
}

SHA_EXTENSIONS static void double_hash(const uint8_t *data, size_t length, uint32_t words[8]) {
    hash_state state = initial_state();
    for (size_t i = 0; i < length / csha256_block_size; i++) {
        state = compress_words(state, load_block(data + i * csha256_block_size));
    }
    message_words last = last_block(data, length);
    if (length % csha256_block_size > csha256_short_limit) {
        state = compress_words(state, last);
        last = (message_words){_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    }
    uint64_t bits = (uint64_t)length << 3;
    last.w3 = _mm_or_si128(last.w3, _mm_set_epi32((int)bits, (int)(bits >> 32), 0, 0));
    state = compress_words(state, last);

    __m128i abcd, efgh;
    to_words(state, &abcd, &efgh);
    store_words(words, hash_of_words(abcd, efgh));
}

static const csha256_engine engine = {
    .name = "x86 SHA extensions",
    .compress = compress,
    .compress_two = compress_two,
    .hash_digest = hash_digest,
    .double_hash = double_hash,
};

const csha256_engine *csha256_x86_engine(void) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_SSSE3) || !(ecx & bit_SSE4_1)) {
        return NULL;
    }
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & bit_SHA)) {
        return NULL;
    }
    return &engine;
}

#else

const csha256_engine *csha256_x86_engine(void) { return NULL; }

#endif
