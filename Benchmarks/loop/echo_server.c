/// Sends back whatever arrives.
#include "server.h"
#include "server_options.h"

typedef struct choosing_connection {
    connection connection;
    enum { undecided, echoed, discarded } kind;
} choosing_connection;

static bool echo_or_discard(connection *connection, const uint8_t *bytes, size_t length) {
    choosing_connection *self = (choosing_connection *)connection;
    if (self->kind == undecided) {
        self->kind = bytes[0] == discard_marker ? discarded : echoed;
    }
    return self->kind == discarded || connection_send(connection, bytes, length);
}

int main(int argc, char **argv) {
    static const application echo = {.connection_size = sizeof(connection), .received = connection_send};
    static const application choosing = {.connection_size = sizeof(choosing_connection), .received = echo_or_discard};
    server_options options = parse_server_options(argc, argv, true);
    return serve(options.discards ? &choosing : &echo, options.port);
}
