"""A stand-in for AR Boost over real HTTP: `python -m sandbox.arboost --port N [--token T] [--state FILE]`.

Speaks `GET /v1/agency`, `POST /v1/insurance-finder`,
`POST /v1/eligibility`, `PUT`/`DELETE /v1/deductible-monitoring/{reference}` and
`POST /v1/deductible-monitoring/checks` with at most 500 claims. With a token, `/v1` answers 401 to any other.
Scripting needs no token: `PUT /_script/<member id>`, `DELETE /_script`, `GET`/`DELETE /_requests`,
`GET /_monitored`; sandbox/script.py lists what a script may say and the members built in.
"""

from __future__ import annotations

import argparse
import hmac
from datetime import date
from pathlib import Path

from aiohttp import web

from .answering import coverages, result
from .faults import BOOK, SCRIPTING, Handler, equip, json_object, refusal, remembered, respond
from .script import EVERYONE, Book
from .serving import run

BATCH = 500
MAX_BODY_BYTES = 64 * 2**20
TOKEN = web.AppKey("token", str)


def application(token: str = "", state: Path | None = None) -> web.Application:
    """The service; an empty token lets everyone in."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[remembered, known_caller])
    equip(app, state)
    app[TOKEN] = token
    app.add_routes(
        [
            web.get("/v1/agency", agency),
            web.post("/v1/insurance-finder", insurance_finder),
            web.post("/v1/eligibility", eligibility),
            web.post("/v1/deductible-monitoring/checks", checks),
            web.put("/v1/deductible-monitoring/{reference}", monitor),
            web.delete("/v1/deductible-monitoring/{reference}", unmonitor),
            web.get("/_monitored", show_monitored),
            *SCRIPTING,
        ]
    )
    return app


@web.middleware
async def known_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    token = request.app[BOOK].scripts.get(EVERYONE, {}).get("token") or request.app[TOKEN]
    sent = request.headers.get("Authorization", "")
    if request.path.startswith("/v1/") and token and not hmac.compare_digest(sent, f"Bearer {token}"):
        return refusal(401, "The token is not known.")
    return await handler(request)


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
        book.injected.update(name for name in ("omit", "twice", "contradict") if script.get(name))
        if not script.get("omit"):
            answer = result(book, claim, target)
            results += [answer] * (2 if script.get("twice") else 1)
            results += [{**answer, **script["contradict"]}] if script.get("contradict") else []
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
