"""A ticket's life read back from its history: what it was after each step, and when that step was taken.

The history keeps the row after every change, with the act; the timeline keeps the moment at which the act
was taken. The n-th change by an act belongs to the n-th line of that act. A change without a line, such as an
import’s, counts from when it was written.
"""

from __future__ import annotations

from typing import Any

from escalations.reports.asked import Asked

MOVES = """
WITH life AS MATERIALIZED (
  SELECT t.id, t.type, t.created_at
  FROM escalations_ticket t
  WHERE t.company_id = %(company)s AND t.created_at < %(end)s
    AND (%(type)s::text IS NULL OR t.type = %(type)s)
    AND (%(channel)s::text IS NULL OR t.channel = %(channel)s)
    AND (t.status IN ('open', 'started', 'waiting') OR EXISTS (
      SELECT 1 FROM escalations_ticketcycle c WHERE c.ticket_id = t.id AND c.ended_at >= %(start)s))
), changes AS (
  SELECT h.pgh_obj_id AS ticket_id, life.type, life.created_at, h.pgh_id, h.pgh_label, h.pgh_created_at,
         h.status, h.assignee_id, x.metadata ->> 'act' AS act,
         row_number() OVER (PARTITION BY h.pgh_obj_id, x.metadata ->> 'act' ORDER BY h.pgh_id) AS nth,
         lag((h.status, h.assignee_id)) OVER (PARTITION BY h.pgh_obj_id ORDER BY h.pgh_id) AS before
  FROM life
  JOIN escalations_tickethistory h ON h.pgh_obj_id = life.id
  LEFT JOIN pghistory_context x ON x.id = h.pgh_context_id
), lines AS (
  SELECT e.ticket_id, e.act, e.at,
         row_number() OVER (PARTITION BY e.ticket_id, e.act ORDER BY e.id) AS nth
  FROM life JOIN escalations_ticketevent e ON e.ticket_id = life.id
), moves AS (
  SELECT c.ticket_id, c.type, c.pgh_id, c.status, c.assignee_id,
         CASE WHEN c.pgh_label = 'insert' THEN c.created_at ELSE coalesce(l.at, c.pgh_created_at) END AS at
  FROM changes c LEFT JOIN lines l ON l.ticket_id = c.ticket_id AND l.act = c.act AND l.nth = c.nth
  WHERE c.before IS DISTINCT FROM (c.status, c.assignee_id)
)"""
"""The steps that gave a ticket of the period another status or other hands, each with what it was then."""


def params(asked: Asked) -> dict[str, Any]:
    """What the statement is told."""
    start, end = asked.moments
    return {
        "company": asked.user.company_id,
        "start": start,
        "end": end,
        "now": asked.now,
        "type": asked.type,
        "channel": asked.channel,
        "person": asked.person,
        "team": asked.team,
    }
