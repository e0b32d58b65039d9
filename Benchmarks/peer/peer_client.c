/// Many peers of one server, from one thread: connects and handshakes them, has them do one kind of work, and prints
/// what it measured, one JSON object a line: `connected`, `measuring`, and `done` at the end. Ends early, in order, on
/// SIGTERM. Exit status 1 when a peer is lost or an answer is wrong, 2 for bad usage.
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "work.h"

const char usage[] =
    "usage: peer_client --target HOST:PORT [options]\n"
    "  --server-pid PID       report this process's processor time\n"
    "  --work KIND            idle (default); read: take what comes; ping: keep pings in flight;\n"
    "                         pace: ping at a steady rate, timed from when each was due;\n"
    "                         blocks: download the server's first block again and again;\n"
    "                         feed: download it once and send it back without end\n"
    "  --peers N              default 64\n"
    "  --window W             pings, or blocks asked for, in flight on each peer (default 1)\n"
    "  --rate R               with pace: pings a second, of all peers together (default 1000)\n"
    "  --inventory-rate R     with pace: inv messages of 8 items a second, of all peers together (default 0)\n"
    "  --warmup-items N       with read: items each peer has received, on average, before it is measured (default 0)\n"
    "  --concurrency N        connects and handshakes under way at once (default 128)\n"
    "  --source-ips N         spread the peers over so many addresses, 127.0.1.1 and up (default 0: the system's)\n"
    "  --no-handshake         for a server that answers pings and no more\n"
    "  --settle-ms M          nothing is done for so long after the last handshake (default 500)\n"
    "  --warmup-ms M          work before the measurement (default 500)\n"
    "  --duration-ms D        default 3000\n"
    "  --cpu N                run on this processor only\n"
    "  --urgent               run before all else on it, where that is allowed\n";

enum { patience_seconds = 60 };

static void stop(int signal) {
    (void)signal;
    is_told_to_stop = true;
}

static void set_up_process(void) {
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    // Whoever started this must not leave it behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static void be_urgent(void) {
    struct sched_param parameter = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_RR, &parameter);
}

static work_kind parse_work(const char *text) {
    static const char *const names[] = {[work_idle] = "idle", [work_read] = "read", [work_ping] = "ping",
        [work_pace] = "pace", [work_blocks] = "blocks", [work_feed] = "feed"};
    for (int kind = work_idle; kind <= work_feed; kind++) {
        if (strcmp(text, names[kind]) == 0) {
            return (work_kind)kind;
        }
    }
    bad_usage("--work takes idle, read, ping, pace, blocks or feed, not '%s'", text);
}

static options parse(int argc, char **argv) {
    enum { target, server, work, peers, window, rate, inventory, items, many, sources,
        handshake, settle, warmup, duration, cpu, urgent };
    static const struct option known[] = {
        {"target", required_argument, NULL, target},
        {"server-pid", required_argument, NULL, server},
        {"work", required_argument, NULL, work},
        {"peers", required_argument, NULL, peers},
        {"window", required_argument, NULL, window},
        {"rate", required_argument, NULL, rate},
        {"inventory-rate", required_argument, NULL, inventory},
        {"warmup-items", required_argument, NULL, items},
        {"concurrency", required_argument, NULL, many},
        {"source-ips", required_argument, NULL, sources},
        {"no-handshake", no_argument, NULL, handshake},
        {"settle-ms", required_argument, NULL, settle},
        {"warmup-ms", required_argument, NULL, warmup},
        {"duration-ms", required_argument, NULL, duration},
        {"cpu", required_argument, NULL, cpu},
        {"urgent", no_argument, NULL, urgent},
        {0},
    };
    options parsed = {.peers = 64, .window = 1, .rate = 1000, .concurrency = 128, .shakes_hands = true,
        .settle_ns = 500000000, .warmup_ns = 500000000, .duration_ns = 3000000000};
    int option, index = 0;
    while ((option = getopt_long(argc, argv, "", known, &index)) != -1) {
        const char *name = option == '?' ? "" : known[index].name;
        switch (option) {
        case target: parsed.target = parse_target(optarg); break;
        case server: parsed.server_pid = (pid_t)number(name, optarg, 1, INT32_MAX); break;
        case work: parsed.work = parse_work(optarg); break;
        case peers: parsed.peers = number(name, optarg, 1, 100000); break;
        case window: parsed.window = number(name, optarg, 1, 1024); break;
        case rate: parsed.rate = number(name, optarg, 0, 10000000); break;
        case inventory: parsed.inventory_rate = number(name, optarg, 0, 1000000); break;
        case items: parsed.warmup_items = number(name, optarg, 0, 1000000); break;
        case many: parsed.concurrency = number(name, optarg, 1, 10000); break;
        case sources: parsed.source_ips = number(name, optarg, 0, 200); break;
        case handshake: parsed.shakes_hands = false; break;
        case settle: parsed.settle_ns = number(name, optarg, 0, 3600000) * 1000000; break;
        case warmup: parsed.warmup_ns = number(name, optarg, 0, 3600000) * 1000000; break;
        case duration: parsed.duration_ns = number(name, optarg, 1, 36000000) * 1000000; break;
        case cpu: run_on((int)number(name, optarg, 0, CPU_SETSIZE - 1)); break;
        case urgent: be_urgent(); break;
        default: bad_usage("that option is not known or lacks its value");
        }
    }
    if (optind < argc || parsed.target.sin_port == 0) {
        bad_usage(optind < argc ? "options only, please" : "--target is needed");
    }
    return parsed;
}

