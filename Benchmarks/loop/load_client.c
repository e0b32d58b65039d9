/// Drives a server from one thread and prints one line of JSON. Exit status 1 when an answer is wrong or a connection
/// breaks, 2 for bad usage.
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "client.h"
#include "ping_frame.h"

const char usage[] =
    "usage: load_client --target HOST:PORT [options]\n"
    "  --server-pid PID    report this process's processor time\n"
    "  --mode MODE         echo (default) and ping: keep a window of messages in flight\n"
    "                      connect: open the connections and stop\n"
    "                      hold: do what each line of stdin says: open, message or burst\n"
    "                      open: send on a schedule that waits for no answer, without and with a flood beside it\n"
    "  --connections N     default 64\n"
    "  --window W          messages in flight per connection (default 16);\n"
    "                      with connect: connections opened before the newest is asked for an answer\n"
    "  --size BYTES        of an echoed message (default 32); a framed ping is 32\n"
    "  --rate N            messages a second, in all, of the open model (default 2000)\n"
    "  --flood MB          a second that one connection sends at most, beside the open model (default 500)\n"
    "  --burst BYTES       that a burst moves each way on each connection (default 1000000)\n"
    "  --warmup-ms M       default 500\n"
    "  --duration-ms D     default 3000\n"
    "  --allocations FILE  report what the server counts there, by allocations.so\n"
    "  --cpu N             run on this processor only\n";

int connect_to(const struct sockaddr_in *target) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket: %s", strerror(errno));
    }
    int on = 1;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)target, sizeof *target) != 0) {
        fail("cannot connect: %s", strerror(errno));
    }
    return fd;
}

static load_mode parse_mode(const char *text) {
    static const char *const names[] = {
        [mode_echo] = "echo", [mode_ping] = "ping", [mode_connect] = "connect", [mode_hold] = "hold",
        [mode_open] = "open"};
    for (int mode = mode_echo; mode <= mode_open; mode++) {
        if (strcmp(text, names[mode]) == 0) {
            return (load_mode)mode;
        }
    }
    bad_usage("--mode takes echo, ping, connect, hold or open, not '%s'", text);
}

static options parse(int argc, char **argv) {
    enum {
        target, server_pid, mode, connections, window, size, rate, flood, burst, warmup, duration, allocations, cpu
    };
    static const struct option known[] = {
        {"target", required_argument, NULL, target},
        {"server-pid", required_argument, NULL, server_pid},
        {"mode", required_argument, NULL, mode},
        {"connections", required_argument, NULL, connections},
        {"window", required_argument, NULL, window},
        {"size", required_argument, NULL, size},
        {"rate", required_argument, NULL, rate},
        {"flood", required_argument, NULL, flood},
        {"burst", required_argument, NULL, burst},
        {"warmup-ms", required_argument, NULL, warmup},
        {"duration-ms", required_argument, NULL, duration},
        {"allocations", required_argument, NULL, allocations},
        {"cpu", required_argument, NULL, cpu},
        {0},
    };
    options parsed = {
        .connections = 64, .window = 16, .size = 32, .warmup_ns = 500000000, .duration_ns = 3000000000,
        .rate = 2000, .flood = 500, .burst = 1000000};
    int option, index = 0;
    while ((option = getopt_long(argc, argv, "", known, &index)) != -1) {
        const char *name = option == '?' ? "" : known[index].name;
        switch (option) {
        case target: parsed.target = parse_target(optarg); break;
        case server_pid: parsed.server_pid = (pid_t)number(name, optarg, 1, INT32_MAX); break;
        case mode: parsed.mode = parse_mode(optarg); break;
        case connections: parsed.connections = number(name, optarg, 1, 100000); break;
        case window: parsed.window = number(name, optarg, 1, 100000); break;
        case size: parsed.size = number(name, optarg, 1, 1 << 24); break;
        case rate: parsed.rate = number(name, optarg, 1, 1000000); break;
        case flood: parsed.flood = number(name, optarg, 0, 100000); break;
        case burst: parsed.burst = number(name, optarg, 1, 1 << 30); break;
        case warmup: parsed.warmup_ns = number(name, optarg, 0, 600000) * 1000000; break;
        case duration: parsed.duration_ns = number(name, optarg, 1, 600000) * 1000000; break;
        case allocations: parsed.allocation_file = optarg; break;
        case cpu: run_on((int)number(name, optarg, 0, CPU_SETSIZE - 1)); break;
        default: bad_usage("that option is not known or lacks its value");
        }
    }
    if (optind < argc || parsed.target.sin_port == 0) {
        bad_usage(optind < argc ? "options only, please" : "--target is needed");
    }
    if (parsed.mode == mode_ping) {
        parsed.size = sizeof(ping_frame);
    }
    return parsed;
}

int main(int argc, char **argv) {
    options options = parse(argc, argv);
    allow_connections(options.connections);
    switch (options.mode) {
    case mode_echo:
    case mode_ping: run_load(&options); break;
    case mode_connect: run_connect_storm(&options); break;
    case mode_hold: run_hold(&options); break;
    case mode_open: run_open_model(&options); break;
    }
    return 0;
}
