#include "server_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

server_options parse_server_options(int argc, char **argv, bool may_discard) {
    server_options options = {0};
    bool has_port = false, is_valid = true;
    for (int i = 1; i < argc && is_valid; i++) {
        if (may_discard && strcmp(argv[i], "--discard") == 0) {
            options.discards = true;
        } else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc) {
            char *end = NULL;
            long port = strtol(argv[++i], &end, 10);
            is_valid = end != argv[i] && *end == '\0' && port >= 0 && port <= UINT16_MAX;
            options.port = (uint16_t)port;
            has_port = true;
        } else {
            is_valid = false;
        }
    }
    if (!is_valid || !has_port) {
        fprintf(stderr, "usage: %s --port N%s (0 picks a free port)\n", argv[0], may_discard ? " [--discard]" : "");
        exit(2);
    }
    return options;
}

void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void say_listening(uint16_t port) {
    printf("listening on 127.0.0.1:%u\n", port);
    fflush(stdout);
}
