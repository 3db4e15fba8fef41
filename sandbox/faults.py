"""Answering as a script says, also badly: what both stand-ins do with a request once its work is known."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path

from aiohttp import web

from .script import Book
from .serving import RequestLog

LONGEST_HANG_SECONDS = 3600
BOOK, LOG = web.AppKey("book", Book), web.AppKey("log", RequestLog)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def equip(app: web.Application, state: Path | None) -> None:
    """Give the application its scripts, kept in `state` when that is named, and its log of requests."""
    app[BOOK], app[LOG] = Book.opened(state), RequestLog()
    app.cleanup_ctx.append(saving)


async def saving(app: web.Application):
    """Keep the book on disk, at most twice a second, and once more at the end."""

    async def now_and_then():
        while True:
            await asyncio.sleep(0.5)
            app[BOOK].save()

    task = asyncio.create_task(now_and_then())
    yield
    task.cancel()
    app[BOOK].save()


@web.middleware
async def remembered(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith("/v1/"):
        return await handler(request)
    body = (await request.read()).decode("utf-8", "replace")
    row = request.app[LOG].add(request.method, request.path, body)
    try:
        response = await handler(request)
        row["status"] = response.status
        return response
    except web.HTTPException as refused:
        row["status"] = refused.status
        raise


def refusal(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)


async def json_object(request: web.Request) -> dict:
    """The body as an object; 400 otherwise."""
    with suppress(ValueError, RecursionError):
        body = json.loads(await request.text())
        if isinstance(body, dict):
            return body
    raise web.HTTPBadRequest(text='{"detail": "A JSON object is needed."}', content_type="application/json")


async def respond(request: web.Request, asked: list[object], work: Callable[[], dict]) -> web.StreamResponse:
    """Do the work and answer with it, or fail the way a script says; `hang` and `status` do no work."""
    fault = request.app[BOOK].fault(asked, request.match_info.handler.__name__)
    await asyncio.sleep(LONGEST_HANG_SECONDS if fault.get("hang") else float(fault.get("delay") or 0))
    if fault.get("status"):
        return failing(fault)
    if fault.get("redirect"):
        return web.Response(status=302, headers={"Location": fault["redirect"]})
    answer = work()
    if fault.get("swapped") and isinstance(answer.get("results"), list):
        answer["results"].reverse()
    if fault.get("garbage"):
        return web.Response(body=b"<html>\x00\xff maintenance </html>", content_type="application/json")
    if fault.get("raw") is not None:
        return web.Response(text=fault["raw"], content_type="application/json")
    if fault.get("lost"):
        return hung_up(request)
    body = json.dumps(answer).encode()
    if fault.get("packed"):
        packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=gzip.compress(body), headers=packed)
    if fault.get("cut_body") is not None:
        return await cut(request, body, int(fault["cut_body"]))
    if fault.get("trickle"):
        return await trickled(request, body, float(fault["trickle"]))
    return web.Response(body=body, content_type="application/json")


def failing(fault: dict) -> web.Response:
    headers = {"Retry-After": str(fault["retry_after"])} if fault.get("retry_after") is not None else {}
    if fault.get("retry_after_date") is not None:
        headers["Retry-After"] = formatdate(time.time() + float(fault["retry_after_date"]), usegmt=True)
    return web.json_response({"detail": "scripted"}, status=int(fault["status"]), headers=headers)


def hung_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def cut(request: web.Request, body: bytes, length: int) -> web.StreamResponse:
    """All of the length announced, some of the bytes sent, then the connection closed."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: min(length, len(body) - 1)])
    if request.transport:
        request.transport.close()
    return response


async def trickled(request: web.Request, body: bytes, seconds: float) -> web.StreamResponse:
    """The whole body, byte by byte; it ends with whoever asked."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    for place in range(len(body)):
        await response.write(body[place : place + 1])
        await asyncio.sleep(seconds)
    return response


async def write_script(request: web.Request) -> web.Response:
    request.app[BOOK].write(request.match_info["member_id"], await json_object(request))
    return web.json_response({"scripted": request.match_info["member_id"]})


async def forget_scripts(request: web.Request) -> web.Response:
    request.app[BOOK].forget()
    return web.json_response({"scripted": None})


async def show_requests(request: web.Request) -> web.Response:
    return web.json_response(request.app[LOG].as_json())


async def show_injected(request: web.Request) -> web.Response:
    """How often each fault has happened since the scripts were last forgotten."""
    return web.json_response({"injected": request.app[BOOK].injected})


async def forget_requests(request: web.Request) -> web.Response:
    request.app[LOG].clear()
    return web.json_response({"total": 0, "requests": []})


SCRIPTING = (
    web.put("/_script/{member_id}", write_script),
    web.delete("/_script", forget_scripts),
    web.get("/_requests", show_requests),
    web.get("/_injected", show_injected),
    web.delete("/_requests", forget_requests),
)
