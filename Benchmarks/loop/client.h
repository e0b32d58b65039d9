/// What the parts of the load client share.
#ifndef CLIENT_H
#define CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common.h"

typedef enum load_mode { mode_echo, mode_ping, mode_connect } load_mode;

typedef struct options {
    struct sockaddr_in target;
    /// 0 when not given: then the server's processor time is not reported.
    pid_t server_pid;
    load_mode mode;
    size_t connections, window, size;
    uint64_t warmup_ns, duration_ns;
} options;

/// A blocking connection, which is reset when closed: a closed one that lingered would use up ports over many runs.
int connect_to(const struct sockaddr_in *target);

/// Keeps a window of messages in flight on every connection and prints what it measured.
void run_load(const options *options);
/// Opens all the connections as fast as the server accepts them and prints what it measured.
void run_connect_storm(const options *options);

#endif
