#include "work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "csha256.h"

enum {
    /// Pings of `work_ping`, made beforehand; peers begin at different ones.
    prepared_pings = 4096,
    first_nonce = 0x1000,
    /// Announced by `work_pace` again and again, so that what a peer is known to know stays as it is.
    pool_items = 64,
    items_per_inventory = 8,
    inventories = pool_items / items_per_inventory,
    largest_inventory = 1024,
    feed_write_size = 1 << 20,
};

static const uint64_t probe_nonce = UINT64_MAX;

measurement measured;
size_t answered_probes;

static struct {
    bool has_ended, is_measuring;
    /// Pings of `work_pace` that were due before this do not count.
    uint64_t measured_from;
    uint64_t next_ping, next_inventory, paced_pings, paced_inventories, counted_pings;
    ping_frame *pings;
    uint8_t inventories[inventories][largest_inventory];
    size_t inventory_size;
    uint8_t block_hash[hash_size];
    /// The frame that `work_feed` sends, and how much of it has come.
    uint8_t *block;
    size_t block_size, block_received;
    bool has_block;
} work;

// Pings in a window

static size_t ping_place(const peer *peer, uint64_t number) { return (peer->index * 37 + number) % prepared_pings; }

static void prepare_pings(size_t slack) {
    work.pings = malloc((prepared_pings + slack) * sizeof *work.pings);
    if (work.pings == NULL) {
        fail("out of memory for pings");
    }
    for (size_t i = 0; i < prepared_pings + slack; i++) {
        work.pings[i] = make_ping(first_nonce + i % prepared_pings);
    }
}

static void fill_window(peer *peer, uint64_t now) {
    size_t window = all.options->window, count = window - (size_t)(peer->asked - peer->answered);
    if (count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        peer->asked_at[(peer->asked + i) % window] = now;
    }
    send_all(peer, work.pings + ping_place(peer, peer->asked), count * sizeof(ping_frame));
    peer->asked += count;
}

static void answered_in_window(peer *peer, uint64_t nonce, uint64_t now) {
    if (peer->answered == peer->asked || nonce != first_nonce + ping_place(peer, peer->answered)) {
        fail("peer %u: a pong that was not asked for, or out of order", peer->index);
    }
    if (work.is_measuring && !work.has_ended) {
        measured.pongs++;
        histogram_add(&measured.latencies, now - peer->asked_at[peer->answered % all.options->window]);
    }
    peer->answered++;
}

void work_read_ended(peer *peer, uint64_t now) {
    // Once for all that one read answered, in one write.
    if (all.options->work == work_ping && peer->asked > 0 && !work.has_ended) {
        fill_window(peer, now);
    }
}

// Pings and inventory at a pace, due when they are due, whatever became of those before

static void send_paced_ping(uint64_t now) {
    peer *peer = &all.peers[work.paced_pings++ % all.options->peers];
    ping_frame frame = make_ping(work.next_ping);
    send_all(peer, &frame, sizeof frame);
    if (work.is_measuring && work.next_ping >= work.measured_from) {
        work.counted_pings++;
        histogram_add(&measured.delays, now - work.next_ping);
    }
    work.next_ping += 1000000000 / all.options->rate;
}

static void answered_at_pace(uint64_t due, uint64_t now) {
    if (due > now) {
        fail("a pong that was not asked for");
    }
    if (work.is_measuring && due >= work.measured_from) {
        measured.pongs++;
        histogram_add(&measured.latencies, now - due);
    }
}

static void send_paced_inventory(void) {
    uint64_t number = work.paced_inventories++;
    peer *peer = &all.peers[number % all.options->peers];
    send_all(peer, work.inventories[number % inventories], work.inventory_size);
    work.next_inventory += 1000000000 / all.options->inventory_rate;
}

static void prepare_inventories(void) {
    for (uint32_t i = 0; i < inventories; i++) {
        work.inventory_size = write_inventory(work.inventories[i], i * items_per_inventory, items_per_inventory);
    }
    // Every peer announces all of the pool at first: what the server remembers of it does not grow from then on.
    for (size_t i = 0; i < all.options->peers; i++) {
        for (size_t j = 0; j < inventories; j++) {
            send_all(&all.peers[i], work.inventories[j], work.inventory_size);
        }
    }
}

// Blocks

static void ask_for_block(peer *peer) {
    uint8_t frame[128];
    send_all(peer, frame, write_get_block(frame, work.block_hash));
}

