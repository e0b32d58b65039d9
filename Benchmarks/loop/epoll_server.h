/// What the two C servers share: one thread, level-triggered epoll, one read and at most one send per event.
///
/// They are the yardstick that PeerLoop is held against, so nothing here is done that an application need not do.
#ifndef EPOLL_SERVER_H
#define EPOLL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { read_size = 64 * 1024 };

/// One accepted socket. An application that keeps more per connection makes this the first member of its own struct.
typedef struct connection {
    int fd;
    /// What the kernel would not take; null nearly always. While there is some, the connection is not read.
    uint8_t *pending;
    size_t pending_start, pending_end;
} connection;

typedef struct application {
    /// The size of the application's own struct; it starts out zeroed but for the `connection`.
    size_t connection_size;
    /// Handles what one read brought, at most `read_size` bytes; false ends the connection. Sends at most once.
    bool (*received)(connection *connection, const uint8_t *bytes, size_t length);
} application;

/// Sends, keeping what does not fit for later; false when the connection is dead.
bool connection_send(connection *connection, const uint8_t *bytes, size_t length);

/// Serves on 127.0.0.1 (port 0: any free one) until SIGTERM or SIGINT; the result is the exit status.
int serve(const application *application, uint16_t port);

#endif
