"""Why a time rule refused an input: one sentence for a person, and the field it concerns."""


class TimeRuleError(ValueError):
    """An input the turnaround engine cannot work with.

    `field` names the input in the words of the API (`received_at`, `max`, `calendar.hours.mon`) and
    `message` is the sentence shown beside it.
    """

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field
        self.message = message

    def __reduce__(self):
        return type(self), (self.field, self.message)


class CalendarError(TimeRuleError):
    """A business calendar that cannot be kept (K1)."""


class HorizonError(CalendarError):
    """An answer before the first or after the last year a calendar reaches (K1)."""


class TurnaroundError(TimeRuleError):
    """A turnaround, a pause or a moment that cannot be counted."""
