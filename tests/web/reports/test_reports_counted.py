"""The reports say what happened: every number against a second count, made row by row in plain Python.

A desk's two months are lived by random acts, and a diary is kept beside them. What the pages and files say is
held against the diary and against rows read one by one; no query of the reports is used for that.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, Team, User
from escalations import actions
from escalations.clock import standing_of
from escalations.domain.reports import percentile, share
from escalations.models import Breach, Deflection, Pause, Proposal, Ticket, TicketCycle, Waiver
from escalations.policies import calendar_in_force, calendar_of
from patients.models import Patient
from tests.tickets import filed
from tests.web.reports.counting import eight, name_of, of_acme, outcomes, within
from tests.web.reports.life import CHICAGO, NOW, PERIOD, Diary
from tests.web.reports.shown import taken, whole


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
