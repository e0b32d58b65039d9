"""The rows that programs of the package measure by themselves; each prints one JSON object with `rows`."""

import os

from children import Failed, Process
from report import Result
from servers import SWIFT_BUILT

# Each run of a program makes up its own rounds; a few of them show what the machine does to it.
MOST_RUNS = 5
PATIENCE = 300


def runs(options, name):
    """The rows of each run, or nothing where the program is not built."""
    path = SWIFT_BUILT / name
    if not os.access(path, os.X_OK):
        print(f"skipped: {name} is not built")
        return []
    found = []
    for _ in range(min(options.rounds, MOST_RUNS)):
        # Its threads share all processors.
        with Process([path], name) as program:
            found.append(program.object(PATIENCE)["rows"])
            program.expect_end(30)
    if any([row["name"] for row in rows] != [row["name"] for row in found[0]] for rows in found):
        raise Failed(f"{name} did not print the same rows each time")
    return found


def hop(options, _):
    found = runs(options, "loop-hop")
    for at, row in enumerate(found[0] if found else []):
        yield Result("hop", f"loop, lane and back: {row['name']}", "ns",
                     {"peerloop": [rows[at]["ns_per_hop"] for rows in found]},
                     target=f"<= {row['target']}" if row.get("target") else "", is_compared=False)


def timers(options, _):
    found = runs(options, "loop-timers")
    for at, row in enumerate(found[0] if found else []):
        for work in ("arm", "rearm", "cancel", "expire"):
            yield Result("timers", f"{row['name']}: {work}", "ns",
                         {"peerloop": [rows[at][f"{work}_ns"] for rows in found]}, is_compared=False)


ROWS = {"hop": (None, hop), "timers": (None, timers)}
