/// One server or the other: what an application sees of both is the same.
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef ON_LIBUV
#include "uv_server.h"
#else
#include "epoll_server.h"
#endif

enum { read_size = 64 * 1024 };

typedef struct application {
    /// The size of the application's own struct; it starts out zeroed but for the `connection`.
    size_t connection_size;
    /// Handles what one read brought, at most `read_size` bytes; false ends the connection. Sends at most once.
    bool (*received)(connection *connection, const uint8_t *bytes, size_t length);
} application;

/// Sends, keeping what does not fit for later; while there is some, the connection is not read. False when it is dead.
bool connection_send(connection *connection, const uint8_t *bytes, size_t length);

/// Serves on 127.0.0.1 (port 0: any free one) until SIGTERM or SIGINT; the result is the exit status.
int serve(const application *application, uint16_t port);

#endif
