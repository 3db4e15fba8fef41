"""The Deductible Monitoring page: what is in force, what a change would do, and every change before."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from deductibles.actions.settings import Ahead, conflicts_of
from deductibles.days_chart import DaysChart, chart_of
from deductibles.domain import days
from deductibles.domain.conflicts import Conflict
from deductibles.domain.money import dollars
from deductibles.forms.settings import SettingsForm, settings_shown
from deductibles.models import BackTest, DeductibleSettings, settings_in_force
from deductibles.previews import Effect
from deductibles.versions import Version, who_saved
from patients.models import NEVER_HELD_KINDS, Payer

SHOWN_CHANGES, MOST_CHANGES = 6, 200
MOST_OWN = 8
_WORDS = {
    "automatic": "Automated deductible monitoring",
    "max_days": "Maximum days",
    "dollar_threshold": "Dollar threshold",
    "monitor_above": "Annual amounts",
    "manual": "Manual holds queued automatically",
    "manual_days": "Manual days",
    "guard_days": "Guard days",
}


class SettingsScreen:
    """What the page shows beside its form."""

    def __init__(self, company: Any) -> None:
        self.company = company
        self.row = settings_in_force(company.pk)
        self.ahead: Ahead | None = None
        self.put_back: DeductibleSettings | None = None
        self.tried: BackTest | None = None
        self.asked_first = False

    @property
    def in_force(self) -> str:
        """The settings in force as one sentence."""
        row = self.row
        if not row.automatic:
            return "No claim is held automatically: monitoring is off."
        return (
            f"Held while more than {dollars(row.dollar_threshold)} remains of an annual deductible of "
            f"{dollars(row.monitor_above)} or more, {_days(row.max_days)} at most."
        )

    @property
    def since(self) -> str:
        """Which version is in force, and since when."""
        if not self.row.pk:
            return "Nothing has been saved yet."
        return f"Version {self.row.version}, saved {self._when(self.row.created_at)}"

    @cached_property
    def _payers(self) -> list[Payer]:
        rows = Payer.objects.filter(company=self.company, never_hold=False).exclude(kind__in=NEVER_HELD_KINDS)
        return list(rows.order_by("filing_limit_days", "name", "pk"))

    @property
    def days_advice(self) -> str:
        """D-CONF-4: the advice about the shortest timely filing limit, with the company's own."""
        advice = "From 1 to 365. Keep it well inside your shortest timely filing limit."
        shortest = next((payer for payer in self._payers if payer.filing_limit_days is not None), None)
        if shortest is None:
            return f"{advice} No payer of yours has one yet."
        limit = shortest.filing_limit_days
        also = sum(payer.filing_limit_days == limit for payer in self._payers) - 1
        others = f" and {also} more" if also else ""
        return f"{advice} Yours is {shortest.name}{others}, {_days(limit)}."

    @property
    def own_numbers(self) -> list[dict[str, Any]]:
        """Payers whose own numbers come before these."""
        found = []
        for payer in sorted(self._payers, key=lambda row: row.name):
            said = [
                words
                for value, words in (
                    (payer.max_days, f"{_days(payer.max_days)} at most"),
                    (payer.dollar_threshold, f"threshold {_dollars(payer.dollar_threshold)}"),
                    (payer.monitor_above, f"annual {_dollars(payer.monitor_above)} or more"),
                )
                if value is not None
            ]
            if said:
                found.append({"payer": payer, "said": ", ".join(said)})
        return found[:MOST_OWN]

    @property
    def effect(self) -> Effect | None:
        """What saving would do, once it has been worked out."""
        return self.ahead.effect if self.ahead else None

    @property
    def why(self) -> list[str]:
        """The counts of the effect in sentences: why they leave, and when others will be held."""
        found = self.effect
        return (
            []
            if found is None
            else [line for line in (_leaving(found), _holding(found), _due(found)) if line]
        )

    @property
    def chart(self) -> DaysChart | None:
        """How long claims have been held, and which of them leave."""
        if self.ahead is None or self.effect is None:
            return None
        new, now = self.ahead.proposed, self.row
        return chart_of(
            self.effect.days,
            new.max_days if new.automatic else None,
            now.max_days if now.automatic else None,
        )

    @cached_property
    def conflicts(self) -> dict[str, list[Conflict]]:
        """What is contradicted, by the field it stands beside: as typed, else as in force."""
        found: dict[str, list[Conflict]] = defaultdict(list)
        if self.ahead is not None:
            every = self.ahead.conflicts
        else:
            every = conflicts_of(self.company, self.row) if self.row.pk else []
        for conflict in every:
            found[conflict.field].append(conflict)
        return dict(found)

    def differences(self, form: SettingsForm) -> dict[str, str]:
        """What was, for every field that was changed and not saved yet."""
        if not form.is_bound and self.put_back is None:
            return {}
        shown = settings_shown(self.row)
        typed = settings_shown(self.put_back) if self.put_back is not None else form.typed()
        return {name: _word(shown[name]) for name in _WORDS if not _same(typed[name], shown[name])}

    def conflict(self, form: SettingsForm, sentence: str) -> dict[str, Any]:
        """Who saved other settings meanwhile, and where they differ from what was typed."""
        shown, typed = settings_shown(self.row), form.typed()
        changes = [
            {"field": _WORDS[name], "theirs": _word(shown[name]), "yours": _word(typed[name])}
            for name in _WORDS
            if not _same(typed[name], shown[name])
        ]
        local = self.row.created_at.astimezone(self.company.zone)
        when = f"{days.spoken(local.date(), self._year)}, {local:%H:%M}"
        return {"who": who_saved(self.row), "when": when, "changes": changes, "sentence": sentence}

    def posted(self, data: QueryDict) -> QueryDict:
        """What was typed; *put back* gives one field its value in force again."""
        shown, name = settings_shown(self.row), data.get("put_back", "")
        if name not in _WORDS:
            return data
        data = data.copy()
        value = shown[name]
        if isinstance(value, bool):
            data.pop(name, None)
            if value:
                data[name] = "on"
        else:
            data[name] = str(value)
        return data

    def take_back(self, version: str) -> dict[str, Any] | None:
        """An earlier version's values, to be looked at and saved (D-CONF-11); None when there is none."""
        if not version.isascii() or not version.isdigit() or len(version) > 9:
            return None
        rows = DeductibleSettings.objects.filter(company=self.company, version=int(version))
        self.put_back = rows.exclude(version=self.row.version).first()
        if self.put_back is None:
            return None
        return {**settings_shown(self.put_back), "version": str(self.row.version)}

    def take_tried(self, key: str) -> dict[str, Any] | None:
        """The company's numbers of a back-test, to be looked at and saved; None when there is none."""
        if not key.isascii() or not key.isdigit() or len(key) > 18:
            return None
        self.tried = BackTest.objects.filter(company=self.company, pk=int(key)).first()
        if self.tried is None:
            return None
        kept = [field.name for field in DeductibleSettings._meta.concrete_fields if not field.primary_key]
        values = {name: getattr(self.row, name) for name in kept}
        numbers = {
            name: Decimal(value) if isinstance(value, str) else value
            for name, value in self.tried.terms["proposed"].items()
        }
        self.put_back = DeductibleSettings(**{**values, **numbers, "automatic": True})
        return {**settings_shown(self.put_back), "version": str(self.row.version)}

    def note(self, changed: int) -> str:
        """What stands beside Save."""
        effect = "counts at once for new claims, for those on hold at tonight’s run, 03:00 UTC"
        if self.tried is not None:
            return f"Numbers of a back-test, not saved yet · {effect}"
        if self.put_back is not None:
            return f"Version {self.put_back.version} put back, not saved yet · {effect}"
        if not changed:
            return effect.capitalize().replace("utc", "UTC")
        return f"{changed} change{'s' if changed > 1 else ''} · {effect}"

    def changes(self, *, every: bool) -> list[Version]:
        """Earlier changes, newest first: what, when and who (D-CONF-11)."""
        rows = DeductibleSettings.objects.filter(company=self.company).order_by("-version")
        most = MOST_CHANGES if every else SHOWN_CHANGES
        found = list(rows.prefetch_related("events__pgh_context")[: most + 1])
        pairs = zip(found, [*found[1:], None], strict=False)
        return [self._change(row, before) for row, before in pairs][:most]

    def _change(self, row: DeductibleSettings, before: DeductibleSettings | None) -> Version:
        lines = _lines(row, before) or ["Saved again unchanged"]
        if before is None and row.version == 1:
            lines = ["First settings", *lines]
        return Version(
            number=row.version,
            title=lines[0],
            lines=lines[1:],
            when=self._when(row.created_at),
            who=who_saved(row),
            in_force=row.version == self.row.version,
        )

    @property
    def _year(self) -> int:
        return timezone.now().astimezone(self.company.zone).year

    def _when(self, at: Any) -> str:
        local = at.astimezone(self.company.zone)
        return f"{days.weekday(local.date(), self._year)}, {local:%H:%M}"


