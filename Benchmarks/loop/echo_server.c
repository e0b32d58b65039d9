/// Sends back whatever arrives.
#include "epoll_server.h"

int main(int argc, char **argv) {
    static const application echo = {.connection_size = sizeof(connection), .received = connection_send};
    return serve(&echo, argc, argv);
}
