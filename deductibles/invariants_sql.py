"""The statements of :mod:`deductibles.invariants`: each selects (company, claim number) of what breaks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One statement and the sentence of what it finds."""

    invariant: str
    said: str
    sql: str


_CLAIM_AND_HOLD = "FROM deductibles_claim c JOIN deductibles_hold h ON h.claim_id = c.id"
_FILED = """FROM deductibles_submissionitem i JOIN deductibles_submission s ON s.id = i.submission_id
    JOIN deductibles_claim c ON c.id = i.claim_id"""
_ASKED = """FROM deductibles_question q JOIN deductibles_hold h ON h.id = q.hold_id
    JOIN deductibles_claim c ON c.id = h.claim_id"""
_HISTORY = "FROM deductibles_holdevent e JOIN deductibles_claim c ON c.id = e.claim_id"
_LISTED = """EXISTS (SELECT FROM work_run r, jsonb_array_elements(r.failures) f
    WHERE r.company_id = c.company_id AND r.kind = 'check' AND r.target_date >= h.release_on
    AND f ->> 'claim' = c.number)"""
"""Set aside by a night and told there: an exception a person sees."""

_NONE_LOST = (
    Rule(
        "I1",
        "suspended, and no entry holds it",
        """SELECT c.company_id, c.number FROM deductibles_claim c WHERE c.status = 'hold'
        AND NOT EXISTS (SELECT FROM deductibles_hold h WHERE h.claim_id = c.id AND h.active)""",
    ),
    Rule(
        "I1",
        "an entry holds it that is suspended no more",
        f"SELECT c.company_id, c.number {_CLAIM_AND_HOLD} WHERE h.active AND c.status <> 'hold'",  # noqa: S608
    ),
    Rule(
        "I1",
        "held automatically without a release date",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        WHERE h.active AND h.kind = 'automatic' AND h.release_on IS NULL""",  # noqa: S608
    ),
    Rule(
        "I1",
        "its entry neither waits nor has ended",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        WHERE NOT h.active AND h.ended_at IS NULL""",  # noqa: S608
    ),
    Rule(
        "I1",
        "in a state that is none",
        "SELECT c.company_id, c.number FROM deductibles_claim c WHERE c.status <> ALL(%(statuses)s)",
    ),
    Rule(
        "I1",
        "the sums above the lines are not what the lines add up to: manage.py recount_holds",
        """SELECT company_id, 'Hold for Deductible, ' || part FROM (
            SELECT company_id, part, lines, dollars FROM deductibles_holdtotal
            UNION ALL SELECT h.company_id,
                CASE WHEN active THEN 'held' WHEN queued_at IS NOT NULL THEN 'queued' ELSE 'ended' END,
                -1, -c.total
            FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id WHERE cleared_at IS NULL
        ) both_sides GROUP BY company_id, part HAVING sum(lines) <> 0 OR sum(dollars) <> 0""",
    ),
    Rule(
        "I1",
        "kept in a file that was refused and never goes",
        f"SELECT c.company_id, c.number {_FILED} WHERE i.open AND s.state = 'refused'",  # noqa: S608
    ),
    Rule(
        "I1",
        "said to have left, and in no file that did",
        """SELECT k.company_id, k.number FROM deductibles_claim k WHERE k.status IN ('submitted', 'ambiguous')
        AND NOT EXISTS (SELECT FROM deductibles_submissionitem i
            JOIN deductibles_submission s ON s.id = i.submission_id
            WHERE i.claim_id = k.id AND s.state IN ('handed_over', 'ambiguous'))""",
    ),
)

