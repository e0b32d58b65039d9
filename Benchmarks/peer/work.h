/// What the peers do once they are connected, and what that measures.
#ifndef WORK_H
#define WORK_H

#include "histogram.h"
#include "peer.h"

typedef struct measurement {
    uint64_t pongs;
    histogram latencies;
    /// How late pings were sent, by this client's own doing: it is part of their latency too.
    histogram delays;
    uint64_t sent_bytes;
} measurement;

extern measurement measured;

/// Prepares and starts the work.
void begin_work(void);
/// Whatever is due at this time; returns when to come again.
uint64_t do_due_work(uint64_t now);
/// False while something must come before the measurement can begin.
bool is_work_under_way(void);
/// From here on counts are of the measurement.
void begin_measurement(uint64_t now);
/// No more questions. Answers to those asked are still counted.
void end_work(void);
/// Questions asked that count and were not answered.
uint64_t unanswered(void);

/// Asks every peer for a last answer; `answered_probes` counts them.
void probe_all(void);
extern size_t answered_probes;

#endif
