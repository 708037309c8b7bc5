"""A model's server for measurements, in a process of its own: it waits, answers well, and says when it was asked."""

from __future__ import annotations

import json
import sys
import time

from tests.model_server import Answer, Heard, ModelServer, answer_well


def main() -> None:
    """Serve until the standard input ends; print the address first, and the moments of all requests last."""
    latency = float(sys.argv[1])

    def answer(heard: Heard) -> Answer:
        start = time.monotonic()
        body = answer_well(heard).body
        return Answer(body=body, delay=latency - (time.monotonic() - start))

    with ModelServer(answer) as server:
        print(server.url, flush=True)
        sys.stdin.read()
        asked = [heard.at for heard in server.heard]
        first = min(asked, default=0.0)
        measured = {
            "calls": len(asked),
            "seconds": server.last_answered - first,
            "most_in_flight": server.most_in_flight,
        }
        print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main()
