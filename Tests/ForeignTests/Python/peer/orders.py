"""Orders as lines of JSON on stdin, and an answer to each on stdout."""

import json
import os
import sys


def serve(handlers):
    """Carries out orders until stdin ends. What else is printed goes to stderr, so that answers stay alone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = handlers[order.pop("do")](**order) or {}
        except Exception as error:  # The test is to hear of whatever it is.
            answer = {"error": "%s: %s" % (type(error).__name__, error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
