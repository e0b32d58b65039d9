/// SHA-256 and double SHA-256 for message checksums and block and transaction hashes (FIPS 180-4).
///
/// Why this is here: the checksum is the largest single cost of a small message, and one-shot calls without an
/// allocation are not offered by general libraries. `csha256_*` picks the processor's SHA instructions when it has
/// them (asked of the processor once, at run time) and portable C otherwise. `csha256_portable_*` never use them.
#ifndef CSHA256_H
#define CSHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The state of an incremental hash: 112 bytes, no pointer inside, may be copied.
typedef struct csha256_context {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
    bool portable;
} csha256_context;

/// True when this processor has the SHA instructions and the fast path is in use.
bool csha256_is_accelerated(void);

/// What hashes here: "x86 SHA extensions", "ARMv8 SHA-2" or "portable".
const char *csha256_engine_name(void);

/// SHA-256 of `length` bytes at `data` (which may be null when `length` is 0).
void csha256_hash(const void *data, size_t length, uint8_t digest[32]);
/// SHA-256 of the SHA-256.
void csha256_double_hash(const void *data, size_t length, uint8_t digest[32]);
/// The first four bytes of the double hash, read as a little-endian integer.
uint32_t csha256_checksum(const void *data, size_t length);

/// The double hashes of `count` messages of `length` bytes each, one every `stride` bytes from `data` on, to `digests`,
/// 32 bytes each. Two at a time where the processor gains by it: cheaper than one call for each.
///
/// A level of a merkle tree may become the next in place: `digests` may equal `data` when `stride` is 32 or more.
/// Otherwise the two must not overlap. With `count` 0 nothing is touched.
void csha256_double_hash_many(const void *data, size_t stride, size_t length, size_t count, uint8_t *digests);

/// The double hashes of `count` messages that lie end to end, such as the transactions of a block: message i is the
/// bytes from `starts[i]` up to `starts[i + 1]`, counted from `base`, so that `starts` has `count + 1` entries and they
/// never go down. To `digests`, 32 bytes each, which must not overlap the messages. Two at a time as above, whatever
/// their lengths. With `count` 0 nothing is touched and `starts` is not read.
void csha256_double_hash_ranges(const void *base, const uint32_t *starts, size_t count, uint8_t *digests);

void csha256_portable_hash(const void *data, size_t length, uint8_t digest[32]);
void csha256_portable_double_hash(const void *data, size_t length, uint8_t digest[32]);
void csha256_portable_double_hash_many(const void *data, size_t stride, size_t length, size_t count, uint8_t *digests);
void csha256_portable_double_hash_ranges(const void *base, const uint32_t *starts, size_t count, uint8_t *digests);

void csha256_init(csha256_context *context);
/// As `csha256_init`, but this context never uses the SHA instructions.
void csha256_portable_init(csha256_context *context);
void csha256_update(csha256_context *context, const void *data, size_t length);
/// Ends the hash; the context must be initialised again before further use.
void csha256_final(csha256_context *context, uint8_t digest[32]);
/// Ends the hash and hashes the digest once more.
void csha256_final_double(csha256_context *context, uint8_t digest[32]);

#endif
