/// Answers each framed ping with a pong. Anything else ends the connection.
#include "ping_answers.h"
#include "server.h"
#include "server_options.h"

typedef struct ping_connection {
    connection connection;
    ping_stream stream;
} ping_connection;

static bool received(connection *connection, const uint8_t *bytes, size_t length) {
    static uint8_t replies[read_size + sizeof(ping_frame)];
    ptrdiff_t count = ping_answers(&((ping_connection *)connection)->stream, bytes, length, replies);
    return count == 0 || (count > 0 && connection_send(connection, replies, (size_t)count));
}

int main(int argc, char **argv) {
    static const application ping = {.connection_size = sizeof(ping_connection), .received = received};
    return serve(&ping, parse_server_options(argc, argv, false).port);
}
