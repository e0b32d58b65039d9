/// What the parts of the load client share.
#ifndef CLIENT_H
#define CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common.h"

typedef enum load_mode { mode_echo, mode_ping, mode_connect, mode_hold, mode_open } load_mode;

typedef struct options {
    struct sockaddr_in target;
    /// 0 when not given: then the server's processor time is not reported.
    pid_t server_pid;
    load_mode mode;
    size_t connections, window, size;
    uint64_t warmup_ns, duration_ns;
    /// Of the open model: messages a second in all, and megabytes a second of the flood.
    uint64_t rate, flood;
    /// Bytes that a burst moves each way on each connection.
    size_t burst;
    /// Null, or the file in which the server counts its allocations.
    const char *allocation_file;
} options;

/// A blocking connection, which is reset when closed: a closed one that lingered would use up ports over many runs.
int connect_to(const struct sockaddr_in *target);

/// Keeps a window of messages in flight on every connection and prints what it measured.
void run_load(const options *options);
/// Opens all the connections as fast as the server accepts them and prints what it measured.
void run_connect_storm(const options *options);
/// Does to all connections what each line of stdin says, and prints a line after each: `open`, `message`, `burst`.
void run_hold(const options *options);
/// Sends on a schedule that waits for no answer, without and with a flood beside it, and prints what it measured.
void run_open_model(const options *options);

struct traffic;

/// Sends one framed ping and takes its answer, of either kind of server. `traffic` is of pings.
void probe(const struct traffic *traffic, int fd, size_t index);
/// Moves bytes each way on every connection at once; an echo server's.
void run_burst(const int *sockets, size_t count, size_t bytes);

#endif
