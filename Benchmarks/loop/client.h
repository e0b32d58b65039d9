/// What the parts of the load client share.
#ifndef CLIENT_H
#define CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum load_mode { mode_echo, mode_ping, mode_connect } load_mode;

typedef struct options {
    struct sockaddr_in target;
    /// 0 when not given: then the server's processor time is not reported.
    pid_t server_pid;
    load_mode mode;
    size_t connections, window, size;
    uint64_t warmup_ns, duration_ns;
} options;

/// One line to stderr, and exit status 1.
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

uint64_t now_ns(void);
/// The processor time the server has used, on all its threads.
uint64_t server_cpu_ns(pid_t server);
/// A blocking connection, which is reset when closed: a closed one that lingered would use up ports over many runs.
int connect_to(const struct sockaddr_in *target);

/// Keeps a window of messages in flight on every connection and prints what it measured.
void run_load(const options *options);
/// Opens all the connections as fast as the server accepts them and prints what it measured.
void run_connect_storm(const options *options);

#endif
