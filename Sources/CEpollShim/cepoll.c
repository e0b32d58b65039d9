#include "cepoll.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

_Static_assert(sizeof(cepoll_event) == sizeof(struct epoll_event), "cepoll_event must have the kernel's size");
_Static_assert(offsetof(cepoll_event, events) == offsetof(struct epoll_event, events), "events is misplaced");
_Static_assert(offsetof(cepoll_event, token) == offsetof(struct epoll_event, data), "token is misplaced");
_Static_assert(sizeof(((struct epoll_event *)0)->data.u64) == 8, "the kernel's token is not 64 bits");

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

const uint32_t cepoll_in = EPOLLIN, cepoll_out = EPOLLOUT, cepoll_err = EPOLLERR, cepoll_hup = EPOLLHUP;
const int cepoll_ip_bind_address_no_port = IP_BIND_ADDRESS_NO_PORT;

static inline int result(int value) { return value < 0 ? -errno : value; }
static inline ssize_t transferred(ssize_t count) { return count < 0 ? -errno : count; }

int cepoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return result(epoll_ctl(epoll, operation, descriptor, &event));
}

int cepoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int cepoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int cepoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int cepoll_wait(int epoll, cepoll_event *events, int capacity, int timeout_ms) {
    int count = epoll_wait(epoll, (struct epoll_event *)events, capacity, timeout_ms);
    return count < 0 && errno == EINTR ? 0 : result(count);
}

int cepoll_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int cepoll_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t written = TEMP_FAILURE_RETRY(write(descriptor, &one, sizeof one));
    // A full counter means that the reader is already due to wake.
    return written < 0 && errno != EAGAIN ? -errno : 0;
}

int cepoll_eventfd_clear(int descriptor) {
    uint64_t count;
    return read(descriptor, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

int cepoll_socket(int family, int type, int protocol) {
    return result(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

int cepoll_accept(int listener, struct sockaddr_storage *address, socklen_t *length) {
    return result(accept4(listener, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

ssize_t cepoll_read(int descriptor, void *buffer, size_t length) {
    return transferred(TEMP_FAILURE_RETRY(recv(descriptor, buffer, length, 0)));
}

ssize_t cepoll_peek(int descriptor) {
    char byte;
    return transferred(TEMP_FAILURE_RETRY(recv(descriptor, &byte, 1, MSG_PEEK)));
}

bool cepoll_take_errors(int descriptor) {
    char bytes[64], control[512];
    bool has_taken = false;
    // No more than a few at a time: what is left is reported again.
    for (int count = 0; count < 64; ++count) {
        struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        if (recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
        has_taken = true;
    }
    return has_taken;
}

ssize_t cepoll_write(int descriptor, const void *bytes, size_t length) {
    return transferred(TEMP_FAILURE_RETRY(send(descriptor, bytes, length, MSG_NOSIGNAL)));
}

ssize_t cepoll_send(int descriptor, const struct iovec *parts, size_t count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    return transferred(TEMP_FAILURE_RETRY(sendmsg(descriptor, &message, MSG_NOSIGNAL)));
}

int cepoll_set_int(int descriptor, int level, int name, int value) {
    return result(setsockopt(descriptor, level, name, &value, sizeof value));
}

int cepoll_get_int(int descriptor, int level, int name, int *value) {
    socklen_t length = sizeof *value;
    return result(getsockopt(descriptor, level, name, value, &length));
}

int cepoll_processor_count(void) {
    cpu_set_t set;
    return result(sched_getaffinity(0, sizeof set, &set) < 0 ? -1 : CPU_COUNT(&set));
}

void cepoll_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void cepoll_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

int64_t cepoll_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : (int64_t)limit.rlim_cur;
}
