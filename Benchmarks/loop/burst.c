#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "traffic.h"

enum {
    read_size = 64 * 1024,
    events_per_wait = 512,
    stall_ms = 30000,
    /// What each connection has under way at most: with thousands of them the kernel's memory for TCP is the limit.
    most_unanswered = 64 * 1024,
};

typedef struct stream {
    int fd;
    bool waits_to_write;
    size_t index, sent, received;
} stream;

static struct {
    traffic traffic;
    int epoll_fd;
    size_t bytes;
} burst;

static const uint8_t *expected(const stream *stream, size_t position) {
    return burst.traffic.requests + (traffic_start(&burst.traffic, stream->index) + position) % burst.traffic.period;
}

static void watch(stream *stream, int operation) {
    struct epoll_event event = {
        .events = EPOLLIN | (stream->waits_to_write ? EPOLLOUT : 0), .data.ptr = stream};
    if (epoll_ctl(burst.epoll_fd, operation, stream->fd, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

static void send_more(stream *stream) {
    size_t end = stream->received + most_unanswered < burst.bytes ? stream->received + most_unanswered : burst.bytes;
    bool is_full = false;
    while (stream->sent < end && !is_full) {
        ssize_t sent = send(stream->fd, expected(stream, stream->sent), end - stream->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            fail("connection %zu broke in the burst: %s", stream->index, strerror(errno));
        }
        stream->sent += sent > 0 ? (size_t)sent : 0;
        is_full = sent < 0;
    }
    if (stream->waits_to_write != is_full) {
        stream->waits_to_write = is_full;
        watch(stream, EPOLL_CTL_MOD);
    }
}

/// True when the connection has all its bytes back.
static bool receive(stream *stream) {
    static uint8_t buffer[read_size];
    ssize_t count = recv(stream->fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) {
        return false;
    }
    if (count <= 0 || stream->received + (size_t)count > stream->sent) {
        fail("connection %zu broke in the burst: %s", stream->index,
            count < 0 ? strerror(errno) : count == 0 ? "the server closed it" : "more came than was sent");
    }
    if (memcmp(buffer, expected(stream, stream->received), (size_t)count) != 0) {
        fail("connection %zu: a wrong echo in the burst", stream->index);
    }
    stream->received += (size_t)count;
    return stream->received == burst.bytes;
}

static void set_blocking(int fd, bool blocks) { fcntl(fd, F_SETFL, blocks ? 0 : O_NONBLOCK); }

void run_burst(const int *sockets, size_t count, size_t bytes) {
    burst.traffic = make_traffic(mode_echo, 1, read_size > most_unanswered ? read_size : most_unanswered);
    burst.bytes = bytes;
    burst.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    stream *streams = calloc(count, sizeof *streams);
    if (streams == NULL || burst.epoll_fd < 0) {
        fail("cannot begin a burst on %zu connections: %s", count, strerror(errno));
    }
    for (size_t i = 0; i < count; i++) {
        streams[i] = (stream){.fd = sockets[i], .index = i};
        set_blocking(sockets[i], false);
        watch(&streams[i], EPOLL_CTL_ADD);
    }
    for (size_t i = 0; i < count; i++) {
        send_more(&streams[i]);
    }
    for (size_t left = count; left > 0;) {
        struct epoll_event events[events_per_wait];
        int ready = epoll_wait(burst.epoll_fd, events, events_per_wait, stall_ms);
        if (ready == 0 || (ready < 0 && errno != EINTR)) {
            fail("the burst stands still with %zu connections left", left);
        }
        for (int i = 0; i < ready; i++) {
            stream *stream = events[i].data.ptr;
            if ((events[i].events & ~(uint32_t)EPOLLOUT) && receive(stream)) {
                epoll_ctl(burst.epoll_fd, EPOLL_CTL_DEL, stream->fd, NULL);
                set_blocking(stream->fd, true);
                left--;
            } else {
                send_more(stream);
            }
        }
    }
    close(burst.epoll_fd);
    free(streams);
    free(burst.traffic.requests);
    free(burst.traffic.answers);
}
