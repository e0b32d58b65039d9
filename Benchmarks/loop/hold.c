#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "ping_frame.h"
#include "traffic.h"

/// How many connections may wait in the listener's queue.
enum { opened_at_once = 1000 };

/// Connections wait in the listener's queue in order: when the newest is answered, all before it have been accepted.
/// The one that asks is closed again, so that those held have never sent a byte.
static void wait_for_accepting(const options *options, const traffic *traffic) {
    int last = connect_to(&options->target);
    probe(traffic, last, 0);
    close(last);
}

static void open_all(const options *options, const traffic *traffic, int *sockets) {
    for (size_t i = 0; i < options->connections; i++) {
        sockets[i] = connect_to(&options->target);
        if ((i + 1) % opened_at_once == 0 || i + 1 == options->connections) {
            wait_for_accepting(options, traffic);
        }
    }
}

void run_hold(const options *options) {
    traffic traffic = make_traffic(mode_ping, sizeof(ping_frame), sizeof(ping_frame));
    int *sockets = calloc(options->connections, sizeof *sockets);
    if (sockets == NULL) {
        fail("out of memory for %zu connections", options->connections);
    }
    bool is_open = false;
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        uint64_t start = now_ns();
        if (strcmp(line, "open") == 0 && !is_open) {
            open_all(options, &traffic, sockets);
            is_open = true;
        } else if (strcmp(line, "message") == 0 && is_open) {
            for (size_t i = 0; i < options->connections; i++) {
                probe(&traffic, sockets[i], i);
            }
        } else if (strcmp(line, "burst") == 0 && is_open) {
            run_burst(sockets, options->connections, options->burst);
        } else {
            fail("'%s' is not open, message or burst, or is out of turn", line);
        }
        printf("{\"event\":\"%s\",\"seconds\":%.3f}\n", line, (double)(now_ns() - start) / 1e9);
        fflush(stdout);
    }
}
