"""The reports say what happened: every number against a second count, made row by row in plain Python.

A desk's two months are lived by random acts, and a diary is kept beside them. What the pages and files say is
held against the diary and against rows read one by one; no query of the reports is used for that.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.models import Company, Team, User
from accounts.steps import Refused
from escalations import actions
from escalations.clock import standing_of
from escalations.domain.reports import Period, length_words, percentile, share
from escalations.models import (
    Breach,
    Deflection,
    Pause,
    Proposal,
    Ticket,
    TicketCycle,
    Waiver,
)
from escalations.policies import calendar_in_force, calendar_of, policy_in_force
from patients.models import Patient
from tables.models import Export
from tests.factories import PatientFactory, make_cast
from tests.tickets import filed, good

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
"""Friday, half past four in Chicago."""
FIRST = date(2026, 9, 28)
PERIOD = Period(FIRST, date(2026, 11, 20))
KEYS = ("attainment", "ageing", "times", "hands", "overrides", "misfilings", "late", "turned-away")
KINDS = (
    "itemized-bill", "refund", "supervisor", "requisition-form", "wo-code-error", "patient-sos",
    "executive-keywords",
)  # fmt: skip
TICKETS = 140
DONE = {"outcome": "Done on the account"}
PageAs = Callable[[User], Client]


@dataclass
class Diary:
    """What happened, noted down beside the acts: for each ticket when it became what, and who filed it as
    what."""

    moves: dict[int, list[tuple[datetime, str, int | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    retypes: list[tuple[datetime, str, str, int]] = field(default_factory=list)
    promised: dict[int, datetime | None] = field(default_factory=dict)

    def note(self, ticket: Ticket, at: datetime) -> None:
        self.moves[ticket.pk].append((at, ticket.status, ticket.assignee_id))


class Life:
    """Two months at acme's desk, by random acts."""

    def __init__(self, cast: dict[str, User]) -> None:
        self.chance = random.Random(20261120)  # noqa: S311  invented lives
        self.diary, self.cast = Diary(), cast
        acme = cast["ana"].company
        days, late = (Team.objects.create(company=acme, name=name) for name in ("Days", "Late shift"))
        cast["eve"] = User.objects.create(
            username="eve", first_name="Eve", last_name="Example", company=acme, role="agent", team=late
        )
        User.objects.filter(username="ana").update(team=days)
        cast["ana"].team = days
        self.people = [cast["ana"], cast["eve"], cast["sue"]]
        self.patients = [PatientFactory(company=acme) for _ in range(6)]

    def live(self) -> Diary:
        for _ in range(TICKETS):
            self._ticket(self._moment(NOW - timedelta(days=75), NOW - timedelta(hours=3)))
        self._waits_long(NOW - timedelta(days=20))
        _beside(self.cast, self.chance)
        actions.watch_clocks(at=NOW - timedelta(minutes=2))
        for breach in Breach.objects.order_by("pk"):
            if self.chance.random() < 0.6:
                said = self.chance.choice(["volume", "insurer", "overlooked"])
                Breach.objects.filter(pk=breach.pk).update(reason=said, told_at=NOW, told_by=self.cast["sue"])
        return self.diary

    def _moment(self, since: datetime, until: datetime) -> datetime:
        return since + (until - since) * self.chance.random()

    def _ticket(self, at: datetime) -> None:
        by, kind = self.chance.choice(self.people[:2]), self.chance.choice(KINDS)
        changes = {"note": "Her attorney wrote."} if self.chance.random() < 0.15 else {}
        channel = "email" if kind == "itemized-bill" and self.chance.random() < 0.5 else "phone"
        ticket = filed(kind, by, self.chance.choice(self.patients), at, channel=channel, **changes)
        self.diary.promised[ticket.pk] = ticket.due_at
        self.diary.note(ticket, at)
        for _ in range(self.chance.randint(0, 7)):
            at += timedelta(hours=self.chance.expovariate(1 / 40))
            if at >= NOW:
                return
            ticket = self._act(ticket, at)

    def _waits_long(self, at: datetime) -> None:
        """One that was in time by its clock, and later than its patient was told."""
        ticket = filed("supervisor", self.cast["ana"], self.patients[0], at)
        self.diary.promised[ticket.pk] = ticket.due_at
        self.diary.note(ticket, at)
        for hours, act, facts in (
            (1, "wait", {"reason": "patient"}),
            (200, "resume", {}),
            (2, "resolve", DONE),
        ):
            at += timedelta(hours=hours)
            ticket = actions.act(ticket, act, by=self.cast["ana"], at=at, facts=facts)
            self.diary.note(ticket, at)

    def _act(self, ticket: Ticket, at: datetime) -> Ticket:
        """Some act that may be done now; what the rules refuse is not done."""
        sue, act = self.cast["sue"], self._chosen(ticket)
        by = (
            sue
            if act in ("assign", "reopen", "cancel", "retype", "resolve")
            else self.chance.choice(self.people)
        )
        before = ticket.type
        try:
            ticket = actions.act(ticket, act, by=by, at=at, facts=self._facts(act, ticket))
        except (Refused, actions.Invalid, actions.Unfit):
            return Ticket.objects.get(pk=ticket.pk)
        if act == "retype" and ticket.type != before:
            self.diary.retypes.append((at, before, ticket.type, ticket.filed_by_id))
        self.diary.note(ticket, at)
        return ticket

    def _chosen(self, ticket: Ticket) -> str:
        if ticket.status == "resolved":
            return self.chance.choice(["reopen", "comment", "comment"])
        if ticket.status == "waiting":
            return self.chance.choice(["resume", "resume", "comment", "assign", "resolve"])
        return self.chance.choice(
            ["take", "start", "wait", "wait", "assign", "retype", *["resolve"] * 4, "comment", "cancel"]
        )

    def _facts(self, act: str, ticket: Ticket) -> dict[str, Any]:
        if act == "retype":
            kind = self.chance.choice(KINDS)
            return {"type": kind, **good(kind)}
        return {
            "assign": lambda: {"user": self.chance.choice(self.people).username},
            "wait": lambda: {"reason": self.chance.choice(["patient", "colleagues", "insurer"])},
            "resolve": lambda: {"outcome": "Settled"},
            "reopen": lambda: {"reason": "Not settled"},
            "cancel": lambda: {"reason": "Not needed"},
            "comment": lambda: {"note": "Looked at it"},
        }.get(act, dict)()


