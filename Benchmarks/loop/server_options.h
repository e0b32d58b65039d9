/// What the C servers share before they serve.
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct server_options {
    uint16_t port;
    /// A connection whose first byte is `discard_marker` is read and never answered.
    bool discards;
} server_options;

enum { discard_marker = 0 };

/// Reads `--port N` and, where there is something to discard, `--discard`; ends with the usage and status 2 otherwise.
server_options parse_server_options(int argc, char **argv, bool may_discard);

/// Allows as many descriptors as the system does.
void raise_descriptor_limit(void);

/// Tells whoever started the server where it listens.
void say_listening(uint16_t port);

#endif
