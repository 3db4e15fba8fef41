"""Run the nightly check now (D-CHK-1)."""

from deductibles.nightly_command import NightlyCommand
from work.models import Run


class Command(NightlyCommand):
    help = "Asks AR Boost about claims that are due, and releases what is met or has used up its days."
    kind = Run.Kind.CHECK
