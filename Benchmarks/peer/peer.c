#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    read_size = 256 * 1024,
    events_per_wait = 512,
    first_source = 0x7f000101,
};

swarm all;
volatile bool is_told_to_stop;

void open_swarm(const options *options) {
    all.options = options;
    all.peers = calloc(options->peers, sizeof *all.peers);
    uint64_t *asked_at = calloc(options->peers * options->window, sizeof *asked_at);
    if (all.peers == NULL || asked_at == NULL) {
        fail("out of memory for %zu peers", options->peers);
    }
    for (size_t i = 0; i < options->peers; i++) {
        all.peers[i].fd = -1;
        all.peers[i].index = (uint32_t)i;
        all.peers[i].asked_at = asked_at + i * options->window;
    }
    all.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
}

static void set_interest(peer *peer, int operation, bool writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = peer};
    if (epoll_ctl(all.epoll_fd, operation, peer->fd, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
    peer->waits_to_write = writing;
}

void wait_to_write(peer *peer, bool waits) {
    if (peer->waits_to_write != waits) {
        set_interest(peer, EPOLL_CTL_MOD, waits);
    }
}

void send_all(peer *peer, const void *bytes, size_t length) {
    ssize_t sent = send(peer->fd, bytes, length, MSG_NOSIGNAL);
    if (sent != (ssize_t)length) {
        fail("peer %u: %s", peer->index, sent < 0 && errno != EAGAIN ? strerror(errno) : "the server does not read");
    }
}

static void connect_next(void) {
    peer *peer = &all.peers[all.started++];
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (peer->fd < 0) {
        fail("socket: %s", strerror(errno));
    }
    int on = 1;
    // Reset when closed: a connection that lingered would use up ports over many runs.
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (all.options->source_ips > 0) {
        struct sockaddr_in source = {.sin_family = AF_INET};
        source.sin_addr.s_addr = htonl((uint32_t)(first_source + peer->index % all.options->source_ips));
        setsockopt(peer->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(peer->fd, (struct sockaddr *)&source, sizeof source) != 0) {
            fail("bind: %s", strerror(errno));
        }
    }
    const struct sockaddr_in *target = &all.options->target;
    if (connect(peer->fd, (const struct sockaddr *)target, sizeof *target) != 0 && errno != EINPROGRESS) {
        fail("peer %u cannot connect: %s", peer->index, strerror(errno));
    }
    set_interest(peer, EPOLL_CTL_ADD, true);
}

void connect_more(void) {
    while (all.started < all.options->peers && all.started - all.established < all.options->concurrency) {
        connect_next();
    }
}

static void established(peer *peer) {
    if (!peer->is_established) {
        peer->is_established = true;
        all.established++;
        connect_more();
    }
}

static void connected(peer *peer) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        fail("peer %u cannot connect: %s", peer->index, strerror(error));
    }
    peer->is_connected = true;
    wait_to_write(peer, false);
    if (!all.options->shakes_hands) {
        established(peer);
        return;
    }
    uint8_t frame[512];
    // Any nonce that is not the server's own.
    send_all(peer, frame, write_version(frame, 0x9e3779b97f4a7c15 * (peer->index + 1)));
}

static bool is_command(const peer *peer, const char *command) {
    return strncmp(peer->header.command, command, sizeof peer->header.command) == 0;
}

static void answer_ping(peer *peer) {
    frame_header header = peer->header;
    memset(header.command, 0, sizeof header.command);
    memcpy(header.command, "pong", 4);
    memcpy(peer->pong, &header, header_size);
    memcpy(peer->pong + header_size, peer->head, sizeof peer->pong - header_size);
    // Amid a block there is no place for it.
    peer->owes_pong = all.options->work == work_feed;
    if (!peer->owes_pong) {
        send_all(peer, peer->pong, sizeof peer->pong);
    }
}

/// What was rejected, a code, and why: two texts with their lengths, both short.
__attribute__((noreturn)) static void fail_rejected(const peer *peer) {
    const char *head = (const char *)peer->head;
    int command = head[0] < 13 ? head[0] : 0, reason = head[command + 2] < 64 ? head[command + 2] : 0;
    fail("peer %u: the server rejected %.*s: %.*s", peer->index, command, head + 1, reason, head + command + 3);
}

