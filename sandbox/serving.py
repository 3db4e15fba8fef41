"""What both stand-ins share: the loop that serves until told to stop, and the log of requests."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import deque

from aiohttp import web

REMEMBERED_CHARACTERS = 64_000_000


class RequestLog:
    """The newest requests, bounded by the size of their bodies; older ones are only counted."""

    def __init__(self) -> None:
        self.rows: deque[dict] = deque()
        self.total = self.size = 0

    def add(self, method: str, path: str, body: str) -> dict:
        """The row, noted `at` the second the request comes in; its `status` is filled in with the answer."""
        row = {"method": method, "path": path, "body": body, "status": None, "at": time.time()}
        self.total += 1
        self.size += len(body)
        self.rows.append(row)
        while self.size > REMEMBERED_CHARACTERS:
            self.size -= len(self.rows.popleft()["body"])
        return row

    def clear(self) -> None:
        self.rows.clear()
        self.total = self.size = 0

    def as_json(self) -> dict:
        return {"total": self.total, "requests": [{**row, "body": _read(row["body"])} for row in self.rows]}


def _read(body: str) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


async def serve(app: web.Application, host: str, port: int, name: str) -> None:
    """Serve until SIGTERM or SIGINT; the first line printed names the address (port 0: a free one)."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        taken = runner.addresses[0][1]
        print(f"{name} stand-in on http://{host}:{taken}", flush=True)
        await stopped.wait()
    finally:
        await runner.cleanup()


def run(app: web.Application, host: str, port: int, name: str) -> None:
    """Serve, or end with one plain sentence when the port cannot be had."""
    try:
        asyncio.run(serve(app, host, port, name))
    except OSError as problem:
        raise SystemExit(
            f"The {name} stand-in cannot use port {port}: {problem.strerror or problem}."
        ) from None