def _leaving(found: Effect) -> str:
    """Why claims leave: proven met, days used up; and what would have left anyway."""
    if not found.released_tonight:
        return _staying(found)
    elapsed = found.released_tonight - found.met
    parts = [
        f"{found.met:,} by proof that the deductible is met" if found.met else "",
        f"{elapsed:,} because their days are used up" if elapsed else "",
    ]
    why = " and ".join(part for part in parts if part)
    anyway = f" {_count(found.anyway)} would leave without the change too." if found.anyway else ""
    return f"Of those that leave, {why}.{anyway} {_staying(found)}".strip()


def _staying(found: Effect) -> str:
    return f"{_count(found.stays)} that would have left tonight would stay." if found.stays else ""


def _holding(found: Effect) -> str:
    if not found.newly_held:
        return ""
    queued = found.newly_held - found.drafts
    parts = [
        f"{_count(found.drafts)} still being entered, when completed" if found.drafts else "",
        f"{_count(queued)} in the queue, if eligibility is run before it is sent" if queued else "",
    ]
    return f"Newly held: {'; '.join(part for part in parts if part)}."


def _due(found: Effect) -> str:
    if not found.due:
        return ""
    return f"AR Boost is asked about {_count(found.due)} that night; what it answers may release others."


def _count(number: int) -> str:
    return "1 claim" if number == 1 else f"{number:,} claims"


def _days(number: int | None) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _dollars(amount: Any) -> str:
    return "" if amount is None else dollars(amount)


def _lines(row: DeductibleSettings, before: DeductibleSettings | None) -> list[str]:
    now = settings_shown(row)
    if before is None:
        return [f"{_WORDS[name]}: {_word(now[name])}" for name in _WORDS]
    was = settings_shown(before)
    return [
        f"{_WORDS[name]} {_word(was[name])} → {_word(now[name])}" for name in _WORDS if now[name] != was[name]
    ]


def _same(typed: Any, shown: Any) -> bool:
    if isinstance(shown, bool):
        return bool(typed) == shown
    plain = str(typed).replace("$", "").replace(",", "")
    return plain == shown or (plain.isdecimal() and f"{plain}.00" == shown)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) or "none"