/// A whole message came; its payload was not verified, as that would measure the client.
static void received_message(peer *peer, uint64_t now) {
    if (is_command(peer, "pong")) {
        uint64_t nonce;
        memcpy(&nonce, peer->head, sizeof nonce);
        work_received_pong(peer, nonce, now);
    } else if (is_command(peer, "inv")) {
        size_t size;
        uint64_t count = read_compact_size(peer->head, &size);
        if (size + count * inventory_entry_size != peer->header.length) {
            fail("peer %u: an inv of %u bytes claims %llu items", peer->index, peer->header.length,
                (unsigned long long)count);
        }
        all.received.items += count;
        all.received.inventories++;
    } else if (is_command(peer, "block")) {
        all.received.blocks++;
        work_received_block(peer);
    } else if (is_command(peer, "ping")) {
        answer_ping(peer);
    } else if (is_command(peer, "version")) {
        uint8_t frame[header_size];
        send_all(peer, frame, write_frame(frame, "verack", "", 0));
    } else if (is_command(peer, "verack")) {
        established(peer);
    } else if (is_command(peer, "headers")) {
        work_received_headers(peer);
    } else if (is_command(peer, "notfound")) {
        fail("peer %u: the server does not have what it offered", peer->index);
    } else if (is_command(peer, "reject")) {
        fail_rejected(peer);
    }
}

/// Takes what belongs to the frame under way; returns how much that was.
static size_t take(peer *peer, const uint8_t *bytes, size_t count, uint64_t now) {
    static const uint8_t magic[4] = FRAME_MAGIC;
    size_t taken = 0;
    if (peer->header_length < header_size) {
        taken = header_size - peer->header_length;
        taken = taken < count ? taken : count;
        memcpy((uint8_t *)&peer->header + peer->header_length, bytes, taken);
        peer->header_length += (uint8_t)taken;
        if (peer->header_length < header_size) {
            return taken;
        }
        if (memcmp(peer->header.magic, magic, sizeof magic) != 0) {
            fail("peer %u: the stream is out of step", peer->index);
        }
        peer->payload_length = 0;
    }
    size_t part = peer->header.length - peer->payload_length;
    part = part < count - taken ? part : count - taken;
    if (peer->payload_length < head_size) {
        size_t room = head_size - peer->payload_length;
        memcpy(peer->head + peer->payload_length, bytes + taken, part < room ? part : room);
    }
    work_received_payload(peer, bytes + taken, part);
    peer->payload_length += (uint32_t)part;
    if (peer->payload_length == peer->header.length) {
        peer->header_length = 0;
        received_message(peer, now);
    }
    return taken + part;
}

static void receive(peer *peer) {
    static uint8_t buffer[read_size];
    ssize_t count = recv(peer->fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) {
        return;
    }
    if (count <= 0) {
        fail("peer %u was lost: %s", peer->index, count == 0 ? "the server closed it" : strerror(errno));
    }
    uint64_t now = now_ns();
    all.received.bytes += (uint64_t)count;
    for (size_t done = 0; done < (size_t)count;) {
        done += take(peer, buffer + done, (size_t)count - done, now);
    }
    work_read_ended(peer, now);
}

void serve_events(uint64_t deadline) {
    struct epoll_event events[events_per_wait];
    uint64_t now = now_ns(), left = deadline > now ? deadline - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000), .tv_nsec = (long)(left % 1000000000)};
    int count = epoll_pwait2(all.epoll_fd, events, events_per_wait, &timeout, NULL);
    if (count < 0 && errno != EINTR) {
        fail("epoll_pwait2: %s", strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        peer *peer = events[i].data.ptr;
        if (events[i].events & EPOLLOUT) {
            if (peer->is_connected) {
                work_can_write(peer);
            } else {
                connected(peer);
            }
        }
        if (events[i].events & ~(uint32_t)EPOLLOUT) {
            receive(peer);
        }
    }
}
