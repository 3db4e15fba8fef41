"""Calls that could not go on, and callers who have had enough: callbacks, alarms, words one listens for."""

from __future__ import annotations

from typing import Any

from config.demo.call import STARTED, TAKEN, Again, Call, Filed, Step, Transfer, done, tried, waits

IN_TIME = (Step(0.1, "take"), Step(0.15, "start"))
"""An alarm is taken within minutes."""


def queue(which: str, note: str, seconds: int, best_time: str = "", **facts: Any) -> Call:
    """A call for PTP or PTE that nobody took, after so many seconds in the queue."""
    answers = {"queue": which, "number": "{phone}", "best_time": best_time} | facts.pop("answers", {})
    return Call("callback-ptp-pte", note, answers, beside=(Transfer(False, which, seconds),), **facts)


def onc(test: str, field: str, note: str, answers: dict[str, str] | None = None, **facts: Any) -> Call:
    """A call about a test that Sig_inbound did not take."""
    said = {"test": test, "field_of": field, "unanswered": True, "number": "{phone}"}
    return Call("onc-callback", note, said | (answers or {}), **facts)


def callback(note: str, window: str, reason: str = "cannot_stay", **facts: Any) -> Call:
    """A patient who is to be rung back."""
    answers = {"reason": reason, "number": "{phone}", "window": window} | facts.pop("answers", {})
    return Call("patient-callback", note, answers, **facts)


def sos(note: str, *reasons: str, answered: bool, **facts: Any) -> Call:
    """A patient who has run out of patience."""
    answers = {"reasons": list(reasons)} | facts.pop("answers", {})
    return Call("patient-sos", note, answers, beside=(Transfer(answered),), **facts)


def keyword(note: str, words: str, *, answered: bool, **facts: Any) -> Call:
    """A caller who used one of the words that are listened for."""
    return Call("executive-keywords", note, {"words": words}, beside=(Transfer(answered),), **facts)


