#include "server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server_options.h"

enum { waiting_connections = 4096 };

/// A write that waits, with its bytes.
typedef struct late_write {
    uv_write_t request;
    uint8_t bytes[];
} late_write;

static uv_loop_t *loop;
static const application *running;
static char read_buffer[read_size];

static void check(int status, const char *what) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
        exit(1);
    }
}

static void freed(uv_handle_t *handle) { free(handle); }

static void end(connection *connection) {
    if (!uv_is_closing((uv_handle_t *)&connection->tcp)) {
        uv_close((uv_handle_t *)&connection->tcp, freed);
    }
}

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(read_buffer, sizeof read_buffer);
}

static void was_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    connection *from = (connection *)stream;
    if (count < 0 || (count > 0 && !running->received(from, (const uint8_t *)buffer->base, (size_t)count))) {
        end(from);
    }
}

static void was_written(uv_write_t *request, int status) {
    uv_stream_t *stream = request->handle;
    free(request);
    if (status < 0 || uv_read_start(stream, lend_buffer, was_read) < 0) {
        end((connection *)stream);
    }
}

bool connection_send(connection *connection, const uint8_t *bytes, size_t length) {
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    uv_buf_t all = uv_buf_init((char *)bytes, (unsigned)length);
    int sent = uv_try_write(stream, &all, 1);
    if (sent == (int)length) {
        return true;
    }
    if (sent < 0 && sent != UV_EAGAIN) {
        return false;
    }
    size_t taken = sent < 0 ? 0 : (size_t)sent, left = length - taken;
    late_write *late = malloc(sizeof *late + left);
    if (late == NULL) {
        return false;
    }
    memcpy(late->bytes, bytes + taken, left);
    uv_buf_t rest = uv_buf_init((char *)late->bytes, (unsigned)left);
    uv_read_stop(stream);
    if (uv_write(&late->request, stream, &rest, 1, was_written) < 0) {
        free(late);
        return false;
    }
    return true;
}

static void accept_one(uv_stream_t *listener, int status) {
    check(status, "listen");
    connection *accepted = calloc(1, running->connection_size);
    if (accepted == NULL) {
        check(UV_ENOMEM, "calloc");
    }
    check(uv_tcp_init(loop, &accepted->tcp), "uv_tcp_init");
    if (uv_accept(listener, (uv_stream_t *)&accepted->tcp) < 0) {
        end(accepted);
        return;
    }
    uv_tcp_nodelay(&accepted->tcp, 1);
    if (uv_read_start((uv_stream_t *)&accepted->tcp, lend_buffer, was_read) < 0) {
        end(accepted);
    }
}

static void stop(uv_signal_t *handle, int number) {
    (void)number;
    uv_stop(handle->loop);
}

int serve(const application *application, uint16_t port) {
    running = application;
    raise_descriptor_limit();
    // libuv writes without MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN);
    loop = uv_default_loop();
    static uv_signal_t terminated, interrupted;
    check(uv_signal_init(loop, &terminated), "uv_signal_init");
    check(uv_signal_init(loop, &interrupted), "uv_signal_init");
    check(uv_signal_start(&terminated, stop, SIGTERM), "uv_signal_start");
    check(uv_signal_start(&interrupted, stop, SIGINT), "uv_signal_start");

    static uv_tcp_t listener;
    struct sockaddr_in address;
    int size = sizeof address;
    check(uv_ip4_addr("127.0.0.1", port, &address), "uv_ip4_addr");
    check(uv_tcp_init(loop, &listener), "uv_tcp_init");
    check(uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0), "bind");
    check(uv_listen((uv_stream_t *)&listener, waiting_connections, accept_one), "listen");
    check(uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &size), "getsockname");
    say_listening(ntohs(address.sin_port));
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
