#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_options.h"

enum {
    events_per_wait = 512,
    /// Enough that a storm costs few waits, and little enough that it does not hold up those who are in.
    accepts_per_event = 256,
};

static int epoll_fd;
static int listening_fd;
static int signal_fd;
static const application *running;
static uint8_t read_buffer[read_size];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void close_connection(connection *connection) {
    close(connection->fd);
    free(connection->pending);
    free(connection);
}

static bool set_interest(connection *connection, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    return epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) == 0;
}

/// How much the kernel took, 0 when it is full; -1 when the connection is dead.
static ssize_t send_some(int fd, const uint8_t *bytes, size_t length) {
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

bool connection_send(connection *connection, const uint8_t *bytes, size_t length) {
    ssize_t sent = send_some(connection->fd, bytes, length);
    if (sent == (ssize_t)length) {
        return true;
    }
    if (sent < 0) {
        return false;
    }
    size_t left = length - (size_t)sent;
    connection->pending = malloc(left);
    if (connection->pending == NULL) {
        return false;
    }
    memcpy(connection->pending, bytes + sent, left);
    connection->pending_start = 0;
    connection->pending_end = left;
    return set_interest(connection, EPOLLOUT);
}

/// Sends what is pending; false when the connection is dead.
static bool flush(connection *connection) {
    size_t left = connection->pending_end - connection->pending_start;
    ssize_t sent = send_some(connection->fd, connection->pending + connection->pending_start, left);
    if (sent < 0) {
        return false;
    }
    connection->pending_start += (size_t)sent;
    if ((size_t)sent < left) {
        return true;
    }
    free(connection->pending);
    connection->pending = NULL;
    return set_interest(connection, EPOLLIN);
}

/// One read; level-triggered epoll says so if there is more. False at the end of the stream and after a reset.
static bool receive(connection *connection) {
    ssize_t count = recv(connection->fd, read_buffer, sizeof read_buffer, 0);
    if (count > 0) {
        return running->received(connection, read_buffer, (size_t)count);
    }
    return count < 0 && errno == EAGAIN;
}

static void accept_waiting(void) {
    for (int i = 0; i < accepts_per_event; i++) {
        int fd = accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN) {
                return;
            }
            if (errno == ECONNABORTED || errno == EINTR) {
                continue;
            }
            die("accept4");
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection *accepted = calloc(1, running->connection_size);
        if (accepted == NULL) {
            die("calloc");
        }
        accepted->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = accepted};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
            die("epoll_ctl");
        }
    }
}

static void run(void) {
    struct epoll_event events[events_per_wait];
    for (;;) {
        int count = epoll_wait(epoll_fd, events, events_per_wait, -1);
        if (count < 0 && errno != EINTR) {
            die("epoll_wait");
        }
        for (int i = 0; i < count; i++) {
            void *source = events[i].data.ptr;
            if (source == &signal_fd) {
                return;
            }
            if (source == &listening_fd) {
                accept_waiting();
                continue;
            }
            connection *connection = source;
            // A reset shows as EPOLLERR and EPOLLHUP; the call that either branch makes then fails and says so.
            if (!(connection->pending != NULL ? flush(connection) : receive(connection))) {
                close_connection(connection);
            }
        }
    }
}

static void watch(int *fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, *fd, &event) != 0) {
        die("epoll_ctl");
    }
}

static void open_listener(uint16_t port) {
    listening_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listening_fd < 0) {
        die("socket");
    }
    int on = 1;
    setsockopt(listening_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listening_fd, (struct sockaddr *)&address, size) != 0) {
        die("bind");
    }
    if (listen(listening_fd, SOMAXCONN) != 0 || getsockname(listening_fd, (struct sockaddr *)&address, &size) != 0) {
        die("listen");
    }
    say_listening(ntohs(address.sin_port));
}

static void open_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signal_fd < 0) {
        die("signalfd");
    }
}

int serve(const application *application, uint16_t port) {
    running = application;
    raise_descriptor_limit();
    open_signals();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        die("epoll_create1");
    }
    open_listener(port);
    watch(&signal_fd);
    watch(&listening_fd);
    run();
    return 0;
}
