/// What the two libuv servers share: one loop, one buffer that every connection reads into, and a write that is tried
/// at once and queued by libuv only where the kernel would not take it all.
#ifndef UV_SERVER_H
#define UV_SERVER_H

#include <uv.h>

/// One accepted socket. An application that keeps more per connection makes this the first member of its own struct.
typedef struct connection {
    uv_tcp_t tcp;
} connection;

#endif
