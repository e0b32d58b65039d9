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

/// SHA-256 of `length` bytes at `data` (which may be null when `length` is 0).
void csha256_hash(const void *data, size_t length, uint8_t digest[32]);
/// SHA-256 of the SHA-256.
void csha256_double_hash(const void *data, size_t length, uint8_t digest[32]);
/// The first four bytes of the double hash, read as a little-endian integer.
uint32_t csha256_checksum(const void *data, size_t length);

void csha256_portable_hash(const void *data, size_t length, uint8_t digest[32]);
void csha256_portable_double_hash(const void *data, size_t length, uint8_t digest[32]);

void csha256_init(csha256_context *context);
/// As `csha256_init`, but this context never uses the SHA instructions.
void csha256_portable_init(csha256_context *context);
void csha256_update(csha256_context *context, const void *data, size_t length);
/// Ends the hash; the context must be initialised again before further use.
void csha256_final(csha256_context *context, uint8_t digest[32]);
/// Ends the hash and hashes the digest once more.
void csha256_final_double(csha256_context *context, uint8_t digest[32]);

#endif
