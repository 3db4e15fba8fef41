"""The forms of a team and of one person's week."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms import SeenForm, only_seen
from accounts.models import Team, User
from accounts.shifts import WEEKDAYS, write_day
from accounts.team_actions import Week


class TeamForm(SeenForm):
    """A team's name, who leads it and who is in it."""

    name = forms.CharField(
        max_length=60,
        validators=[only_seen],
        error_messages={"required": "Give the team a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 60}),
    )
    lead = forms.ChoiceField(required=False, label="Led by")
    members = forms.MultipleChoiceField(
        required=False, label="Who is in it", widget=forms.CheckboxSelectMultiple
    )
    field_order = ("name", "lead", "members")

    def __init__(self, people: list[User], team: Team | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lead: Any = self.fields["lead"]
        members: Any = self.fields["members"]
        lead.choices = [("", "Nobody yet"), *((str(one.pk), _called(one)) for one in people)]
        lead.error_messages["invalid_choice"] = "Choose somebody of the list."
        members.choices = [(str(one.pk), _in_words(one, team)) for one in people]
        members.error_messages["invalid_choice"] = "Choose people of the list."


def _called(person: User) -> str:
    return f"{person} ({person.role}{', disabled' if not person.is_active else ''})"


def _in_words(person: User, team: Team | None) -> str:
    """A person with what choosing them means: where they are now."""
    elsewhere = person.team if person.team_id and person.team_id != (team.pk if team else None) else None
    return f"{_called(person)}, now in {elsewhere.name}" if elsewhere else _called(person)


class WeekForm(SeenForm):
    """One field a weekday, each with its stretches as they are typed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for day, name in enumerate(WEEKDAYS):
            attrs = {
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "off",
                "maxlength": 200,
                "class": "control",
            }
            self.fields[f"day_{day}"] = forms.CharField(
                required=False, label=name, max_length=200, widget=forms.TextInput(attrs=attrs)
            )

    @property
    def days(self) -> list[Any]:
        """The seven fields, Monday first."""
        return [self[f"day_{day}"] for day in range(7)]

    @property
    def typed(self) -> dict[int, str]:
        """What was typed, by weekday."""
        return {day: str(self.data.get(f"day_{day}", ""))[:400] for day in range(7)}

    def copied(self) -> WeekForm:
        """The same form with what stands at Monday typed for Tuesday to Friday too; nothing is saved."""
        data = self.data.copy()
        for day in range(1, 5):
            data[f"day_{day}"] = data.get("day_0", "")
        return WeekForm(initial={name: data.get(name, "") for name in self.fields})


def week_initial(week: Week) -> dict[str, str]:
    """What the fields of a week begin with."""
    return {f"day_{day}": write_day(times) for day, times in week.items()}