void work_received_headers(peer *peer) {
    if (peer->head[0] == 0) {
        fail("the server has no block");
    }
    csha256_double_hash(peer->head + 1, block_header_size, work.block_hash);
    if (all.options->work == work_feed) {
        ask_for_block(peer);
        return;
    }
    for (size_t i = 0; i < all.options->peers; i++) {
        for (size_t j = 0; j < all.options->window; j++) {
            ask_for_block(&all.peers[i]);
        }
    }
}

void work_received_block(peer *peer) {
    if (all.options->work == work_blocks && !work.has_ended) {
        ask_for_block(peer);
    } else if (all.options->work == work_feed && !work.has_block) {
        work.has_block = true;
        for (size_t i = 0; i < all.options->peers; i++) {
            wait_to_write(&all.peers[i], true);
        }
    }
}

void work_received_payload(peer *peer, const uint8_t *bytes, size_t length) {
    if (all.options->work != work_feed || work.has_block || strcmp(peer->header.command, "block") != 0) {
        return;
    }
    if (work.block == NULL) {
        work.block_size = header_size + peer->header.length;
        work.block = malloc(work.block_size);
        if (work.block == NULL) {
            fail("out of memory for a block of %zu bytes", work.block_size);
        }
        memcpy(work.block, &peer->header, header_size);
        work.block_received = header_size;
    }
    memcpy(work.block + work.block_received, bytes, length);
    work.block_received += length;
}

void work_can_write(peer *peer) {
    if (peer->fed == 0 && peer->owes_pong) {
        peer->owes_pong = false;
        send_all(peer, peer->pong, sizeof peer->pong);
    }
    size_t left = work.block_size - peer->fed;
    size_t part = left < feed_write_size ? left : feed_write_size;
    ssize_t sent = send(peer->fd, work.block + peer->fed, part, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("peer %u: the server does not take its block: %s", peer->index, strerror(errno));
    }
    if (sent > 0) {
        measured.sent_bytes += (uint64_t)sent;
        peer->fed = (peer->fed + (size_t)sent) % work.block_size;
    }
}

// The course of it

void begin_work(void) {
    uint8_t frame[256];
    uint64_t now = now_ns();
    switch (all.options->work) {
    case work_ping:
        prepare_pings(all.options->window);
        for (size_t i = 0; i < all.options->peers; i++) {
            fill_window(&all.peers[i], now);
        }
        break;
    case work_pace:
        if (all.options->inventory_rate > 0) {
            prepare_inventories();
        }
        work.next_ping = work.next_inventory = now_ns();
        break;
    case work_blocks:
    case work_feed: send_all(&all.peers[0], frame, write_get_headers(frame)); break;
    case work_idle:
    case work_read: break;
    }
}

uint64_t do_due_work(uint64_t now) {
    if (all.options->work != work_pace || work.has_ended) {
        return UINT64_MAX;
    }
    while (all.options->rate > 0 && work.next_ping <= now) {
        send_paced_ping(now);
    }
    while (all.options->inventory_rate > 0 && work.next_inventory <= now) {
        send_paced_inventory();
    }
    uint64_t ping = all.options->rate > 0 ? work.next_ping : UINT64_MAX;
    uint64_t inventory = all.options->inventory_rate > 0 ? work.next_inventory : UINT64_MAX;
    return ping < inventory ? ping : inventory;
}

bool is_work_under_way(void) {
    switch (all.options->work) {
    case work_read: return all.received.items >= all.options->warmup_items * all.options->peers;
    case work_blocks: return all.received.blocks >= all.options->peers;
    case work_feed: return work.has_block && measured.sent_bytes >= work.block_size;
    default: return true;
    }
}

void begin_measurement(uint64_t now) {
    memset(&all.received, 0, sizeof all.received);
    memset(&measured, 0, sizeof measured);
    work.measured_from = now;
    work.is_measuring = true;
}

void end_work(void) {
    work.has_ended = true;
    for (size_t i = 0; i < all.options->peers; i++) {
        wait_to_write(&all.peers[i], false);
    }
}

uint64_t unanswered(void) {
    return all.options->work == work_pace ? work.counted_pings - measured.pongs : 0;
}

void probe_all(void) {
    ping_frame frame = make_ping(probe_nonce);
    for (size_t i = 0; i < all.options->peers; i++) {
        send_all(&all.peers[i], &frame, sizeof frame);
    }
}

void work_received_pong(peer *peer, uint64_t nonce, uint64_t now) {
    if (nonce == probe_nonce) {
        answered_probes += peer->answered_probe ? 0 : 1;
        peer->answered_probe = true;
    } else if (all.options->work == work_ping) {
        answered_in_window(peer, nonce, now);
    } else {
        answered_at_pace(nonce, now);
    }
}
