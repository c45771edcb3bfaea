"""Whose a breach inquiry is: whose permit it was, or, in an agency's own records, who had the case on that day."""

from collections.abc import Sequence

from django.db import connections

OF_AGENCY = """
CASE WHEN i.permit_id IS NOT NULL
     THEN EXISTS (SELECT 1 FROM permit q WHERE q.id = i.permit_id AND q.collector = a.code)
     ELSE EXISTS (SELECT 1 FROM reconciliation_run r WHERE r.source = i.source AND r.source_kind = 'agency')
      AND EXISTS (
        SELECT 1 FROM placement m WHERE m.person_id = i.person_id AND m.agency_id = a.id
          AND (m.placed_at AT TIME ZONE 'Asia/Shanghai')::date <= i.on
          AND (m.ended_at IS NULL OR (m.ended_at AT TIME ZONE 'Asia/Shanghai')::date >= i.on)) END
"""
"""Of a row `i` of breach_inquiry and a row `a` of agency."""
_UNDER_INQUIRY = f"""
SELECT DISTINCT a.id FROM agency a JOIN breach_inquiry i ON i.lender_id = %s AND i.state IN ('open', 'answered')
WHERE a.id = ANY (%s) AND {OF_AGENCY}
"""


def agencies_under_inquiry(lender_id: int, agency_ids: Sequence[int]) -> set[int]:
    """Those with an inquiry of this lender that nobody has ended yet."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_UNDER_INQUIRY, [lender_id, list(agency_ids)])
        return {int(row[0]) for row in cursor.fetchall()}
