"""Connections to AR Boost and the clearinghouse: saved, given back to the server's own, ended, tested.

A secret goes in and never comes out: it is sealed when it is saved, and sent to the address it was entered
for and to no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions.holding import MONITOR, UNMONITOR
from deductibles.actions.moves import Invalid
from deductibles.connections import health, rows
from deductibles.connections.reading import read
from deductibles.connections.rows import InForce
from deductibles.domain import vendor
from deductibles.gateways import clearinghouse, probe
from deductibles.gateways.wire import MEND, Unavailable
from patients.domain.intake import Wrong
from work import outbox
from work.models import Connection, ConnectionHealth, ConnectionKind

log = structlog.get_logger(__name__)
_STALE = "Somebody else changed this connection meanwhile. Read it again, then decide."


def save_connection(
    company: Company, kind: str, data: Mapping[str, Any], *, by: User, at: datetime
) -> Connection:
    """Save where a company's vendor is, and its token if one was typed; an empty one keeps that in force.

    ``data`` has ``address token remove account notes version``, and for an account of SFTP ``host_key
    compared outbox inbox``; a private key is its token. Call it outside a transaction: it looks the
    name up. Raises Invalid with all that is wrong, Refused "stale" when ``version`` is not the one in force,
    Refused "role" for all but admins.
    """
    _refuse_all_but_admins(by)
    _refuse_private_names(read(kind, data, rows.in_force(company.pk, kind))["address"])
    with transaction.atomic(), acting(by, f"save connection: {ConnectionKind(kind).label}"):
        now = _locked(company, kind, data.get("version"))
        clean = read(kind, data, now)
        row = now.row or Connection(company=company, kind=kind, version=0)
        if clean["token"] or clean["remove"]:
            _set_secret(row, clean["token"], by=by, at=at)
        elif now.source == "server":
            # The server's own token goes on counting, now as the company's.
            _set_secret(row, now.secret, by=None if now.secret else by, at=at)
        for name in ("address", "host_key", "outbox", "inbox", "account", "notes"):
            setattr(row, name, clean[name])
        row.from_environment = False
        _save(row, by=by, at=at)
    _try_again(company, kind, at)
    return row


def follow_server(company: Company, kind: str, version: Any, *, by: User, at: datetime) -> Connection:
    """Give the connection back to what the server was started with; Refused when that names none."""
    _refuse_all_but_admins(by)
    if not rows.of_server(kind)[0]:
        raise Refused("The server was started without an address of its own for this.")
    with transaction.atomic(), acting(by, f"use the server's connection: {ConnectionKind(kind).label}"):
        row = _locked(company, kind, version).row or Connection(company=company, kind=kind, version=0)
        _copy_server(row, at=at)
        _save(row, by=by, at=at)
    _try_again(company, kind, at)
    return row


def disconnect(company: Company, kind: str, version: Any, *, by: User, at: datetime) -> Connection:
    """End the connection and forget its token; nothing is asked or handed over until there is another."""
    _refuse_all_but_admins(by)
    with transaction.atomic(), acting(by, f"disconnect: {ConnectionKind(kind).label}"):
        row = _locked(company, kind, version).row or Connection(company=company, kind=kind, version=0)
        _set_secret(row, "", by=by, at=at)
        row.address = row.host_key = row.outbox = row.inbox = ""
        row.from_environment = False
        _save(row, by=by, at=at)
        # What is not connected does not fail.
        ConnectionHealth.objects.filter(company=company, kind=kind).update(
            failing_since=None, works_since=None
        )
    return row


def seed_connections(*, at: datetime) -> int:
    """Give every company without a row one with the server's own values, and renew those nobody has changed.

    Gives how many rows were written. Safe to repeat; what was saved on the page is left alone.
    """
    return sum(seed_company(company, at=at) for company in Company.objects.order_by("pk"))


def seed_company(company: Company, *, at: datetime) -> int:
    """The same for one company."""
    return sum(_seed(company, kind, at) for kind in rows.KINDS if rows.of_server(kind)[0])


def _seed(company: Company, kind: str, at: datetime) -> bool:
    with (
        transaction.atomic(),
        acting(None, f"take over the server's connection: {ConnectionKind(kind).label}", company=company.pk),
    ):
        row = _locked(company, kind, None).row or Connection(company=company, kind=kind, version=0)
        kept = (row.address, rows.opened(row), row.host_key)
        same = row.pk and kept == (*rows.of_server(kind), rows.host_key_of_server(kind))
        if same or (row.pk and not row.from_environment):
            return False
        _copy_server(row, at=at)
        _save(row, by=None, at=at)
    return True


def _refuse_private_names(address: str) -> None:
    """Names are judged again at every connection; here so that who types one is told at once."""
    if not rows.rules().demo and probe.leads_into_private(address):
        raise Invalid.of({"address": Wrong("private", vendor.PRIVATE)})


def try_connection(
    company: Company, kind: str, data: Mapping[str, Any] | None, *, by: User, at: datetime
) -> list[probe.Step]:
    """Walk to the vendor step by step and say where the way ends; call it outside a transaction.

    Without ``data`` the connection in force is tested, and what was found is kept with who tested it; with
    ``data`` what was typed is tested and nothing is kept. Raises Invalid as :func:`save_connection` does.
    """
    _refuse_all_but_admins(by)
    now = rows.in_force(company.pk, kind)
    address, secret, host_key, folders = now.address, now.secret, now.host_key, now.folders(company)
    if data is not None:
        clean = read(kind, data, now)
        kept = "" if clean["remove"] else secret
        address, secret = clean["address"], clean["token"] or kept
        host_key, folders = clean["host_key"], (clean["outbox"], clean["inbox"])
    if kind == rows.ARBOOST:
        steps = probe.walk_to_arboost(rows.arboost_at(address, secret))
    else:
        way = rows.clearinghouse_at(address, secret, host_key, folders)
        steps = probe.walk_to_clearinghouse(way, company.key)
    log.info("connection_tested", kind=kind, passed=probe.passed(steps))
    if data is None:
        _keep(company, kind, steps, by=by, at=at)
    return steps


def look_at_host_key(data: Mapping[str, Any], *, by: User) -> str:
    """The key that the server at the typed address shows, to be compared before anybody trusts it.

    Nobody is signed in and nothing is kept. Raises Invalid when the address is none or no key can be seen.
    """
    _refuse_all_but_admins(by)
    try:
        address = vendor.read_address(str(data.get("address") or ""), rows.rules(), folders=True)
        return clearinghouse.host_key_at(rows.clearinghouse_at(address, ""))
    except Wrong as wrong:
        raise Invalid.of({"address": wrong}) from None
    except Unavailable as problem:
        unseen = Wrong("unreachable", str(problem).removesuffix(MEND).strip())
        raise Invalid.of({"address": unseen}) from None


def _keep(company: Company, kind: str, steps: list[probe.Step], *, by: User, at: datetime) -> None:
    failed = next((step for step in steps if step.state == probe.FAILED), None)
    health.note(company.pk, kind, Unavailable(failed.said, step=failed.key) if failed else None, at=at)
    ConnectionHealth.objects.filter(company=company, kind=kind).update(
        tested_at=at, tested_by=by, test=[asdict(step) for step in steps]
    )
    if failed is None:
        _try_again(company, kind, at)


def try_again(company: Company, *, by: User, at: datetime) -> int:
    """Tell AR Boost now what waits to be told; give how many messages are tried at the next sweep."""
    _refuse_all_but_admins(by)
    return _try_again(company, rows.ARBOOST, at)


def _try_again(company: Company, kind: str, at: datetime) -> int:
    return outbox.hasten(company.pk, (MONITOR, UNMONITOR), at=at) if kind == rows.ARBOOST else 0


def _locked(company: Company, kind: str, version: Any) -> InForce:
    """What is in force, with the company locked; Refused "stale" when the page showed another version."""
    Company.objects.select_for_update().get(pk=company.pk)
    now = rows.in_force(company.pk, kind)
    if version not in (None, "") and str(version) != str(now.row.version if now.row else 0):
        raise Refused(_STALE, "stale")
    return now


def _copy_server(row: Connection, *, at: datetime) -> None:
    address, secret = rows.of_server(row.kind)
    _set_secret(row, secret, by=None, at=at)
    row.address, row.host_key, row.from_environment = address, rows.host_key_of_server(row.kind), True
    row.outbox = row.inbox = ""


def _set_secret(row: Connection, secret: str, *, by: User | None, at: datetime) -> None:
    row.secret = rows.sealed(row.company_id, row.kind, secret)
    row.secret_set_at, row.secret_set_by = (at, by) if secret else (None, None)


def _save(row: Connection, *, by: User | None, at: datetime) -> None:
    row.version += 1
    row.changed_at, row.changed_by = at, by
    row.save()


def _refuse_all_but_admins(by: User) -> None:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
