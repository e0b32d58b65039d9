#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "histogram.h"
#include "traffic.h"

enum {
    read_size = 64 * 1024,
    events_per_wait = 512,
    stall_seconds = 10,
};

typedef struct load_connection {
    int fd;
    bool waits_to_write;
    size_t index;
    /// Positions in the connection's two streams, in bytes since it was opened.
    uint64_t asked, sent, received;
    /// When each message in flight was asked; a ring, the oldest at `oldest`.
    uint64_t *asked_at;
    size_t oldest, in_flight;
} load_connection;

static struct {
    const options *options;
    traffic traffic;
    int epoll_fd;
    load_connection *connections;
    histogram latencies;
    uint64_t last_answer;
} load;

static size_t period_offset(const load_connection *connection, uint64_t position) {
    return (traffic_start(&load.traffic, connection->index) + position) % load.traffic.period;
}

static void set_interest(load_connection *connection, int operation, bool writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = connection};
    if (epoll_ctl(load.epoll_fd, operation, connection->fd, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
    connection->waits_to_write = writing;
}

static void send_asked(load_connection *connection) {
    size_t length = (size_t)(connection->asked - connection->sent);
    const uint8_t *bytes = load.traffic.requests + period_offset(connection, connection->sent);
    ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("connection %zu broke while sending: %s", connection->index, strerror(errno));
    }
    connection->sent += sent > 0 ? (uint64_t)sent : 0;
    bool more = connection->sent < connection->asked;
    if (more != connection->waits_to_write) {
        set_interest(connection, EPOLL_CTL_MOD, more);
    }
}

static void ask(load_connection *connection, size_t count, uint64_t now) {
    size_t window = load.options->window, slot = (connection->oldest + connection->in_flight) % window;
    for (size_t i = 0; i < count; i++) {
        connection->asked_at[slot] = now;
        slot = slot + 1 == window ? 0 : slot + 1;
    }
    connection->in_flight += count;
    connection->asked += count * load.traffic.message_size;
    send_asked(connection);
}

static void verify(const load_connection *connection, const uint8_t *bytes, size_t count) {
    if (connection->received + count > connection->sent) {
        fail("connection %zu: the server sent more than it was asked for", connection->index);
    }
    const uint8_t *expected = load.traffic.answers + period_offset(connection, connection->received);
    if (memcmp(bytes, expected, count) == 0) {
        return;
    }
    size_t at = 0;
    while (bytes[at] == expected[at]) {
        at++;
    }
    uint64_t position = connection->received + at;
    fail("connection %zu: wrong %s in message %llu: byte %llu is %02x, not %02x", connection->index,
        traffic_field(&load.traffic, position), (unsigned long long)(position / load.traffic.message_size),
        (unsigned long long)(position % load.traffic.message_size), bytes[at], expected[at]);
}

static void receive(load_connection *connection) {
    static uint8_t buffer[read_size];
    ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) {
        return;
    }
    if (count <= 0) {
        fail("connection %zu broke after %llu answered messages: %s", connection->index,
            (unsigned long long)(connection->received / load.traffic.message_size),
            count == 0 ? "the server closed it" : strerror(errno));
    }
    uint64_t now = now_ns();
    verify(connection, buffer, (size_t)count);

    uint64_t before = connection->received / load.traffic.message_size;
    connection->received += (uint64_t)count;
    size_t answered = (size_t)(connection->received / load.traffic.message_size - before);
    for (size_t i = 0; i < answered; i++) {
        histogram_add(&load.latencies, now - connection->asked_at[connection->oldest]);
        connection->oldest = connection->oldest + 1 == load.options->window ? 0 : connection->oldest + 1;
    }
    if (answered > 0) {
        load.last_answer = now;
        connection->in_flight -= answered;
        ask(connection, answered, now);
    }
}

static void open_connections(void) {
    const options *options = load.options;
    load.connections = calloc(options->connections, sizeof *load.connections);
    uint64_t *asked_at = calloc(options->connections * options->window, sizeof *asked_at);
    if (load.connections == NULL || asked_at == NULL) {
        fail("out of memory for %zu connections", options->connections);
    }
    for (size_t i = 0; i < options->connections; i++) {
        load_connection *connection = &load.connections[i];
        connection->index = i;
        connection->asked_at = asked_at + i * options->window;
        connection->fd = connect_to(&options->target);
        fcntl(connection->fd, F_SETFL, O_NONBLOCK);
        set_interest(connection, EPOLL_CTL_ADD, false);
    }
}

/// Serves events for a time. The clock is read once a batch, so the true end is what is returned.
static uint64_t run_until(uint64_t deadline) {
    struct epoll_event events[events_per_wait];
    uint64_t now = now_ns();
    while (now < deadline) {
        int timeout = (int)((deadline - now) / 1000000) + 1;
        int count = epoll_wait(load.epoll_fd, events, events_per_wait, timeout < 1000 ? timeout : 1000);
        if (count < 0 && errno != EINTR) {
            fail("epoll_wait: %s", strerror(errno));
        }
        for (int i = 0; i < count; i++) {
            load_connection *connection = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) {
                send_asked(connection);
            }
            if (events[i].events & ~(uint32_t)EPOLLOUT) {
                receive(connection);
            }
        }
        now = now_ns();
        if (now - load.last_answer > stall_seconds * 1000000000ULL) {
            fail("the server has answered nothing for %d s", stall_seconds);
        }
    }
    return now;
}

/// The blocks that the server has taken from the heap; 0 where it does not count them.
static uint64_t allocations(const options *options) {
    static const _Atomic uint64_t *blocks;
    if (options->allocation_file == NULL) {
        return 0;
    }
    if (blocks == NULL) {
        int file = open(options->allocation_file, O_RDONLY | O_CLOEXEC);
        void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *blocks, PROT_READ, MAP_SHARED, file, 0);
        if (mapped == MAP_FAILED) {
            fail("%s: %s", options->allocation_file, strerror(errno));
        }
        close(file);
        blocks = mapped;
    }
    return *blocks;
}

void run_load(const options *options) {
    size_t in_flight_bytes = options->window * options->size;
    load.options = options;
    load.traffic =
        make_traffic(options->mode, options->size, in_flight_bytes > read_size ? in_flight_bytes : read_size);
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    open_connections();

    uint64_t start = now_ns();
    load.last_answer = start;
    for (size_t i = 0; i < options->connections; i++) {
        ask(&load.connections[i], options->window, now_ns());
    }
    start = run_until(start + options->warmup_ns);
    histogram_clear(&load.latencies);
    uint64_t blocks = allocations(options), cpu = server_cpu_ns(options->server_pid);
    uint64_t end = run_until(start + options->duration_ns);
    cpu = server_cpu_ns(options->server_pid) - cpu;
    blocks = allocations(options) - blocks;

    double operations = (double)load.latencies.count, seconds = (double)(end - start) / 1e9;
    if (operations == 0) {
        fail("no message was answered in %.3f s", seconds);
    }
    printf(
        "{\"operations\":%.0f,\"seconds\":%.3f,\"operations_per_second\":%.0f,"
        "\"server_cpu_ns_per_operation\":%.1f,\"p50_us\":%.2f,\"p99_us\":%.2f,"
        "\"allocations\":%llu}\n",
        operations, seconds, operations / seconds, (double)cpu / operations,
        histogram_quantile_us(&load.latencies, 0.5), histogram_quantile_us(&load.latencies, 0.99),
        (unsigned long long)blocks);
}