_NONE_TWICE = (
    Rule(
        "I2",
        "held by two entries at once",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        WHERE h.active GROUP BY c.id HAVING count(*) > 1""",  # noqa: S608
    ),
    Rule(
        "I2",
        "the same original is in two files that went or may have gone",
        f"""SELECT c.company_id, c.number {_FILED}
        WHERE s.state IN ('written', 'handed_over', 'ambiguous')
        GROUP BY c.id, i.sequence HAVING count(*) > 1""",  # noqa: S608
    ),
    Rule(
        "I2",
        "two runs of one kind for one night",
        """SELECT r.company_id, r.kind || ' of ' || r.target_date FROM work_run r
        GROUP BY r.company_id, r.kind, r.target_date HAVING count(*) > 1""",
    ),
    Rule(
        "I2",
        "released a second time",
        """SELECT e.company_id, c.number FROM (
            SELECT x.company_id, x.claim_id, x.queued_at,
                   lag(x.queued_at) OVER (PARTITION BY x.pgh_obj_id ORDER BY x.pgh_id) AS before
            FROM deductibles_holdevent x) e JOIN deductibles_claim c ON c.id = e.claim_id
        WHERE e.before <> e.queued_at""",
    ),
    Rule(
        "I2",
        "asked again for a date that was answered",
        """SELECT c.company_id, c.number FROM deductibles_snapshot s
        JOIN deductibles_claim c ON c.id = s.claim_id
        WHERE s.source = 'nightly' AND s.outcome = 'answered' AND s.trace <> ''
        GROUP BY c.id, s.trace HAVING count(*) > 1""",
    ),
)

_TIMELY = (
    Rule(
        "I3",
        "held later than its release date plus one night",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        JOIN unnest(%(companies)s::bigint[], %(nights)s::date[]) AS n(company, night)
            ON n.company = h.company_id
        WHERE h.active AND h.release_on < n.night - 1 AND c.changed_at::date <= h.release_on
        AND NOT {_LISTED}""",  # noqa: S608
    ),
    Rule(
        "I3",
        "still held after the night that should have released it",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        WHERE h.active AND NOT {_LISTED} AND EXISTS (
            SELECT FROM work_run r WHERE r.company_id = h.company_id AND r.kind = 'check' AND r.state = 'done'
            AND r.target_date >= h.release_on AND r.started_at > c.changed_at)""",  # noqa: S608
    ),
)

_CADENCE = (
    Rule(
        "I4",
        "asked for a date that is not on its grid of seven days",
        f"""SELECT c.company_id, c.number {_ASKED}
        WHERE q.for_date <= h.anchor_on OR (q.for_date - h.anchor_on) %% %(every)s <> 0""",  # noqa: S608
    ),
    Rule(
        "I4",
        "asked more than once in one night",
        f"""SELECT c.company_id, c.number {_ASKED} WHERE q.asked_at IS NOT NULL
        GROUP BY c.id, h.id, q.run_id HAVING count(*) > 1""",  # noqa: S608
    ),
    Rule(
        "I4",
        "a date of its grid passed and it was not asked",
        f"""SELECT c.company_id, c.number {_CLAIM_AND_HOLD}
        JOIN LATERAL (SELECT max(target_date) AS night FROM work_run r WHERE r.company_id = h.company_id
            AND r.kind = 'check' AND r.state = 'done') last ON true
        JOIN LATERAL (SELECT h.anchor_on + ((last.night - h.anchor_on) / %(every)s) * %(every)s AS day) grid
            ON true
        JOIN LATERAL (SELECT r.started_at FROM work_run r WHERE r.company_id = h.company_id
            AND r.kind = 'check' AND r.state = 'done' AND r.target_date >= grid.day
            ORDER BY r.target_date LIMIT 1) first ON true
        WHERE h.active AND h.kind = 'automatic' AND grid.day > h.anchor_on AND grid.day > h.started_on
        AND first.started_at > c.changed_at AND NOT EXISTS (
            SELECT FROM deductibles_question q WHERE q.hold_id = h.id AND q.for_date >= grid.day)""",  # noqa: S608
    ),
)

_NEWEST_OF_CLAIM = """FROM deductibles_claim c LEFT JOIN (SELECT DISTINCT ON (pgh_obj_id) *, xmin AS written
    FROM deductibles_claimevent ORDER BY pgh_obj_id, pgh_id DESC) e ON e.pgh_obj_id = c.id"""
_NEWEST_OF_HOLD = """FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id
    LEFT JOIN (SELECT DISTINCT ON (pgh_obj_id) *, xmin AS written FROM deductibles_holdevent
    ORDER BY pgh_obj_id, pgh_id DESC) e ON e.pgh_obj_id = h.id"""

_AUDITED = (
    Rule(
        "I5",
        "its state is not the one the audit ends with",
        f"""SELECT c.company_id, c.number {_NEWEST_OF_CLAIM}
        WHERE (e.status, e.version) IS DISTINCT FROM (c.status, c.version)""",  # noqa: S608
    ),
    Rule(
        "I5",
        "its entry is not as the audit ends",
        f"""SELECT c.company_id, c.number {_NEWEST_OF_HOLD}
        WHERE (e.active, e.queued_at, e.reason_code, e.release_on, e.cleared_at, e.remaining)
        IS DISTINCT FROM (h.active, h.queued_at, h.reason_code, h.release_on, h.cleared_at, h.remaining)""",  # noqa: S608
    ),
    Rule(
        "I5",
        "a change of it is missing in the audit",
        """SELECT c.company_id, c.number FROM deductibles_claimevent e
        JOIN deductibles_claim c ON c.id = e.pgh_obj_id
        GROUP BY c.id HAVING count(DISTINCT e.version) <= max(e.version) - min(e.version)""",
    ),
    Rule(
        "I5",
        "it moved from one state to another between which there is no step",
        """SELECT e.company_id, e.number FROM (
            SELECT x.company_id, x.number, x.status,
                   lag(x.status) OVER (PARTITION BY x.pgh_obj_id ORDER BY x.pgh_id) AS before
            FROM deductibles_claimevent x) e
        WHERE e.before <> e.status AND e.before || '>' || e.status <> ALL(%(legal)s)""",
    ),
)
ONE_TRANSACTION = (
    Rule(
        "I5",
        "the audit of its newest change was written apart from it",
        f"SELECT c.company_id, c.number {_NEWEST_OF_CLAIM} WHERE e.written <> c.xmin",  # noqa: S608
    ),
    Rule(
        "I5",
        "the audit of its entry's newest change was written apart from it",
        f"SELECT c.company_id, c.number {_NEWEST_OF_HOLD} WHERE e.written <> h.xmin",  # noqa: S608
    ),
)

_RELEASES = """FROM (SELECT DISTINCT ON (x.pgh_obj_id) x.*, (m.metadata ->> 'run')::bigint AS run
        FROM deductibles_holdevent x LEFT JOIN pghistory_context m ON m.id = x.pgh_context_id
        WHERE x.queued_at IS NOT NULL ORDER BY x.pgh_obj_id, x.pgh_id) e
    JOIN deductibles_claim c ON c.id = e.claim_id LEFT JOIN work_run r ON r.id = e.run"""
"""The first release of every entry, as the audit tells it, with the night that did it."""
_THRESHOLD = """SELECT max(t.amount) FROM (
        (SELECT d.dollar_threshold AS amount FROM deductibles_deductiblesettings d
         WHERE d.company_id = e.company_id AND d.created_at <= e.ended_at ORDER BY d.version DESC LIMIT 1)
        UNION ALL SELECT d.dollar_threshold FROM deductibles_deductiblesettings d
         WHERE d.company_id = e.company_id AND d.created_at > e.ended_at
         AND d.created_at < e.ended_at + interval '5 minutes'
        UNION ALL SELECT p.dollar_threshold FROM patients_payerevent p WHERE p.pgh_obj_id = e.payer_id
        UNION ALL SELECT p.dollar_threshold FROM patients_payer p WHERE p.id = e.payer_id) t"""
"""The most that may have been in force: settings are saved while a night runs, payers have numbers too."""

_OF_BEFORE = """EXISTS (SELECT FROM work_companyfile f
                WHERE f.company_id = s.company_id AND f.way = 'in' AND s.asked_at < f.finished_at)"""
"""An answer that came along with its company names the hold by the number that it had where it was asked."""
_NO_WRONG_RELEASE = (
    Rule(
        "I7",
        "released as met without a stored answer of its own that proves it",
        f"""SELECT c.company_id, c.number {_RELEASES} LEFT JOIN deductibles_snapshot s ON s.id = e.snapshot_id
        WHERE e.reason_code = ANY(%(met)s) AND NOT COALESCE(
            s.claim_id = e.claim_id AND s.coverage_id = e.coverage_id AND s.outcome = 'answered'
            AND (s.says_met OR s.may_release AND e.remaining <= ({_THRESHOLD}))
            AND s.proven_until >= COALESCE(r.target_date, e.ended_at::date)
            AND NOT s.flags ?| ARRAY['inconsistent', 'amounts_disagree', 'envelope_invalid',
                                     'identity_mismatch', 'trace_not_found']
            AND (s.source <> 'nightly' OR s.trace LIKE 'H' || e.pgh_obj_id || 'D%%' OR {_OF_BEFORE})
            AND (s.x12_271 = '' OR s.trace = '' OR position(s.trace IN s.x12_271) > 0), false)""",  # noqa: S608
    ),
    Rule(
        "I7",
        "released by time before its release date",
        f"""SELECT c.company_id, c.number {_RELEASES}
        WHERE e.reason_code = %(elapsed)s AND e.release_on > COALESCE(r.target_date, e.ended_at::date + 1)""",  # noqa: S608
    ),
    Rule(
        "I7",
        "released, and nothing says why",
        f"SELECT c.company_id, c.number {_RELEASES} WHERE e.reason_code = ''",  # noqa: S608
    ),
)

_DATES_STAY = (
    Rule(
        "I9",
        "the date it is held since has moved",
        f"""SELECT c.company_id, c.number {_HISTORY} GROUP BY c.id, e.pgh_obj_id
        HAVING count(DISTINCT e.anchor_on) > 1 OR count(DISTINCT e.started_on) > 1""",  # noqa: S608
    ),
    Rule(
        "I9",
        "its release date moved, and neither settings nor a person moved it",
        """SELECT c.company_id, c.number FROM (
            SELECT x.company_id, x.claim_id, x.release_on, x.pgh_context_id, x.pgh_label,
                   lag(x.release_on) OVER one AS before, lag(x.pgh_id) OVER one AS earlier
            FROM deductibles_holdevent x WINDOW one AS (PARTITION BY x.pgh_obj_id ORDER BY x.pgh_id)) e
        JOIN deductibles_claim c ON c.id = e.claim_id LEFT JOIN pghistory_context m ON m.id = e.pgh_context_id
        WHERE e.earlier IS NOT NULL AND e.before IS DISTINCT FROM e.release_on
        AND m.metadata ->> 'user' IS NULL AND m.metadata ->> 'act' IS DISTINCT FROM 'apply settings'""",
    ),
)

UNTOLD = "waits to be told to the outside world for more than an hour"
_HEALS = (
    Rule(
        "I10",
        "began and stands still, and nobody is at it",
        """SELECT r.company_id, r.kind || ' of ' || r.target_date FROM work_run r
        LEFT JOIN work_lease l ON l.name = 'night:' || r.kind || ':' || r.company_id
        WHERE r.state IN ('waiting', 'running') AND COALESCE(l.held_until, '-infinity') < now()
        AND COALESCE(r.started_at, r.created_at) < %(at)s::timestamptz - interval '5 minutes'""",
    ),
    Rule(
        "I10",
        "failed, and does not say why",
        """SELECT r.company_id, r.kind || ' of ' || r.target_date FROM work_run r
        WHERE r.state = 'failed' AND r.failures = '[]'""",
    ),
    Rule(
        "I10",
        UNTOLD,
        """SELECT o.company_id, o.kind || ' ' || o.id FROM work_outboxmessage o WHERE o.done_at IS NULL
        AND o.next_at < %(at)s::timestamptz - interval '1 hour'
        AND COALESCE(o.leased_until, '-infinity') < %(at)s::timestamptz""",
    ),
)

RULES = (
    *_NONE_LOST, *_NONE_TWICE, *_TIMELY, *_CADENCE, *_AUDITED, *_NO_WRONG_RELEASE, *_DATES_STAY, *_HEALS,
)  # fmt: skip

_TOLD = (
    "SELECT company_id, kind || ' of ' || target_date, failures::text FROM work_run",
    "SELECT company_id, kind || ' ' || id, payload::text || failure FROM work_outboxmessage",
    "SELECT 0, 'audit ' || id, metadata::text FROM pghistory_context",
    "SELECT 0, 'lease', name FROM work_lease",
    "SELECT 0, 'cache', cache_key FROM cache",
    "SELECT company_id, filename, filename || detail || reference FROM deductibles_submission",
    "SELECT s.company_id, 'answer ' || s.id, s.detail FROM deductibles_snapshot s",
    f"SELECT c.company_id, c.number, h.why::text || h.release_why || h.flags {_CLAIM_AND_HOLD}",  # noqa: S608
)
LEAKS = (
    Rule(
        "I8",
        "tells of a patient where nobody may read of one",
        f"""SELECT t.company, t.about FROM ({" UNION ALL ".join(_TOLD)}) t(company, about, text)
        WHERE EXISTS (SELECT FROM unnest(%(words)s::text[]) w
            WHERE position(lower(w) IN lower(t.text)) > 0)""",  # noqa: S608
    ),
)
