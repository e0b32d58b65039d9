/// The one message of the framed benchmark, as Bitcoin Cash frames it: a 24-byte header, and a ping's or pong's nonce.
#ifndef PING_FRAME_H
#define PING_FRAME_H

#include <stdint.h>

typedef struct ping_frame {
    uint8_t magic[4];
    char command[12];
    uint32_t length;
    uint32_t checksum;
    uint8_t nonce[8];
} ping_frame;

_Static_assert(sizeof(ping_frame) == 32, "no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the header's integers are little-endian, and read in place");

#define FRAME_MAGIC {0xe3, 0xe1, 0xf3, 0xe8}

#endif
