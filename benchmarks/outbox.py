"""The outbox drained to a provider that answers after a while: messages a second, by how many are on their way at once.

    .venv/bin/python benchmarks/outbox.py [--messages 600] [--answer-ms 50] [--at-once 1 2 4 8 16]

The messages of campaigns that were decided before: claimed by fifties, handed over by HTTP to a provider in a process
of its own, ends written. One worker; `1` is a worker as it was before several could be on their way.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from campaign import make, open_cases
from gate_book import TEN, Book, book_of, load, processor, server_processor

HOST = "127.0.0.1"
START_SECONDS = 30


def main() -> int:
    """Measure and print."""
    options = parse()
    share: int = options.messages
    with book_of(share * len(options.at_once), 1) as book, provider(options.answer_ms / 1000) as url:
        open_cases(book)
        for n, at_once in enumerate(options.at_once):
            decide(book, book.persons[n * share : (n + 1) * share])
            drain(book, url, at_once)
    return 0


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=600, help="of each run")
    parser.add_argument("--answer-ms", type=float, default=50.0, help="how long the provider takes")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 2, 4, 8, 16], help="a run for each number")
    return parser.parse_args()


def decide(book: Book, persons: tuple[int, ...]) -> None:
    """A campaign for these persons, all of it decided."""
    from zhizhi.store.campaigns.terms import load_terms
    from zhizhi.usecases.campaigns.asking import ask_chunk

    terms = load_terms(make(book, persons))
    assert terms is not None
    while ask_chunk(terms, TEN).settled:
        pass


def drain(book: Book, url: str, at_once: int) -> None:
    """One worker, until nothing waits."""
    from zhizhi.gateways.sms_http.channel import HttpSmsChannel, SmsSettings
    from zhizhi.jobs.outbox import Outbox
    from zhizhi.usecases.claim_contacts import claim_campaign_contacts

    channel = HttpSmsChannel(SmsSettings(url, "key", "secret", into_sink=True), lambda: datetime.now(UTC))
    outbox = Outbox({"sink": {"sms": channel}}, "benchmark", at_once={("sink", "sms"): at_once})
    server, own, begun = server_processor(book), processor(), time.monotonic()
    sent = outbox.send(claim_campaign_contacts, TEN)
    seconds, own, server = time.monotonic() - begun, processor() - own, server_processor(book) - server
    channel.close()
    print(
        f"{at_once} at once: {sent:,} messages in {seconds:.1f} s, {sent / seconds:,.0f} a second; processor"
        f" {own / sent * 1000:.2f} ms a message ours, {server / sent * 1000:.2f} the server's ({load()})"
    )


@contextmanager
def provider(answers_after: float) -> Iterator[str]:
    """The address of a provider in a process of its own, which takes every message."""
    context = multiprocessing.get_context("spawn")
    ports = context.SimpleQueue()
    process = context.Process(target=_serve, args=(answers_after, ports), daemon=True)
    process.start()
    try:
        yield f"http://{HOST}:{ports.get()}"
    finally:
        process.terminate()
        process.join(START_SECONDS)


def _serve(answers_after: float, ports: Any) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(answers_after)
            taken = [
                {"out_id": one["out_id"], "code": "accepted", "message_id": one["out_id"]} for one in asked["messages"]
            ]
            body = json.dumps({"code": "ok", "results": taken}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((HOST, 0), Handler)
    ports.put(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
