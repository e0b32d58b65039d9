#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "ping_frame.h"
#include "traffic.h"

/// A framed ping suits both kinds of server: one echoes it, the other answers with its pong.
void probe(const traffic *traffic, int fd, size_t index) {
    const uint8_t *request = traffic->requests + traffic_start(traffic, index);
    const uint8_t *pong = traffic->answers + traffic_start(traffic, index);
    uint8_t answer[sizeof(ping_frame)];
    if (send(fd, request, sizeof answer, MSG_NOSIGNAL) != sizeof answer) {
        fail("connection %zu broke while sending: %s", index, strerror(errno));
    }
    ssize_t count = recv(fd, answer, sizeof answer, MSG_WAITALL);
    if (count != sizeof answer) {
        fail("connection %zu broke or was not answered: %s", index, count < 0 ? strerror(errno) : "it was closed");
    }
    if (memcmp(answer, request, sizeof answer) != 0 && memcmp(answer, pong, sizeof answer) != 0) {
        fail("connection %zu: the answer is neither its ping nor the pong", index);
    }
}

/// Connections wait in the listener's queue in order: when the newest is answered, all before it have been accepted.
/// Asking once every `window` connections keeps that queue from overflowing, and costs one message in as many.
void run_connect_storm(const options *options) {
    traffic traffic = make_traffic(mode_ping, sizeof(ping_frame), sizeof(ping_frame));
    int *sockets = calloc(options->connections, sizeof *sockets);
    if (sockets == NULL) {
        fail("out of memory for %zu connections", options->connections);
    }

    uint64_t start = now_ns(), cpu = server_cpu_ns(options->server_pid);
    for (size_t i = 0; i < options->connections; i++) {
        sockets[i] = connect_to(&options->target);
        if ((i + 1) % options->window == 0 || i + 1 == options->connections) {
            probe(&traffic, sockets[i], i);
        }
    }
    double seconds = (double)(now_ns() - start) / 1e9;
    cpu = server_cpu_ns(options->server_pid) - cpu;

    // Not timed: every connection was accepted for good.
    for (size_t i = 0; i < options->connections; i++) {
        probe(&traffic, sockets[i], i);
    }
    for (size_t i = 0; i < options->connections; i++) {
        close(sockets[i]);
    }
    double connections = (double)options->connections;
    printf(
        "{\"connections\":%.0f,\"seconds\":%.3f,\"connections_per_second\":%.0f,"
        "\"server_cpu_ns_per_connection\":%.1f}\n",
        connections, seconds, connections / seconds, (double)cpu / connections);
}