CALLS_BACK = [
    queue(
        "ptp",
        "Wants to pay what is left in three parts.",
        165,
        "Weekdays after 4 pm",
        standing="on_track",
        steps=TAKEN,
    ),
    queue("pte", "Asks why the estimate came twice, with two amounts.", 140, standing="due_soon"),
    queue(
        "ptp",
        "Was told yesterday that somebody would ring; nobody did.",
        210,
        "Before noon",
        standing="breached",
        steps=(
            *STARTED,
            tried("no_answer", after=2),
            tried("voicemail", "Said who called and when we call again.", 4),
            tried("no_answer", "Rang out twice.", 7),
        ),
    ),
    queue(
        "pte",
        "Stood on a platform and the train was coming in.",
        75,
        "Evenings",
        answers={"short_wait_reason": "The train left; the patient could not hold the line."},
        days=6,
        steps=(*STARTED, tried("reached", "Both estimates compared, line by line."), Step(0.1, "resolve")),
    ),
    onc(
        "signatera",
        "oncology",
        "Second draw was last week; asks when the oncologist gets the result.",
        {"best_time": "Any day before 10 am"},
        standing="on_track",
        steps=TAKEN,
        name="second draw",
    ),
    onc(
        "prospera",
        "organ_health",
        "Transplant coordinator needs the collection date for the chart.",
        {"number": "773-555-0131"},
        standing="due_soon",
        caller="provider",
        steps=(*STARTED, tried("call_later", "In surgery until the afternoon; asked to try again then.")),
    ),
    onc(
        "other",
        "organ_health",
        "The clinic's own panel; the kit number is smudged.",
        {"test_other": "Kidney panel of the transplant clinic", "number": "217-555-0188"},
        standing="paused",
        caller="provider",
        steps=(*STARTED, waits("provider", "The clinic looks up the order number first.", 1)),
    ),
    onc(
        "altera",
        "oncology",
        "Bill names a draw that the patient says was canceled.",
        days=7,
        steps=(*STARTED, Step(9, "resolve")),
    ),
    callback(
        "Was called into the doctor's office in mid-sentence; it is about the mileage on line two.",
        "Tomorrow from 9 to 11",
        minutes=52,
        steps=(Step(0.2, "take"),),
    ),
    callback(
        "On a lunch break; wants to know what the second charge stands for.",
        "Weekdays from noon to 1",
        standing="due_soon",
    ),
    callback(
        "Asked for a manager about the second ambulance; nobody senior picked up.",
        "Today until 8 pm",
        "request_unanswered",
        standing="breached",
        steps=(*STARTED, tried("busy", after=1)),
    ),
    callback(
        "Driving; pulled over only to ask us to ring after the school run.",
        "Mornings after 8:30",
        days=4,
        steps=(Step(0.5, "take"), Step(4, "resolve")),
    ),
]
ALARMS = [
    sos(
        "Fifth call about one trip. Shouts, then cries; says that nobody reads what is sent.",
        "complaint",
        "distressed",
        answered=False,
        minutes=6,
    ),
    sos(
        "The collection letter came on the day of the funeral. Cannot be calmed by me.",
        "distressed",
        answered=True,
        standing="immediate",
        steps=IN_TIME,
        name="funeral",
    ),
    sos(
        "Complaint about the crew went to three addresses and came back from none.",
        "complaint",
        answered=False,
        days=3,
        steps=(Step(0.9, "take"), Step(1, "start"), Step(3, "comment")),
    ),
    sos(
        "Letter, e-mail, two calls: the same trip is still billed to the old insurance.",
        "unresolved",
        "complaint",
        answered=True,
        days=9,
        answers={"attempts": 3, "attempt_ticket": Filed("old insurance")},
        again=Again("old insurance", 60),
        steps=(
            Step(0.1, "take"),
            Step(0.2, "start"),
            done("Settled with the patient", "A supervisor rang within the hour and wrote the trip over.", 2),
        ),
    ),
    keyword(
        "Has told the story to the Better Business Bureau and reads the case number out.",
        "I have filed with the BBB, and the number is on your letter.",
        answered=False,
        minutes=38,
        name="bureau",
        steps=(Step(0.1, "take"),),
    ),
    Call(
        "supervisor",
        "Nobody of the Escalations Team picked up while the caller waited. Wants the charge explained "
        "by somebody who may change it.",
        {"transfer_reason": "red_flag"},
        again=Again("bureau", 0.1, "R-EXEC-4"),
    ),
    keyword(
        "Repeats what was said on the payment call, calmly and word for word.",
        "If that money is not found, the next letter you get is a lawsuit.",
        answered=True,
        again=Again("lawsuit", 0.2, "R-EXEC-1"),
        steps=STARTED,
    ),
    keyword(
        "Has filed for bankruptcy; the trustee's letter is on its way.",
        "I am in bankruptcy. Talk to my trustee.",
        answered=True,
        days=2,
        steps=(*STARTED, waits("patient", "Asked for the trustee's letter.", 4)),
    ),
    keyword(
        "Called the collection letter harassment, then saw that another company had sent it.",
        "This is harassment, every day a letter.",
        answered=True,
        days=10,
        steps=(*STARTED, done("Word was used in another sense", "The letters are from another company.", 4)),
    ),
]
WISHES = [
    Call(
        "do-not-contact",
        "Has had nine calls in a week about a bill that is paid. Letters are fine.",
        {"channels": ["calls", "messages"]},
        days=2,
        steps=TAKEN,
        name="nine calls",
    ),
    Call(
        "do-not-contact",
        "Works nights; wants no calls and no texts, ever.",
        {"channels": ["calls", "messages"]},
        days=12,
        name="letters only",
        steps=(*TAKEN, done("Contact stopped", "Off the dialer and the text reminders; letters go on.", 3)),
    ),
    callback(
        "Rang us about the balance after the last payment and had to hang up.",
        "Today from 4 to 5",
        answers={"refused_reason": "Asked for this one call; everything else by letter."},
        again=Again("letters only", 70),
        steps=(Step(0.5, "take"), Step(5, "resolve")),
    ),
    Call(
        "do-not-contact",
        "Mail goes to a house that was sold. E-mail only from now on.",
        {"channels": ["mail"]},
        days=21,
        channel="email",
        steps=(*TAKEN, done("Contact stopped", "Statements go by e-mail alone now.", 5)),
    ),
]
CALLS_OF_CALLERS = [*CALLS_BACK, *ALARMS, *WISHES]
