/// What Swift cannot import from Glibc: epoll, eventfd, accept4 and a few constants.
///
/// Every symbol is prefixed `cepoll_`. System calls return what the kernel returned, or the negated error number,
/// so that a caller never reads `errno` after something else may have changed it.
#ifndef CEPOLL_H
#define CEPOLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// One readiness report. The layout is the kernel's own (packed on x86-64), checked in `cepoll.c`.
typedef struct
#ifdef __x86_64__
    __attribute__((packed))
#endif
    cepoll_event {
    uint32_t events;
    uint64_t token;
} cepoll_event;
extern const uint32_t cepoll_in, cepoll_out, cepoll_err, cepoll_hup;

/// A new epoll instance, closed on exec.
int cepoll_create(void);
int cepoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int cepoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token);
int cepoll_remove(int epoll, int descriptor);
/// Waits for events; a signal counts as none. `timeout_ms` -1 waits for ever.
int cepoll_wait(int epoll, cepoll_event *events, int capacity, int timeout_ms);

/// A new eventfd, non-blocking, closed on exec.
int cepoll_eventfd(void);
int cepoll_eventfd_signal(int descriptor);
int cepoll_eventfd_clear(int descriptor);

/// A new socket, and one accepted connection: both non-blocking, closed on exec.
int cepoll_socket(int family, int type, int protocol);
int cepoll_accept(int listener, struct sockaddr_storage *address, socklen_t *length);
/// One read of a socket; retried when a signal interrupts it. The negated EAGAIN means nothing to read.
ssize_t cepoll_read(int descriptor, void *buffer, size_t length);
/// What a read of one byte would come to; the byte stays.
ssize_t cepoll_peek(int descriptor);
/// Takes news, a few at a time, from the socket's queue of errors; false when there was none.
bool cepoll_take_errors(int descriptor);
/// One write that never raises SIGPIPE; retried when a signal interrupts it.
ssize_t cepoll_write(int descriptor, const void *bytes, size_t length);
/// One gathered write that never raises SIGPIPE; retried when a signal interrupts it.
ssize_t cepoll_send(int descriptor, const struct iovec *parts, size_t count);

int cepoll_set_int(int descriptor, int level, int name, int value);
int cepoll_get_int(int descriptor, int level, int name, int *value);
/// The option that lets many outgoing connections share a source port (missing from older headers).
extern const int cepoll_ip_bind_address_no_port;

/// How many processors the calling thread may run on.
int cepoll_processor_count(void);
/// Gives free memory of the heap back to the operating system; takes a while.
void cepoll_return_memory(void);
/// Names the calling thread; the kernel keeps 15 bytes.
void cepoll_name_thread(const char *name);
/// Raises the soft limit on descriptors of this process to the hard one and returns it, or the negated error.
int64_t cepoll_raise_descriptor_limit(void);

#endif
