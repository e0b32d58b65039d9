#include "csha256.h"
#include "csha256_internal.h"

/// The messages of one call, and which of them is next.
typedef struct message_list {
    const uint8_t *base;
    /// Where each message starts and the last one ends, or null when all are `length` bytes, `stride` apart.
    const uint32_t *starts;
    size_t stride, length;
    size_t next, count;
    uint8_t *digests;
} message_list;

typedef enum lane_step { step_whole_blocks, step_end, step_digest } lane_step;

/// A message on its way. Two lanes advance side by side, and one that is done with its message takes the next from the
/// list, so that both are busy until the list runs out.
typedef struct lane {
    uint32_t state[8];
    /// Blocks to be fed in this step.
    const uint8_t *blocks;
    size_t count;
    uint8_t *digest;
    lane_step step;
    size_t end_count;
    /// The padded end of the message, made when the message is begun: by the time it is read, its stores are long done.
    _Alignas(16) uint8_t end[2 * csha256_block_size];
    /// The digest as a message: 32 bytes, the 0x80 byte, and 256 bits of length.
    _Alignas(16) uint8_t digest_block[csha256_block_size];
} lane;

static inline const uint8_t *message_at(const message_list *list, size_t index, size_t *length) {
    if (list->starts == NULL) {
        *length = list->length;
        return list->base + index * list->stride;
    }
    *length = list->starts[index + 1] - list->starts[index];
    return list->base + list->starts[index];
}

static inline void take(lane *lane, lane_step step, const uint8_t *blocks, size_t count) {
    lane->step = step;
    lane->blocks = blocks;
    lane->count = count;
}

/// Takes the next message of the list; false when there is none.
static bool begin(lane *lane, message_list *list) {
    if (list->next == list->count) {
        return false;
    }
    size_t length;
    const uint8_t *data = message_at(list, list->next, &length);
    lane->digest = list->digests + list->next * csha256_digest_size;
    list->next++;
    memcpy(lane->state, csha256_initial_state, sizeof csha256_initial_state);
    size_t whole = length / csha256_block_size;
    lane->end_count = csha256_pad(lane->end, data + whole * csha256_block_size, length);
    if (whole > 0) {
        take(lane, step_whole_blocks, data, whole);
    } else {
        take(lane, step_end, lane->end, lane->end_count);
    }
    return true;
}

/// Counts `count` blocks as fed and finds what is next for the lane; false when nothing is.
static inline bool advance(lane *lane, size_t count, message_list *list) {
    lane->blocks += count * csha256_block_size;
    lane->count -= count;
    if (lane->count > 0) {
        return true;
    }
    switch (lane->step) {
    case step_whole_blocks:
        take(lane, step_end, lane->end, lane->end_count);
        return true;
    case step_end:
        csha256_store_words(lane->digest_block, lane->state);
        memcpy(lane->state, csha256_initial_state, sizeof csha256_initial_state);
        take(lane, step_digest, lane->digest_block, 1);
        return true;
    case step_digest:
        csha256_store_words(lane->digest, lane->state);
        return begin(lane, list);
    }
    return false;
}

static void finish(const csha256_engine *engine, lane *lane, message_list *list) {
    size_t count;
    do {
        count = lane->count;
        engine->compress(lane->state, lane->blocks, count);
    } while (advance(lane, count, list));
}

static void double_hash_in_pairs(const csha256_engine *engine, message_list *list) {
    lane first = {.digest_block = {[32] = 0x80, [62] = 1}}, second = first;
    bool more_first = begin(&first, list), more_second = begin(&second, list);
    while (more_first && more_second) {
        size_t count = first.count < second.count ? first.count : second.count;
        engine->compress_two(first.state, first.blocks, second.state, second.blocks, count);
        more_first = advance(&first, count, list);
        more_second = advance(&second, count, list);
    }
    if (more_first) {
        finish(engine, &first, list);
    } else if (more_second) {
        finish(engine, &second, list);
    }
}

static void double_hash_list(const csha256_engine *engine, message_list *list) {
    if (engine->compress_two != NULL && list->count > 1) {
        double_hash_in_pairs(engine, list);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        uint32_t state[8];
        size_t length;
        const uint8_t *data = message_at(list, i, &length);
        csha256_double_hash_words(engine, data, length, state);
        csha256_store_words(list->digests + i * csha256_digest_size, state);
    }
}

static void many(
    const csha256_engine *engine, const void *data, size_t stride, size_t length, size_t count, uint8_t *digests) {
    message_list list = {.base = data, .stride = stride, .length = length, .count = count, .digests = digests};
    double_hash_list(engine, &list);
}

static void ranges(
    const csha256_engine *engine, const void *base, const uint32_t *starts, size_t count, uint8_t *digests) {
    message_list list = {.base = base, .starts = starts, .count = count, .digests = digests};
    double_hash_list(engine, &list);
}

void csha256_double_hash_many(const void *data, size_t stride, size_t length, size_t count, uint8_t *digests) {
    many(csha256_best_engine(), data, stride, length, count, digests);
}

void csha256_double_hash_ranges(const void *base, const uint32_t *starts, size_t count, uint8_t *digests) {
    ranges(csha256_best_engine(), base, starts, count, digests);
}

void csha256_portable_double_hash_many(const void *data, size_t stride, size_t length, size_t count, uint8_t *digests) {
    many(&csha256_portable_engine, data, stride, length, count, digests);
}

void csha256_portable_double_hash_ranges(const void *base, const uint32_t *starts, size_t count, uint8_t *digests) {
    ranges(&csha256_portable_engine, base, starts, count, digests);
}
