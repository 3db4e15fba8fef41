"""What the gallery is filled with: a form in every state, and the colours with their contrast."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from config.front.colours import swatches

_CHANNELS = [("phone", "Phone"), ("email", "Email")]
_CALLERS = [
    ("patient", "Patient"),
    ("provider", "Provider"),
    ("insurer", "Insurance representative"),
    ("other", "Other"),
]
_ACCOUNT = [
    ("paid", "Fully paid, with the payment or a zero balance showing"),
    ("off", "No payment was needed and it is written off"),
    ("neither", "Neither"),
]
_LONG = "The Amalgamated Brotherhood of Lamplighters Health & Welfare Fund"
_PAYERS = [("", "Choose"), ("alder", "Alder Mutual PPO"), ("long", _LONG), ("north", "Northline Blue")]
_TYPED = (
    "wrong=366&read=1048213&money=250.00&days=30&kept_days=30&kept_money=100.00&switch=on&channel=phone&caller=patient&account=paid&amount_wrong=2x"
    f"&payer=long&when=2026-05-20&days_wrong=400&many=a&long={'Wolfeschlegelsteinhausenbergerdorff' * 2}"
)

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

SECTIONS = (
    ("colour", "Colour"),
    ("type", "Type"),
    ("standing", "Standing"),
    ("drawings", "Due window and days"),
    ("buttons", "Buttons and keys"),
    ("fields", "Fields"),
    ("settings", "Settings"),
    ("wrong", "What to put right"),
    ("said", "What is said"),
    ("facts", "Facts and readouts"),
    ("moving", "Moving about"),
    ("lists", "Lists and tables"),
    ("history", "What happened"),
    ("figures", "Figures"),
    ("floating", "What floats"),
    ("frames", "Frames"),
    ("density", "Density and theme"),
)


class SampleForm(forms.Form):
    """One field of every kind; some of what is typed into it is wrong."""

    rest = forms.CharField(required=False, label="Resting")
    wrong = forms.CharField(required=False, label="Wrong")
    off = forms.CharField(required=False, label="Disabled", disabled=True, initial="set by policy")
    read = forms.CharField(required=False, label="Read only", initial="1048213")
    long = forms.CharField(required=False, label="Long", help_text="No place to break a line.")
    money = forms.CharField(required=False, label="Amount")
    amount_wrong = forms.CharField(required=False, label="Amount, wrong")
    days = forms.CharField(required=False, label="Days", help_text="From 1 to 365.")
    kept_days = forms.CharField(required=False, label="Maximum number of days that a claim will be held")
    kept_money = forms.CharField(required=False, label="Dollar threshold")
    days_wrong = forms.CharField(required=False, label="Days before the timely filing deadline")
    payer = forms.ChoiceField(required=False, label="Payer", choices=_PAYERS)
    when = forms.CharField(required=False, label="Date", widget=forms.TextInput(attrs={"type": "date"}))
    note = forms.CharField(required=False, label="Note", widget=forms.Textarea(attrs={"rows": 3}))
    switch = forms.BooleanField(required=False, label="Automated deductible monitoring")
    channel = forms.ChoiceField(label="Channel", choices=_CHANNELS, widget=forms.RadioSelect)
    caller = forms.ChoiceField(label="Caller", choices=_CALLERS, widget=forms.RadioSelect)
    account = forms.ChoiceField(label="Account status in history", choices=_ACCOUNT, widget=forms.RadioSelect)
    missing = forms.ChoiceField(label="Who will receive it?", choices=_ACCOUNT[1:], widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(
        required=False,
        label="What applied",
        choices=[("a", "Read back to the caller"), ("b", "Sent by mail")],
        widget=forms.CheckboxSelectMultiple,
    )

    use_required_attribute = False

    def __init__(self) -> None:
        super().__init__(QueryDict(_TYPED), auto_id="g-%s")
        self.fields["read"].widget.attrs["readonly"] = True
        self.fields["rest"].widget.attrs["placeholder"] = "Member id"
        for name in ("money", "amount_wrong", "days", "kept_days", "kept_money", "days_wrong"):
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the fields that are there to show it."""
        self.add_error("wrong", "Between 1 and 365 days.")
        self.add_error("days_wrong", "Give a whole number from 1 to 365.")
        self.add_error("amount_wrong", "This is not an amount. Write dollars and cents such as 1,000.50.")
        return self.cleaned_data


def gallery_context() -> dict[str, Any]:
    """What the page is drawn from; asks the database nothing."""
    days = [
        {"at": at * 8, "middle": at * 8 + 4, "width": 8, "label": label, "closed": label[:1] == "S"}
        for at, label in enumerate(f"{_WEEK[day % 7]} {day + 11}" for day in range(12))
    ]
    return {
        "form": SampleForm(),
        "swatches": swatches(),
        "sections": SECTIONS,
        "days": days,
        "long_name": "Maximiliana-Theodosia Wolfeschlegelsteinhausen-Featherstonehaugh",
        "long_payer": _LONG,
        "conflict": [
            {"field": "Dollar threshold", "theirs": "150.00", "yours": "100.00"},
            {"field": "Maximum number of days", "theirs": "45", "yours": "45"},
            {"field": "Payer", "theirs": _LONG, "yours": ""},
        ],
        "themes": (("light", "Day"), ("dark", "Night")),
        "densities": ("compact", "comfortable"),
        "section": "gallery",
    }
