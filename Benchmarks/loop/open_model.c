/// An open model: messages are due at random times whose mean rate is fixed, whatever became of those before, and each
/// is timed from when it was due, so that a server that stalls is charged for all who would have asked meanwhile.
///
/// One thread sends, receives and floods, and never sleeps. A flood from a thread of its own on the same processor
/// would hold up the client by slices of milliseconds, for which the server would have to answer; here one send of the
/// flood at most lies between two looks at what is due or has come. How late the client was in sending is reported.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "client.h"
#include "histogram.h"
#include "server_options.h"

enum {
    events_per_wait = 64,
    most_unanswered = 64,
    stall_seconds = 10,
    flood_slice = 32 * 1024,
    /// What the flood may catch up with at once, after a time in which it could not send.
    flood_arrears = 256 * 1024,
};

/// Its first byte is not the one that has a server discard the connection.
typedef struct message {
    uint64_t marker, connection, sequence, mix;
} message;

static const uint64_t marker = 0x6f70656e6f70656e;

typedef struct scheduled_connection {
    int fd;
    size_t index;
    uint64_t asked, answered;
    /// When each unanswered message was due; a ring over `answered` and `asked`.
    uint64_t due[most_unanswered];
    uint8_t partial[sizeof(message)];
    size_t partial_length;
} scheduled_connection;

typedef struct phase {
    histogram latencies, lateness;
    uint64_t flood_bytes, unanswered, last_answer;
} phase;

static struct {
    const options *options;
    int epoll_fd, flood_fd;
    scheduled_connection *connections;
    uint64_t random;
    double flood_credit;
    uint64_t credited_at;
} model;

static uint64_t next_random(void) {
    model.random ^= model.random << 13;
    model.random ^= model.random >> 7;
    model.random ^= model.random << 17;
    return model.random * 0x2545f4914f6cdd1d;
}

/// Until the next message is due: exponential, so that nothing falls into step with anything.
static uint64_t next_interval(void) {
    double uniform = (double)((next_random() >> 11) + 1) * 0x1p-53;
    return (uint64_t)(-log(uniform) * 1e9 / (double)model.options->rate);
}

static message make_message(const scheduled_connection *connection, uint64_t sequence) {
    message made = {.marker = marker, .connection = connection->index, .sequence = sequence};
    made.mix = (connection->index << 32 ^ sequence) * 0x9e3779b97f4a7c15;
    return made;
}

static void send_due(phase *phase, uint64_t due) {
    scheduled_connection *connection = &model.connections[next_random() % model.options->connections];
    if (connection->asked - connection->answered == most_unanswered) {
        fail("connection %zu has %d unanswered messages", connection->index, most_unanswered);
    }
    message made = make_message(connection, connection->asked);
    connection->due[connection->asked++ % most_unanswered] = due;
    if (phase->unanswered++ == 0) {
        phase->last_answer = now_ns();
    }
    histogram_add(&phase->lateness, now_ns() - due);
    if (send(connection->fd, &made, sizeof made, MSG_NOSIGNAL) != sizeof made) {
        fail("connection %zu broke while sending: %s", connection->index, strerror(errno));
    }
}

static void answered(phase *phase, scheduled_connection *connection, const uint8_t *bytes, uint64_t now) {
    message due = make_message(connection, connection->answered);
    if (connection->asked == connection->answered || memcmp(bytes, &due, sizeof due) != 0) {
        fail("connection %zu: a wrong answer to message %llu", connection->index,
            (unsigned long long)connection->answered);
    }
    histogram_add(&phase->latencies, now - connection->due[connection->answered++ % most_unanswered]);
    phase->unanswered--;
    phase->last_answer = now;
}

static void receive(phase *phase, scheduled_connection *connection) {
    uint8_t buffer[sizeof(message) * (most_unanswered + 1)];
    memcpy(buffer, connection->partial, connection->partial_length);
    ssize_t count = recv(
        connection->fd, buffer + connection->partial_length, sizeof buffer - connection->partial_length, 0);
    if (count < 0 && errno == EAGAIN) {
        return;
    }
    if (count <= 0) {
        fail("connection %zu broke: %s", connection->index, count == 0 ? "the server closed it" : strerror(errno));
    }
    uint64_t now = now_ns();
    size_t at = 0, end = connection->partial_length + (size_t)count;
    for (; end - at >= sizeof(message); at += sizeof(message)) {
        answered(phase, connection, buffer + at, now);
    }
    connection->partial_length = end - at;
    memcpy(connection->partial, buffer + at, end - at);
}

