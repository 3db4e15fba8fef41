"""A stand-in for AR Boost over real HTTP: `python -m sandbox.arboost --port N [--token T] [--state FILE]`.

Speaks the interface of docs/api.md's AR Boost section: `GET /v1/agency`, `POST /v1/insurance-finder`,
`POST /v1/eligibility`, `PUT`/`DELETE /v1/deductible-monitoring/{reference}` and
`POST /v1/deductible-monitoring/checks` with at most 500 claims. With a token, `/v1` answers 401 to any other.
Scripting needs no token: `PUT /_script/<member id>`, `DELETE /_script`, `GET`/`DELETE /_requests`,
`GET /_monitored`; sandbox/script.py lists what a script may say and the members built in.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from aiohttp import web

from .answering import coverages, result
from .script import EVERYONE, Book
from .serving import RequestLog, run

BATCH = 500
MAX_BODY_BYTES = 64 * 2**20
LONGEST_HANG_SECONDS = 3600
BOOK, LOG, TOKEN = web.AppKey("book", Book), web.AppKey("log", RequestLog), web.AppKey("token", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(token: str = "", state: Path | None = None) -> web.Application:
    """The service; an empty token lets everyone in."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[remembered, known_caller])
    app[BOOK], app[LOG], app[TOKEN] = Book.opened(state), RequestLog(), token
    app.add_routes(
        [
            web.get("/v1/agency", agency),
            web.post("/v1/insurance-finder", insurance_finder),
            web.post("/v1/eligibility", eligibility),
            web.post("/v1/deductible-monitoring/checks", checks),
            web.put("/v1/deductible-monitoring/{reference}", monitor),
            web.delete("/v1/deductible-monitoring/{reference}", unmonitor),
            web.put("/_script/{member_id}", write_script),
            web.delete("/_script", forget_scripts),
            web.get("/_requests", show_requests),
            web.delete("/_requests", forget_requests),
            web.get("/_monitored", show_monitored),
        ]
    )
    app.cleanup_ctx.append(saving)
    return app


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


@web.middleware
async def known_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    token = request.app[TOKEN]
    sent = request.headers.get("Authorization", "")
    if request.path.startswith("/v1/") and token and not hmac.compare_digest(sent, f"Bearer {token}"):
        return refusal(401, "The token is not known.")
    return await handler(request)


def refusal(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)


async def json_object(request: web.Request) -> dict:
    """The body as an object; 400 otherwise."""
    with suppress(ValueError, RecursionError):
        body = json.loads(await request.text())
        if isinstance(body, dict):
            return body
    raise web.HTTPBadRequest(text='{"detail": "A JSON object is needed."}', content_type="application/json")


def is_question(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    named = all(isinstance(value.get(k), str) and value[k] for k in ("reference", "trace", "as_of"))
    return named and all(isinstance(value.get(k), dict) for k in ("payer", "subscriber", "patient"))


def day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def members(questions: list[dict]) -> list[object]:
    return [(q.get("subscriber") or {}).get("member_id") for q in questions]


async def agency(request: web.Request) -> web.StreamResponse:
    on = request.app[BOOK].scripts.get(EVERYONE, {}).get("agency", True)
    return await respond(request, [], lambda: {"hold_for_deductible": on})


async def insurance_finder(request: web.Request) -> web.StreamResponse:
    body = await json_object(request)
    patient = body.get("patient")
    if not isinstance(patient, dict):
        return refusal(400, "`patient` is needed.")
    book = request.app[BOOK]
    return await respond(request, [], lambda: {"coverages": coverages(book, patient, date.today())})


async def eligibility(request: web.Request) -> web.StreamResponse:
    question = await json_object(request)
    as_of = day(question.get("as_of"))
    if not is_question(question) or as_of is None:
        return refusal(400, "reference, trace, payer, subscriber, patient and as_of are needed.")
    return await respond(request, members([question]), lambda: result(request.app[BOOK], question, as_of))


async def checks(request: web.Request) -> web.StreamResponse:
    body = await json_object(request)
    claims, target = body.get("claims"), day(body.get("target_date"))
    if target is None or not isinstance(claims, list) or not all(map(is_question, claims)):
        return refusal(400, "target_date and a list of claims are needed.")
    if len(claims) > BATCH:
        return refusal(413, f"At most {BATCH} claims in one request.")
    return await respond(
        request, members(claims), lambda: {"results": batch(request.app[BOOK], claims, target)}
    )


def batch(book: Book, claims: list[dict], target: date) -> list[dict]:
    results = []
    for claim, member in zip(claims, members(claims), strict=True):
        script = book.script(member)
        if not script.get("omit"):
            results += [result(book, claim, target)] * (2 if script.get("twice") else 1)
    return results


async def monitor(request: web.Request) -> web.StreamResponse:
    question = await json_object(request)
    if request.app[BOOK].scripts.get(EVERYONE, {}).get("agency") is False:
        return refusal(409, "Hold for deductible is switched off for this agency.")

    def registered() -> dict:
        member = str((question.get("subscriber") or {}).get("member_id") or "")
        request.app[BOOK].monitored[request.match_info["reference"]] = member
        request.app[BOOK].changed = True
        return {"reference": request.match_info["reference"], "monitored": True}

    return await respond(request, members([question]), registered)


async def unmonitor(request: web.Request) -> web.StreamResponse:
    reference, book = request.match_info["reference"], request.app[BOOK]
    known = reference in book.monitored
    if not known:
        return refusal(404, "This reference is not monitored.")

    def ended() -> dict:
        book.monitored.pop(reference, None)
        book.changed = True
        return {"reference": reference, "monitored": False}

    return await respond(request, [book.monitored[reference]], ended)


async def respond(request: web.Request, asked: list[object], work: Callable[[], dict]) -> web.StreamResponse:
    """Do the work and answer with it, or fail the way a script says; `hang` and `status` do no work."""
    fault = request.app[BOOK].fault(asked)
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
    return web.Response(body=body, content_type="application/json")


def failing(fault: dict) -> web.Response:
    headers = {"Retry-After": str(fault["retry_after"])} if fault.get("retry_after") is not None else {}
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


async def write_script(request: web.Request) -> web.Response:
    request.app[BOOK].write(request.match_info["member_id"], await json_object(request))
    return web.json_response({"scripted": request.match_info["member_id"]})


async def forget_scripts(request: web.Request) -> web.Response:
    request.app[BOOK].forget()
    return web.json_response({"scripted": None})


async def show_requests(request: web.Request) -> web.Response:
    return web.json_response(request.app[LOG].as_json())


async def forget_requests(request: web.Request) -> web.Response:
    request.app[LOG].clear()
    return web.json_response({"total": 0, "requests": []})


async def show_monitored(request: web.Request) -> web.Response:
    return web.json_response({"monitored": request.app[BOOK].monitored})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.arboost", description="A stand-in for AR Boost.")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one and prints it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token", default="", help="the only bearer token let in; without it everyone is")
    parser.add_argument("--state", type=Path, help="file that keeps scripts and monitoring over a restart")
    args = parser.parse_args()
    run(application(args.token, args.state), args.host, args.port, "AR Boost")


if __name__ == "__main__":
    main()
