/// CSHA256 on a processor that is not this machine's: `make test-aarch64` cross-compiles and emulates it.
///
///     csha256-cross <engine> [hide]
///
/// `engine` is the name that must be reported. With `hide` the kernel seems not to know of the SHA-2 instructions, for
/// no emulated processor lacks them. Exit status 0 when all is well.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "csha256.h"

enum { longest = 1100, large = 1000000 };

static bool hides_sha2;
static int failures;

unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);

/// The linker sends the library's calls here.
unsigned long __wrap_getauxval(unsigned long type) {
    unsigned long value = __real_getauxval(type);
#if defined(__aarch64__)
    if (type == AT_HWCAP && hides_sha2) {
        value &= ~(unsigned long)HWCAP_SHA2;
    }
#endif
    return value;
}

static void expect_equal(const void *x, const void *y, size_t size, const char *what, size_t number) {
    if (memcmp(x, y, size) != 0) {
        printf("wrong: %s, %zu\n", what, number);
        failures++;
    }
}

/// Repeatable bytes without a pattern.
static void fill(uint8_t *bytes, size_t count) {
    uint64_t state = 20;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(state >> 56);
    }
}

typedef struct published_vector {
    const char *text;
    size_t repeats;
    const char *digest;
} published_vector;

/// FIPS 180-4's examples and NIST's additional ones.
static const published_vector published[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
     "mnopqrstnopqrstu",
     1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"\xbd", 1, "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
    {"\xc9\x8c\x8e\x55", 1, "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
    {"A", 1000, "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"},
    {"U", 1005, "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"},
    {"a", large, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void test_published(void) {
    static uint8_t message[large];
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        const published_vector *vector = &published[i];
        size_t size = strlen(vector->text), length = 0;
        for (size_t j = 0; j < vector->repeats; j++, length += size) {
            memcpy(message + length, vector->text, size);
        }
        uint8_t expected[32], digest[32];
        for (int j = 0; j < 32; j++) {
            char digits[3] = {vector->digest[2 * j], vector->digest[2 * j + 1]};
            expected[j] = (uint8_t)strtoul(digits, NULL, 16);
        }
        csha256_hash(message, length, digest);
        expect_equal(digest, expected, 32, "published vector", i);
        csha256_portable_hash(message, length, digest);
        expect_equal(digest, expected, 32, "published vector, portable", i);
        csha256_context context;
        csha256_init(&context);
        csha256_update(&context, message, length);
        csha256_final(&context, digest);
        expect_equal(digest, expected, 32, "published vector, incremental", i);
    }
}

static void test_lengths(const uint8_t *bytes) {
    for (size_t length = 0; length <= longest; length++) {
        uint8_t expected[32], digest[32];
        csha256_portable_hash(bytes, length, expected);
        csha256_hash(bytes, length, digest);
        expect_equal(digest, expected, 32, "hash of a length", length);

        // From its definition, and from the portable path's own.
        csha256_portable_hash(expected, 32, expected);
        csha256_double_hash(bytes, length, digest);
        expect_equal(digest, expected, 32, "double hash of a length", length);
        csha256_portable_double_hash(bytes, length, digest);
        expect_equal(digest, expected, 32, "portable double hash of a length", length);

        uint32_t checksum = csha256_checksum(bytes, length);
        uint8_t first[4] = {
            (uint8_t)checksum, (uint8_t)(checksum >> 8), (uint8_t)(checksum >> 16), (uint8_t)(checksum >> 24)};
        expect_equal(first, expected, 4, "checksum of a length", length);
    }
}

static void test_splits(const uint8_t *bytes) {
    for (size_t length = 0; length <= 260; length++) {
        uint8_t once[32], twice[32], digest[32];
        csha256_portable_hash(bytes, length, once);
        csha256_portable_double_hash(bytes, length, twice);
        for (size_t cut = 0; cut <= length; cut++) {
            csha256_context context;
            csha256_init(&context);
            csha256_update(&context, bytes, cut);
            csha256_update(&context, bytes + cut, length - cut);
            csha256_context copy = context;
            csha256_final(&context, digest);
            expect_equal(digest, once, 32, "hash of two parts", length);
            csha256_final_double(&copy, digest);
            expect_equal(digest, twice, 32, "double hash of two parts", length);
        }
    }
}

static void test_many(const uint8_t *bytes) {
    enum { count = 7 };
    for (size_t length = 0; length <= longest; length++) {
        for (size_t stride = length; stride <= length + 1; stride++) {
            uint8_t digests[count * 32], expected[count * 32];
            for (size_t i = 0; i < count; i++) {
                csha256_portable_double_hash(bytes + stride * i, length, expected + 32 * i);
            }
            csha256_double_hash_many(bytes, stride, length, count, digests);
            expect_equal(digests, expected, sizeof digests, "many of a length", length);
            csha256_portable_double_hash_many(bytes, stride, length, count, digests);
            expect_equal(digests, expected, sizeof digests, "many of a length, portable", length);
        }
    }
}

static void test_in_place(const uint8_t *bytes) {
    enum { most = 20 };
    for (size_t pairs = 0; pairs <= most; pairs++) {
        uint8_t level[most * 64], expected[most * 64];
        memcpy(level, bytes, sizeof level);
        memcpy(expected, bytes, sizeof expected);
        for (size_t i = 0; i < pairs; i++) {
            csha256_portable_double_hash(bytes + 64 * i, 64, expected + 32 * i);
        }
        csha256_double_hash_many(level, 64, 64, pairs, level);
        expect_equal(level, expected, sizeof level, "merkle level in place", pairs);
    }
}

static void test_ranges(const uint8_t *bytes) {
    enum { most = 40 };
    uint8_t randoms[2 * most];
    fill(randoms, sizeof randoms);
    for (size_t count = 0; count <= most; count++) {
        uint32_t starts[most + 1] = {(uint32_t)count};
        uint8_t digests[most * 32], expected[most * 32];
        for (size_t i = 0; i < count; i++) {
            starts[i + 1] = starts[i] + (randoms[count + i] % 4 == 0 ? randoms[i] * 5u : randoms[i] % 130u);
            csha256_portable_double_hash(bytes + starts[i], starts[i + 1] - starts[i], expected + 32 * i);
        }
        csha256_double_hash_ranges(bytes, starts, count, digests);
        expect_equal(digests, expected, 32 * count, "ranges", count);
        csha256_portable_double_hash_ranges(bytes, starts, count, digests);
        expect_equal(digests, expected, 32 * count, "ranges, portable", count);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: csha256-cross <engine> [hide]\n");
        return 2;
    }
    hides_sha2 = argc > 2 && strcmp(argv[2], "hide") == 0;
    if (strcmp(csha256_engine_name(), argv[1]) != 0) {
        printf("wrong: the engine is \"%s\", not \"%s\"\n", csha256_engine_name(), argv[1]);
        failures++;
    }
    static uint8_t bytes[64 * 1024];
    fill(bytes, sizeof bytes);
    test_published();
    test_lengths(bytes);
    test_splits(bytes);
    test_many(bytes);
    test_in_place(bytes);
    test_ranges(bytes);
    printf("%s: %s\n", csha256_engine_name(), failures == 0 ? "all agree" : "failed");
    return failures == 0 ? 0 : 1;
}