def _beside(cast: dict[str, User], chance: random.Random) -> None:
    """Overrides, dismissals, declined proposals and calls turned away, spread over three months."""
    acme = cast["ana"].company
    tickets = list(Ticket.objects.filter(company=acme).order_by("pk"))
    version = policy_in_force(acme, at=NOW)
    for number in range(90):
        at = NOW - timedelta(hours=chance.uniform(1, 24 * 80))
        ticket, by = chance.choice(tickets), chance.choice([cast["ana"], cast["eve"], cast["sue"]])
        Waiver.objects.create(
            company=acme, ticket=ticket, kind=chance.choice(["override", "dismissal"]), reason="Because",
            rule=chance.choice(["R-PTP-1", "R-DNC-2", "R-EXEC-1"]), at=at, by=by,
        )  # fmt: skip
        Deflection.objects.create(
            company=acme, rule=chance.choice(["R-ITEM-3", "R-X-9"]), type=chance.choice(["itemized-bill", ""]),
            channel="phone", caller="patient", told="Write to us", by=by, at=at, policy_version=version,
        )  # fmt: skip
        if number % 3 == 0:
            Proposal.objects.create(
                company=acme, ticket=tickets[number], rule="R-INS-3", type="supervisor", raised_at=at,
                decision="dismissed", reason="Is being done", decided_at=at, decided_by=by,
            )  # fmt: skip


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, User], Diary]]:
    """The cast, and the diary of what was done; lived once for the tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        cast = make_cast()
        yield cast, Life(cast).live()
        transaction.set_rollback(True)


@pytest.fixture
def desk(lived: tuple[dict[str, User], Diary], db: None) -> Iterator[Diary]:
    """That desk, at the moment its reports are read."""
    with time_machine.travel(NOW, tick=False):
        yield lived[1]


@pytest.fixture
def cast(desk: Diary, lived: tuple[dict[str, User], Diary]) -> dict[str, User]:
    """The cast of the lived desk."""
    return lived[0]


@pytest.fixture
def chief(cast: dict[str, User], page_as: PageAs) -> Client:
    return page_as(cast["sue"])


# --- reading what is shown ----------------------------------------------------------------------------


def taken(client: Client, key: str, table: str, **asked: str) -> dict[str, list[str]]:
    """A table as its file has it, by its first column; the page shows the same."""
    answer = client.post(f"/reports/{key}/export/", {"table": table, **asked})
    assert answer.status_code == 200, answer.content.decode()[:500]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    page = client.get(f"/reports/{key}/", asked).content.decode()
    shown = shown_rows(page, table)
    assert len(shown) == len(rows) - 1
    for one, other in zip(rows[1:], shown, strict=True):
        for plain, text in zip(one, other, strict=True):
            if re.fullmatch(r"\d+", plain):
                assert text.replace(",", "") in (plain, "", "·"), "page and file say the same"
    return {row[0]: row[1:] for row in rows[1:]}


def shown_rows(page: str, table: str) -> list[list[str]]:
    """The cells of one table of a page, as text."""
    section = page.split(f'id="{table}"', 1)[1].split("</section>", 1)[0]
    if "<table" not in section:
        return []
    part = section.split("<table", 1)[1].split("</table>", 1)[0]
    body = part.split("</thead>", 1)[1]
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def whole(numbers: list[str]) -> list[int]:
    return [int(number) for number in numbers]


# --- counting again ------------------------------------------------------------------------------------


def within(at: datetime | None, period: Period = PERIOD) -> bool:
    return at is not None and period.first <= at.astimezone(CHICAGO).date() <= period.last


def of_acme(model: Any) -> list[Any]:
    return list(model.objects.filter(company__key="acme").order_by("pk"))


def outcomes(
    key: Callable[[Ticket, TicketCycle], Any], wanted: Callable[[Ticket], bool] = lambda t: True
) -> Any:
    """First and final outcomes by some key, each counted by kept and missed: cycle by cycle."""
    first: dict[Any, Counter[Any]] = defaultdict(Counter)
    final: dict[Any, Counter[Any]] = defaultdict(Counter)
    for cycle in of_acme(TicketCycle):
        ticket = Ticket.objects.get(pk=cycle.ticket_id)
        if not wanted(ticket) or not within(cycle.ended_at):
            continue
        is_last = cycle.number == ticket.cycle
        if is_last and ticket.status != "resolved":
            continue
        if cycle.number == 1:
            first[key(ticket, cycle)][cycle.met] += 1
        if is_last:
            final[key(ticket, cycle)][cycle.met] += 1
    return first, final


def eight(first: Counter[Any], final: Counter[Any]) -> list[str]:
    """The eight cells of a row."""
    cells = []
    for one in (first, final):
        judged = one[True] + one[False]
        cells += [str(judged), str(one[True]), str(one[False]), share(one[True], judged)]
    return cells


def name_of(key: int | None) -> str:
    return str(User.objects.get(pk=key)) if key else "Nobody"


class TestAttainment:
    def check(
        self, client: Client, table: str, key: Callable[[Ticket, TicketCycle], Any], **asked: str
    ) -> None:
        people = {"team": lambda t: t.assignee is not None and t.assignee.team is not None
                  and t.assignee.team.name == "Late shift", "type": lambda t: t.type == asked.get("type")}  # fmt: skip
        chosen = [people[name] for name in asked if name in people]
        first, final = outcomes(key, lambda t: all(fits(t) for fits in chosen))
        said = taken(client, "attainment", table, **asked)
        expected = {name: eight(first[name], final[name]) for name in first.keys() | final.keys()}
        if table == "by-week":
            expected = {f"{on.day} {on:%B}": eight(first[on], final[on]) for on in PERIOD.weeks}
        assert said == expected

    def test_by_type_is_as_counted_cycle_by_cycle_k11(self, desk: Diary, chief: Client) -> None:
        first, final = outcomes(lambda t, c: "")
        assert first[""][False] > 5 and first[""] != final[""], "this desk has what is to be told apart"
        self.check(chief, "by-type", lambda t, c: t.type_name)

    def test_by_week_from_monday_in_the_companys_zone(self, desk: Diary, chief: Client) -> None:
        def monday(ticket: Ticket, cycle: TicketCycle) -> date:
            on = cycle.ended_at.astimezone(CHICAGO).date()  # type: ignore[union-attr]
            return on - timedelta(days=on.weekday())

        self.check(chief, "by-week", monday)

    def test_by_channel_person_and_team(self, desk: Diary, chief: Client) -> None:
        self.check(chief, "by-channel", lambda t, c: t.get_channel_display())
        self.check(chief, "by-person", lambda t, c: name_of(t.assignee_id))
        self.check(
            chief, "by-team", lambda t, c: t.assignee.team.name if t.assignee and t.assignee.team else "No team"
        )  # fmt: skip

    def test_filters_take_out_what_does_not_fit(self, desk: Diary, chief: Client) -> None:
        team = str(Team.objects.get(name="Late shift").pk)
        self.check(chief, "by-type", lambda t, c: t.type_name, team=team, type="refund")
        self.check(chief, "by-person", lambda t, c: name_of(t.assignee_id), type="supervisor")

    def test_a_promise_is_the_date_told_at_filing_whatever_waits_did_to_the_due_date(
        self, desk: Diary, chief: Client
    ) -> None:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for cycle in of_acme(TicketCycle):
            ticket = Ticket.objects.get(pk=cycle.ticket_id)
            resolved = cycle.number < ticket.cycle or ticket.status == "resolved"
            promised = desk.promised[ticket.pk]
            if cycle.number != 1 or not resolved or not within(cycle.ended_at) or promised is None:
                continue
            kept = cycle.met if self._filed_immediate(ticket) else cycle.ended_at <= promised
            if kept is None:
                continue
            found[ticket.type_name]["judged"] += 1
            found[ticket.type_name]["kept" if kept else "missed"] += 1
            found[ticket.type_name]["late"] += bool(cycle.met and not kept)
        assert sum(one["late"] for one in found.values()), "a wait moved some due date past its promise"
        said = taken(chief, "attainment", "promised")
        assert said == {
            name: [str(one["judged"]), str(one["kept"]), str(one["missed"]), share(one["kept"], one["judged"]),
                   str(one["late"])]
            for name, one in found.items()
        }  # fmt: skip

    @staticmethod
    def _filed_immediate(ticket: Ticket) -> bool:
        return ticket.cycles.get(number=1).events.order_by("pgh_id").first().unit == "immediate"

    def test_merged_and_cancelled_are_said_and_not_counted(self, desk: Diary, chief: Client) -> None:
        gone = [
            t
            for t in of_acme(Ticket)
            if t.status == "cancelled" and within(t.cycles.latest("number").ended_at)
        ]
        page = chief.get("/reports/attainment/").content.decode()
        assert gone and f"0 merged, {len(gone)} cancelled" in page

    def test_a_final_number_leads_to_just_its_tickets(self, desk: Diary, chief: Client) -> None:
        page = chief.get("/reports/attainment/").content.decode()
        part = page.split('id="by-type"', 1)[1].split("</table>", 1)[0]
        links = re.findall(r'<a href="(/escalations/\?[^"]+)">(\d+)</a>', part)
        assert links
        for address, number in links[:3]:
            listed = chief.get(address.replace("&amp;", "&")).content.decode()
            assert len(set(re.findall(r"/escalations/(E-\d+)/", listed))) == int(number)


class TestAgeing:
    def test_every_running_ticket_stands_in_its_band_and_standing(self, desk: Diary, chief: Client) -> None:
        calendar = calendar_of(calendar_in_force(Company.objects.get(key="acme"), at=NOW))
        ages: Counter[Any] = Counter()
        kinds: Counter[Any] = Counter()
        people: Counter[Any] = Counter()
        bands = [(0, "0–2"), (3, "3–5"), (6, "6–10"), (11, "11–20"), (21, "21–45"), (46, "over 45")]
        for ticket in of_acme(Ticket):
            if ticket.status not in ("open", "started", "waiting"):
                continue
            filed_on = ticket.received_at.astimezone(CHICAGO).date()
            day, old = filed_on, 0
            while day < NOW.astimezone(CHICAGO).date():
                day += timedelta(days=1)
                old += calendar.is_business(day)
            band = [label for first, label in bands if old >= first][-1]
            standing = standing_of(ticket, NOW)
            ages[band, standing] += 1
            kinds[ticket.type_name, standing] += 1
            people[name_of(ticket.assignee_id), standing] += 1
        assert len({band for band, _ in ages}) >= 4 and len({word for _, word in ages}) >= 4
        words = {"on_track": "On track", "in_window": "In window", "due_soon": "Due soon", "breached": "Late",
                 "immediate": "Immediate", "paused": "Paused", "none_stated": "No date"}  # fmt: skip
        shown = [word for word in words if any(word == found for _, found in ages)]
        said = taken(chief, "ageing", "by-age")
        for _, label in bands:
            row = [ages[label, word] for word in shown]
            assert whole(said[f"{label} business days"]) == [*row, sum(row)]
        assert sum(whole(said["All"])[:-1]) == sum(ages.values()) == whole(said["All"])[-1]
        for table, counted in (("by-type", kinds), ("by-person", people)):
            said = taken(chief, "ageing", table)
            rows = {name: [counted[name, word] for word in shown] for name, _ in counted}
            assert {name: whole(row) for name, row in said.items()} == {
                name: [*row, sum(row)] for name, row in rows.items()
            }

    def test_a_number_leads_to_just_its_tickets(self, desk: Diary, chief: Client) -> None:
        page = chief.get("/reports/ageing/").content.decode()
        links = re.findall(r'<a href="(/escalations/\?[^"]+)">(\d+)</a>', page)
        assert len(links) > 10
        for address, number in links[:: max(1, len(links) // 8)]:
            listed = chief.get(address.replace("&amp;", "&")).content.decode()
            assert len(set(re.findall(r"/escalations/(E-\d+)/", listed))) == int(number), address


class TestTimes:
    def test_the_middle_and_the_tail_are_those_of_the_tickets_counted_by_hand(
        self, desk: Diary, chief: Client
    ) -> None:
        groups: dict[Any, list[Any]] = defaultdict(list)
        for cycle in of_acme(TicketCycle):
            ticket = Ticket.objects.get(pk=cycle.ticket_id)
            resolved = cycle.number < ticket.cycle or ticket.status == "resolved"
            if cycle.number == 1 and resolved and within(cycle.ended_at):
                groups[ticket.type_name, cycle.unit, cycle.max].append((cycle, ticket))
        answer = chief.post("/reports/times/export/", {"table": "by-type"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
        assert sum(int(row[2]) for row in rows) == sum(len(group) for group in groups.values())
        assert {(row[0], int(row[2])) for row in rows} == {
            (key[0], len(group)) for key, group in groups.items()
        }
        drawn = 0
        for (name, unit, _), group in groups.items():
            row = next(row for row in rows if row[0] == name and int(row[2]) == len(group))
            clock = sorted((c.ended_at - t.received_at).total_seconds() for c, t in group)
            if len(group) < 5:
                assert row[3:] == ["too few"] * 4
                continue
            assert row[5:] == [f"{percentile(clock, part) / 3600:.2f}" for part in (50, 90)]
            if unit == "business_day":
                took = sorted(self._days(cycle, ticket) for cycle, ticket in group)
                said = [
                    f"{n} business day{'' if n == 1 else 's'}"
                    for n in (percentile(took, 50), percentile(took, 90))
                ]
                assert row[3:5] == said
                drawn += 1
        assert drawn >= 2

    @staticmethod
    def _days(cycle: TicketCycle, ticket: Ticket) -> int:
        """The business day on which it was resolved, walked date by date (K2, K9)."""
        calendar = calendar_of(ticket.calendar_version)
        stops = [
            p for p in Pause.objects.filter(ticket=ticket, stops_clock=True) if p.started_at < cycle.ended_at
        ]
        day = cycle.clock_from.astimezone(CHICAGO).date()
        ended = cycle.ended_at.astimezone(CHICAGO)  # type: ignore[union-attr]
        if ended.date() == day:
            return 0
        number = 0
        while True:
            day += timedelta(days=1)
            if not calendar.is_business(day):
                continue
            close = calendar.close_of(day)
            if close >= ended:
                return number + 1
            stopped = any(p.started_at <= close and (p.ended_at is None or close < p.ended_at) for p in stops)
            number += not stopped


class TestHands:
    def test_the_time_is_that_of_the_diary(self, desk: Diary, chief: Client) -> None:
        start, end = PERIOD.moments(CHICAGO)
        end = min(end, NOW)
        held: Counter[str] = Counter()
        tickets: dict[str, set[int]] = defaultdict(set)
        kinds: Counter[Any] = Counter()
        for key, moves in desk.moves.items():
            ticket = Ticket.objects.get(pk=key)
            for (at, status, assignee), until in zip(moves, [*(m[0] for m in moves[1:]), NOW], strict=True):
                seconds = (min(until, end) - max(at, start)).total_seconds()
                if seconds <= 0 or status not in ("open", "started", "waiting"):
                    continue
                row = self._waits(ticket, at) if status == "waiting" else name_of(assignee)
                held[row] += seconds  # type: ignore[assignment]
                tickets[row].add(key)
                where = "waiting" if status == "waiting" else "person" if assignee else "nobody"
                kinds[ticket.type_name, where] += seconds
        all_time = sum(held.values())
        said = taken(chief, "hands", "by-person") | taken(chief, "hands", "by-wait")
        assert said.keys() == held.keys() and {"Nobody", "Ana Example"} < held.keys()
        for name, row in said.items():
            assert float(row[0]) == pytest.approx(held[name] / 3600, abs=0.02)
            assert row[1] == share(round(held[name]), round(all_time))
            assert int(row[2]) == len(tickets[name])
        for name, row in taken(chief, "hands", "by-type").items():
            for place, where in enumerate(("person", "nobody", "waiting")):
                assert float(row[place]) == pytest.approx(kinds[name, where] / 3600, abs=0.02)

    @staticmethod
    def _waits(ticket: Ticket, at: datetime) -> str:
        for pause in Pause.objects.filter(ticket=ticket).exclude(reason="closed"):
            if pause.started_at <= at and (pause.ended_at is None or at < pause.ended_at):
                return pause.words
        raise AssertionError("a ticket waits without saying for whom")

    def test_one_person_is_shown_alone(self, desk: Diary, chief: Client) -> None:
        assert list(taken(chief, "hands", "by-person", person="ana")) == ["Ana Example"]


class TestOverrides:
    def test_rules_and_people_are_as_counted_one_by_one(self, desk: Diary, chief: Client) -> None:
        rules: dict[str, Counter[str]] = defaultdict(Counter)
        people: dict[str, Counter[str]] = defaultdict(Counter)
        for one in of_acme(Waiver):
            if within(one.at):
                rules[one.rule][one.kind] += 1
                people[str(one.by)][one.kind] += 1
        for one in of_acme(Proposal):
            if one.decision == "dismissed" and within(one.decided_at):
                rules[one.rule]["proposal"] += 1
                people[str(one.decided_by)]["proposal"] += 1
        assert len(rules) >= 4 and sum(row.total() for row in rules.values()) < Waiver.objects.count() + 30
        for table, counted in (("by-rule", rules), ("by-person", people)):
            said = taken(chief, "overrides", table)
            assert {name: whole(row) for name, row in said.items()} == {
                name: [row["override"], row["dismissal"], row["proposal"], row.total()]
                for name, row in counted.items()
            }
        answer = chief.post("/reports/overrides/export/", {"table": "rule-and-person"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
        assert sum(int(row[3]) for row in rows) == sum(row.total() for row in rules.values())


class TestMisfilings:
    def test_changes_of_type_are_those_of_the_diary(self, desk: Diary, chief: Client) -> None:
        names = {ticket["type"]: ticket["type_name"] for ticket in Ticket.objects.values("type", "type_name")}
        pairs: Counter[Any] = Counter()
        people: Counter[str] = Counter()
        for at, before, after, by in desk.retypes:
            if within(at):
                pairs[names.get(before, before), names.get(after, after)] += 1
                people[name_of(by)] += 1
        assert pairs.total() >= 10
        answer = chief.post("/reports/misfilings/export/", {"table": "pairs"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
        assert {(row[0], row[1]): int(row[2]) for row in rows} == dict(pairs)
        said = taken(chief, "misfilings", "by-person")
        assert {name: int(row[0]) for name, row in said.items()} == dict(people)
        matrix = taken(chief, "misfilings", "matrix")
        assert int(matrix["All"][-1]) == pairs.total()
        assert {name: int(row[-1]) for name, row in matrix.items() if name != "All"} == dict(
            sum((Counter({before: number}) for (before, _), number in pairs.items()), Counter())
        )

    def test_other_answers_alone_are_no_misfiling(
        self, desk: Diary, chief: Client, cast: dict[str, User]
    ) -> None:
        before = chief.get("/reports/misfilings/").content.decode()
        ticket = filed("refund", cast["ana"], Patient.objects.first(), NOW - timedelta(hours=1))
        facts = {"answers": {**ticket.answers, "amount": "12.00"}}
        actions.act(ticket, "retype", by=cast["sue"], at=NOW - timedelta(minutes=5), facts=facts)
        after = chief.get("/reports/misfilings/").content.decode()
        first = [re.findall(r'readout-value">([^<]*)<', page)[0] for page in (before, after)]
        assert first[0] == first[1]


class TestLate:
    def test_reasons_are_as_counted_and_what_is_not_said_is_said(self, desk: Diary, chief: Client) -> None:
        words = {"volume": "Too many tickets at once", "insurer": "The insurer did not answer",
                 "overlooked": "It was overlooked", "": "Not said yet"}  # fmt: skip
        reasons: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        people: Counter[str] = Counter()
        for one in of_acme(Breach):
            if within(one.due_at):
                reasons[words[one.reason]] += 1
                kinds[one.ticket.type_name] += 1
                people[name_of(one.assignee_id)] += 1
        assert reasons["Not said yet"] and len(reasons) == 4
        said = taken(chief, "late", "by-reason")
        assert {name: int(row[0]) for name, row in said.items()} == dict(reasons)
        for table, counted in (("by-type", kinds), ("by-person", people)):
            assert {name: int(row[-1]) for name, row in taken(chief, "late", table).items()} == dict(counted)


class TestTurnedAway:
    def test_calls_and_words_are_as_counted(self, desk: Diary, chief: Client) -> None:
        rows = [one for one in of_acme(Deflection) if within(one.at)]
        said = taken(chief, "turned-away", "by-rule")
        assert {name: int(row[0]) for name, row in said.items()} == dict(Counter(one.rule for one in rows))
        said = taken(chief, "turned-away", "by-type")
        names = Counter("Itemized Bill" if one.type else "Led to no type" for one in rows)
        assert {name: int(row[0]) for name, row in said.items()} == dict(names)
        heard: dict[str, Counter[str]] = defaultdict(Counter)
        for ticket in of_acme(Ticket):
            if within(ticket.created_at):
                for one in ticket.keywords:
                    executive = ticket.type == "executive-keywords"
                    heard[one["word"]]["converted" if executive else one["decision"] or "open"] += 1
        assert heard["Attorney"].total() > 3
        said = taken(chief, "turned-away", "words")
        order = ("converted", "linked", "dismissed", "open")
        assert {name: whole(row) for name, row in said.items()} == {
            name: [*(one[decision] for decision in order), one.total()] for name, one in heard.items()
        }


# --- periods, filters, doors ---------------------------------------------------------------------------


def test_a_day_belongs_to_the_period_from_midnight_to_midnight_in_the_companys_zone(
    desk: Diary, chief: Client, cast: dict[str, User]
) -> None:
    Deflection.objects.all()._raw_delete(Deflection.objects.db)
    version = policy_in_force(cast["ana"].company, at=NOW)
    for at in ("2026-11-02T05:59:59", "2026-11-02T06:00:00", "2026-11-03T05:59:59", "2026-11-03T06:00:00"):
        Deflection.objects.create(
            company=cast["ana"].company, rule="R-X-9", told="Nothing", by=cast["ana"],
            at=datetime.fromisoformat(at).replace(tzinfo=UTC), policy_version=version,
        )  # fmt: skip
    said = taken(chief, "turned-away", "by-rule", **{"from": "2026-11-02", "to": "2026-11-02"})
    assert said == {"R-X-9": ["2", "2 of 2"]}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-02-30"}, "The first day is a date such as 2026-05-20."),
        ({"from": "2026-05-20", "to": "soon"}, "The last day is a date such as 2026-05-20."),
        ({"from": "2026-05-20", "to": "2026-05-19"}, "The period ends before it begins."),
        ({"from": "2020-05-20", "to": "2026-05-19"}, "A report covers two years at most."),
        ({"from": "９９９９-01-01"}, "The first day is a date"),
        ({"period": "forever"}, "A period is one of: this-week"),
        ({"type": "no-such-type"}, "There is no such type of ticket."),
        ({"channel": "pigeon\x00"}, "The channel is phone or email."),
        ({"team": "9" * 30}, "There is no such team here."),
        ({"team": "-1"}, "There is no such team here."),
        ({"person": "nobody <b>"}, "There is no such person here."),
    ],
)
def test_a_filter_that_is_not_understood_is_said_and_left_out(
    asked: dict[str, str], sentence: str, cast: dict[str, User], chief: Client
) -> None:
    for page in ("/reports/", "/reports/attainment/"):
        answer = chief.get(page, asked)
        assert answer.status_code == 400 and sentence in answer.content.decode()
    answer = chief.post("/reports/late/export/", {"table": "by-reason", **asked})
    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert not Export.objects.exists(), "nothing was taken away"


def test_dates_that_were_typed_stay_in_their_fields(cast: dict[str, User], chief: Client) -> None:
    page = chief.get("/reports/late/", {"from": "2026-05-20", "to": "2026-05-19"}).content.decode()
    assert 'name="from" value="2026-05-20"' in page and 'name="to" value="2026-05-19"' in page


def test_another_companys_people_and_teams_are_not_there(
    desk: Diary, chief: Client, cast: dict[str, User], page_as: PageAs
) -> None:
    foreign = Team.objects.create(company=cast["otto"].company, name="Theirs")
    for asked in ({"team": str(foreign.pk)}, {"person": str(cast["otto"].pk)}, {"person": "otto"}):
        answer = chief.get("/reports/attainment/", asked)
        assert answer.status_code == 400 and "Theirs" not in answer.content.decode()


@pytest.mark.parametrize("key", ["", *(f"{key}/" for key in KEYS)])
def test_a_desk_where_nothing_happened_says_so_and_shows_nothing_of_another(
    key: str, cast: dict[str, User], page_as: PageAs
) -> None:
    oona = User.objects.create(username="oona", company=cast["otto"].company, role="supervisor")
    page = page_as(oona).get(f"/reports/{key}").content.decode()
    values = re.findall(r'readout-value">([^<]*)<', page)
    assert values and set(values) <= {"0", "–", "too few"}, values
    assert "Ana Example" not in page
    assert "None" not in re.sub(r"<[^>]+>", "", page).replace("None of", "")


def test_filters_come_along_from_report_to_report_and_leave_by_their_chip(desk: Diary, chief: Client) -> None:
    page = chief.get("/reports/attainment/?type=refund&period=last-4-weeks").content.decode()
    assert 'href="/reports/times/?period=last-4-weeks&amp;type=refund"' in page
    assert 'href="/reports/attainment/?period=last-4-weeks"' in page, "the chip without its filter"
    assert "26 October to 20 November 2026" in page


def test_a_file_is_written_down_and_runs_nothing_in_a_spreadsheet(
    desk: Diary, chief: Client, cast: dict[str, User]
) -> None:
    User.objects.filter(username="eve").update(first_name="=2+5", last_name="")
    answer = chief.post("/reports/attainment/export/", {"table": "by-person", "channel": "phone"})
    assert "\r\n'=2+5," in answer.content.decode("utf-8-sig")
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    written = Export.objects.latest("pk")
    assert (written.table, written.by) == ("report-attainment", cast["sue"])
    assert written.query == "table=by-person&channel=phone" and written.rows > 1


def test_a_table_that_the_report_has_not_is_refused_in_a_sentence(
    cast: dict[str, User], chief: Client
) -> None:
    answer = chief.post("/reports/late/export/", {"table": "by-weather"})
    assert answer.status_code == 400 and "The report has no such table." in answer.content.decode()


def test_agents_and_billers_do_not_see_reports(cast: dict[str, User], page_as: PageAs) -> None:
    for name in ("ana", "ben", "adam"):
        assert page_as(cast[name]).get("/reports/").status_code == 403
        assert page_as(cast[name]).post("/reports/late/export/").status_code == 403


def test_no_patient_is_named_in_a_report(desk: Diary, chief: Client) -> None:
    names = {one for row in Patient.objects.values_list("last_name", "account_number") for one in row}
    for key in KEYS:
        page = chief.get(f"/reports/{key}/").content.decode()
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", page)], key


def test_lengths_on_the_page_are_said_in_words(desk: Diary, chief: Client) -> None:
    page = chief.get("/reports/hands/").content.decode()
    row = next(iter(taken(chief, "hands", "by-person").values()))
    assert length_words(timedelta(hours=float(row[0]))).split()[0] in page
