"""A stand-in for a clearinghouse: `python -m sandbox.clearinghouse --port N [--folder DIR] [--ack-after S]`.

With `--keyless` it heeds no `Idempotency-Key` and keeps everything it is sent, also what it has; `--takes S`
is how long it takes to take a file in.

Over HTTP: `POST /v1/<company>/files/<name>` with an `Idempotency-Key` takes an 837P in (409 when the name had
other bytes), `GET /v1/<company>/inbox` lists the 999 and 277CA texts due, `DELETE /v1/<company>/inbox/<name>`
removes one that was read. With `--folder` it also takes files from `DIR/<company>/outbox`, moves them to
`DIR/<company>/accepted` and writes acknowledgements to `DIR/<company>/inbox`; its books are then kept in
`DIR/.clearinghouse.json`.

For tests: `GET /_accepted` (files, claims and those accepted twice), `PUT /_script/<claim as sent>` with
`{"reject": true}` or `{"status_277": "A3:33"}`, `PUT /_script/*` with the response faults of
sandbox/script.py, `DELETE /_script`, `GET`/`DELETE /_requests`.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from aiohttp import web

from .faults import BOOK, SCRIPTING, equip, refusal, remembered, respond
from .house import House, OtherBytes, watch_once
from .serving import run

MAX_BODY_BYTES = 64 * 2**20
WATCH_SECONDS = 0.3
HOUSE = web.AppKey("house", House)
TAKES = web.AppKey("takes", float)


def application(
    folder: Path | None = None, ack_after: float = 0, *, keyless: bool = False, takes: float = 0
) -> web.Application:
    """The service; with a folder it watches that too."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[remembered])
    equip(app, None)
    if folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = folder / ".clearinghouse.json" if folder else None
    app[HOUSE] = House.opened(app[BOOK], ack_after, state, keyless=keyless)
    app[TAKES] = takes
    app.add_routes(
        [
            web.post("/v1/{company}/files/{name}", take_file),
            web.get("/v1/{company}/inbox", list_inbox),
            web.delete("/v1/{company}/inbox/{name}", remove_from_inbox),
            web.get("/_accepted", show_accepted),
            web.delete("/_accepted", forget_accepted),
            *SCRIPTING,
        ]
    )
    if folder:
        app.cleanup_ctx.append(lambda app: watching(app, folder))
    return app


async def watching(app: web.Application, folder: Path):
    """Look into the folder until the end; a folder in trouble is said once and looked at again."""

    async def keep_watching():
        said = ""
        while True:
            try:
                watch_once(app[HOUSE], folder)
                said = ""
            except OSError as problem:
                if said != str(problem):
                    said = str(problem)
                    print(f"The clearinghouse stand-in cannot use {folder}: {said}", flush=True)
            await asyncio.sleep(WATCH_SECONDS)

    task = asyncio.create_task(keep_watching())
    yield
    task.cancel()


async def take_file(request: web.Request) -> web.StreamResponse:
    company, name = request.match_info["company"], request.match_info["name"]
    house = request.app[HOUSE]
    if not house.keyless and request.headers.get("Idempotency-Key") != name:
        return refusal(400, "The Idempotency-Key must be the name of the file.")
    content = await request.read()
    await asyncio.sleep(request.app[TAKES])
    try:
        return await respond(
            request, [], lambda: {"state": "accepted", "reference": house.receive(company, name, content)}
        )
    except OtherBytes:
        return refusal(409, "This name was used for a file with other contents.")


async def list_inbox(request: web.Request) -> web.StreamResponse:
    company = request.match_info["company"]
    rows = request.app[HOUSE].due(company)
    return await respond(request, [], lambda: {"files": [{"name": n, "text": t} for _, n, t in rows]})


async def remove_from_inbox(request: web.Request) -> web.StreamResponse:
    known = request.app[HOUSE].fetched(request.match_info["company"], request.match_info["name"])
    return web.json_response({"removed": known})


async def show_accepted(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    return web.json_response(
        {"files": house.files, "claims": house.accepted, "duplicates": house.duplicates()}
    )


async def forget_accepted(request: web.Request) -> web.Response:
    request.app[HOUSE].forget()
    return web.json_response({"files": {}, "claims": {}, "duplicates": {}})


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.clearinghouse", description="A stand-in for a clearinghouse."
    )
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one and prints it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--folder", type=Path, help="folder whose company outboxes are taken in as well")
    parser.add_argument("--ack-after", type=float, default=0, help="seconds until a 999 and 277CA are there")
    parser.add_argument("--keyless", action="store_true", help="keep everything, also what came before")
    parser.add_argument("--takes", type=float, default=0, help="seconds that taking a file in takes")
    args = parser.parse_args()
    app = application(args.folder, args.ack_after, keyless=args.keyless, takes=args.takes)
    run(app, args.host, args.port, "Clearinghouse")


if __name__ == "__main__":
    main()
