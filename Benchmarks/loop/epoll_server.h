/// What the two C servers share: one thread, level-triggered epoll, one read and at most one send per event.
///
/// They are the yardstick that PeerLoop is held against, so nothing here is done that an application need not do.
#ifndef EPOLL_SERVER_H
#define EPOLL_SERVER_H

#include <stddef.h>
#include <stdint.h>

/// One accepted socket. An application that keeps more per connection makes this the first member of its own struct.
typedef struct connection {
    int fd;
    /// What the kernel would not take; null nearly always. While there is some, the connection is not read.
    uint8_t *pending;
    size_t pending_start, pending_end;
} connection;

#endif
