/// What the two libuv servers share: one loop, one buffer that every connection reads into, and a write that is tried
/// at once and queued by libuv only where the kernel would not take it all.
#ifndef UV_SERVER_H
#define UV_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { read_size = 64 * 1024 };

/// One accepted socket. An application that keeps more per connection makes this the first member of its own struct.
typedef struct connection {
    uv_tcp_t tcp;
} connection;

typedef struct application {
    /// The size of the application's own struct; it starts out zeroed but for the `connection`.
    size_t connection_size;
    /// Handles what one read brought, at most `read_size` bytes; false ends the connection. Sends at most once.
    bool (*received)(connection *connection, const uint8_t *bytes, size_t length);
} application;

/// Sends, keeping what does not fit for later, while the connection is not read; false when it is dead.
bool connection_send(connection *connection, const uint8_t *bytes, size_t length);

/// Serves on 127.0.0.1 (port 0: any free one) until SIGTERM or SIGINT; the result is the exit status.
int serve(const application *application, uint16_t port);

#endif
