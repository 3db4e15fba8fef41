"""Run the nightly submission now (D-SUB-1)."""

from deductibles.nightly_command import NightlyCommand
from work.models import Run


class Command(NightlyCommand):
    help = "Writes queued claims as 837P files and hands them over to the clearinghouse."
    kind = Run.Kind.SUBMISSION
