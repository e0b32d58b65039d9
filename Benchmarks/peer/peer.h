/// A peer of the server under test: its connection, its handshake, and the frames it receives.
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common.h"
#include "wire.h"

typedef enum work_kind { work_idle, work_read, work_ping, work_pace, work_blocks, work_feed } work_kind;

typedef struct options {
    struct sockaddr_in target;
    /// 0 when not given: then the server's processor time is not reported.
    pid_t server_pid;
    work_kind work;
    size_t peers, window, concurrency, source_ips;
    /// False for a server that answers pings and no more.
    bool shakes_hands;
    /// With `work_pace`, of all peers together and each second.
    uint64_t rate, inventory_rate;
    /// With `work_read`: what each peer must have been told of before the measurement begins.
    uint64_t warmup_items;
    uint64_t settle_ns, warmup_ns, duration_ns;
} options;

enum { head_size = 96 };

typedef struct peer {
    int fd;
    uint32_t index;
    bool is_connected, is_established, waits_to_write, answered_probe;
    /// The frame under way: its header, the first bytes of its payload, how much of it came.
    uint8_t header_length;
    frame_header header;
    uint32_t payload_length;
    uint8_t head[head_size];
    /// Pings in flight of `work_ping`: a ring of when each was sent, the oldest at `oldest`.
    uint64_t *asked_at;
    uint64_t asked, answered;
    /// Of `work_feed`: bytes sent of the block under way, and the pong that is to come before the next.
    size_t fed;
    bool owes_pong;
    uint8_t pong[sizeof(ping_frame)];
} peer;

typedef struct received {
    uint64_t items, inventories, blocks, bytes;
} received;

/// Every peer, and what was received in all.
typedef struct swarm {
    const options *options;
    peer *peers;
    size_t started, established;
    int epoll_fd;
    received received;
} swarm;

extern swarm all;

void open_swarm(const options *options);
/// Has as many connects and handshakes under way as allowed. Does nothing once all were begun.
void connect_more(void);
/// Serves events for as long as until `deadline`; returns earlier whenever anything happened.
void serve_events(uint64_t deadline);
/// Writes all of it, or fails: a server that is sent this little and does not read is broken.
void send_all(peer *peer, const void *bytes, size_t length);
void wait_to_write(peer *peer, bool waits);

/// True after SIGTERM or SIGINT: what was measured so far is the result.
extern volatile bool is_told_to_stop;

/// What a message or event means for the work under way.
void work_received_pong(peer *peer, uint64_t nonce, uint64_t now);
void work_received_headers(peer *peer);
void work_received_block(peer *peer);
void work_received_payload(peer *peer, const uint8_t *bytes, size_t length);
void work_read_ended(peer *peer, uint64_t now);
void work_can_write(peer *peer);

#endif