/// Works until a time, or until told to stop.
static void run_until(uint64_t deadline) {
    for (uint64_t now = now_ns(); now < deadline && !is_told_to_stop; now = now_ns()) {
        uint64_t due = do_due_work(now);
        serve_events(due < deadline ? due : deadline);
    }
}

static uint64_t patience(void) { return now_ns() + patience_seconds * 1000000000ULL; }

static void connect_all(void) {
    uint64_t start = now_ns(), cpu = server_cpu_ns(all.options->server_pid), deadline = patience();
    connect_more();
    while (all.established < all.options->peers) {
        serve_events(deadline);
        if (is_told_to_stop || now_ns() > deadline) {
            fail("only %zu of %zu peers came through", all.established, all.options->peers);
        }
    }
    double seconds = (double)(now_ns() - start) / 1e9;
    // The last of what the server does for its newest peers.
    for (uint64_t settled = now_ns() + 200000000; now_ns() < settled;) {
        serve_events(settled);
    }
    cpu = server_cpu_ns(all.options->server_pid) - cpu;
    printf("{\"event\":\"connected\",\"peers\":%zu,\"seconds\":%.4f,\"server_cpu_ns_per_handshake\":%.1f}\n",
        all.established, seconds, (double)cpu / (double)all.established);
}

static void wait_for_work(void) {
    uint64_t deadline = patience();
    while (!is_work_under_way()) {
        run_until(now_ns() + 1000000);
        if (is_told_to_stop || now_ns() > deadline) {
            fail("the work did not get under way");
        }
    }
}

/// Waits for what was asked for and then for a last answer from every peer.
static void finish(void) {
    uint64_t deadline = patience();
    end_work();
    while (unanswered() > 0 && now_ns() < deadline) {
        serve_events(now_ns() + 10000000);
    }
    // A peer amid a block cannot ask for anything.
    if (all.options->work != work_feed) {
        probe_all();
        while (answered_probes < all.options->peers && now_ns() < deadline) {
            serve_events(now_ns() + 10000000);
        }
    }
}

static void report(double seconds, uint64_t cpu, const received *received) {
    const measurement *m = &measured;
    printf(
        "{\"event\":\"done\",\"seconds\":%.4f,\"server_cpu_ns\":%" PRIu64 ",\"pongs\":%" PRIu64
        ",\"unanswered\":%" PRIu64 ",\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,\"delay_p99_us\":%.2f"
        ",\"items\":%" PRIu64 ",\"inventories\":%" PRIu64 ",\"blocks\":%" PRIu64
        ",\"received_bytes\":%" PRIu64 ",\"sent_bytes\":%" PRIu64
        ",\"answered\":%zu}\n",
        seconds, cpu, m->pongs, unanswered(), histogram_quantile_us(&m->latencies, 0.5),
        histogram_quantile_us(&m->latencies, 0.99), histogram_quantile_us(&m->latencies, 0.999),
        histogram_quantile_us(&m->delays, 0.99), received->items, received->inventories,
        received->blocks, received->bytes, m->sent_bytes,
        answered_probes);
}

int main(int argc, char **argv) {
    options options = parse(argc, argv);
    set_up_process();
    allow_connections(options.peers);
    open_swarm(&options);
    connect_all();
    for (uint64_t settled = now_ns() + options.settle_ns; now_ns() < settled && !is_told_to_stop;) {
        serve_events(settled);
    }
    begin_work();
    run_until(now_ns() + options.warmup_ns);
    wait_for_work();

    uint64_t cpu = server_cpu_ns(options.server_pid), start = now_ns();
    begin_measurement(start);
    printf("{\"event\":\"measuring\"}\n");
    run_until(start + options.duration_ns);
    cpu = server_cpu_ns(options.server_pid) - cpu;
    double seconds = (double)(now_ns() - start) / 1e9;
    // What is received from here on does not count, but for answers to pings that were due in time.
    received received = all.received;
    finish();
    report(seconds, cpu, &received);
    return 0;
}