/// Sends a slice if one is due and the kernel has room for it.
static void flood(phase *phase, uint64_t now) {
    static const uint8_t slice[flood_slice] = {discard_marker};
    model.flood_credit += (double)(now - model.credited_at) * (double)model.options->flood / 1000;
    model.credited_at = now;
    if (model.flood_credit > flood_arrears) {
        model.flood_credit = flood_arrears;
    }
    if (model.flood_credit < flood_slice) {
        return;
    }
    ssize_t sent = send(model.flood_fd, slice, sizeof slice, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("the flood broke: %s", strerror(errno));
    }
    model.flood_credit -= sent > 0 ? (double)sent : 0;
    phase->flood_bytes += sent > 0 ? (uint64_t)sent : 0;
}

/// To the last answer: a message whose answer never came in time is one of the slowest, not one that does not count.
static void run_phase(phase *phase, uint64_t duration, bool floods) {
    struct epoll_event events[events_per_wait];
    memset(phase, 0, sizeof *phase);
    uint64_t start = now_ns(), due = start + next_interval(), now = start;
    model.credited_at = phase->last_answer = start;
    while (now < start + duration || phase->unanswered > 0) {
        for (; due <= now && due < start + duration; due += next_interval()) {
            send_due(phase, due);
        }
        if (floods) {
            flood(phase, now);
        }
        int count = epoll_wait(model.epoll_fd, events, events_per_wait, 0);
        if (count < 0 && errno != EINTR) {
            fail("epoll_wait: %s", strerror(errno));
        }
        for (int i = 0; i < count; i++) {
            receive(phase, events[i].data.ptr);
        }
        now = now_ns();
        if (phase->unanswered > 0 && now - phase->last_answer > stall_seconds * 1000000000ULL) {
            fail("%llu messages are unanswered, and nothing came for %d s", (unsigned long long)phase->unanswered,
                stall_seconds);
        }
    }
}

static void measure(const char *name, uint64_t duration, bool floods, const char *end) {
    static phase phase;
    run_phase(&phase, model.options->warmup_ns, floods);
    uint64_t cpu = server_cpu_ns(model.options->server_pid), start = now_ns();
    run_phase(&phase, duration, floods);
    double elapsed = (double)(now_ns() - start);
    cpu = server_cpu_ns(model.options->server_pid) - cpu;
    printf(
        "\"%s\":{\"operations\":%llu,\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,\"late_p99_us\":%.2f,"
        "\"flood_mb_per_s\":%.1f,\"server_cpu_share\":%.4f}%s",
        name, (unsigned long long)phase.latencies.count, histogram_quantile_us(&phase.latencies, 0.5),
        histogram_quantile_us(&phase.latencies, 0.99), histogram_quantile_us(&phase.latencies, 0.999),
        histogram_quantile_us(&phase.lateness, 0.99), (double)phase.flood_bytes * 1000 / elapsed,
        (double)cpu / elapsed, end);
}

static int open_socket(const options *options) {
    int fd = connect_to(&options->target);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

void run_open_model(const options *options) {
    model.options = options;
    model.random = 0x5eed5eed5eed5eed;
    model.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    model.connections = calloc(options->connections, sizeof *model.connections);
    if (model.connections == NULL || model.epoll_fd < 0) {
        fail("cannot begin on %zu connections: %s", options->connections, strerror(errno));
    }
    for (size_t i = 0; i < options->connections; i++) {
        scheduled_connection *connection = &model.connections[i];
        *connection = (scheduled_connection){.fd = open_socket(options), .index = i};
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(model.epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
            fail("epoll_ctl: %s", strerror(errno));
        }
    }
    model.flood_fd = open_socket(options);
    printf("{");
    measure("quiet", options->duration_ns, false, ",");
    measure("flood", options->duration_ns, true, "}\n");
}
