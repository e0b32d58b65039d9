/// One server or the other: both have the same `connection`, `application`, `connection_send` and `serve`.
#ifdef ON_LIBUV
#include "uv_server.h"
#else
#include "epoll_server.h"
#endif
