-- As gate_facts_of_used_permits.sql, but in plpgsql: its plan is kept for the session, where a function in SQL is planned
-- at each call, which took as long as answering it.
-- The facts of some persons in one question and one snapshot. Runs as the owner, so that every lender's agency counts,
-- whatever the caller may see; it returns ids, times and closed values, never a name or a number.
CREATE OR REPLACE FUNCTION zhizhi_gate_facts(persons bigint[], events_max integer) RETURNS TABLE (person_id bigint, facts jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
RETURN QUERY
SELECT p.id, jsonb_build_object(
    'version', p.version, 'subject', p.subject, 'state', p.state, 'time_zones', p.time_zones,
    'lender', l.code, 'lender_id', l.id, 'profile', l.profile, 'recorder', l.recorder,
    'case', (SELECT jsonb_build_object('id', c.id, 'number', c.number, 'stage', c.stage, 'stop', c.stop, 'agency_id', c.agency_id,
                    'collector_id', c.collector_id, 'is_lost_contact', c.is_lost_contact)
             FROM collection_case c WHERE c.person_id = p.id AND c.closed_on IS NULL),
    'debts', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'product', d.product, 'state', d.state, 'balance_minor', d.balance_minor) ORDER BY d.id), '[]')
              FROM debt d WHERE d.person_id = p.id),
    'parties', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'role', t.role, 'named_by_debtor', t.is_named_by_debtor,
                       'liability_evidence', t.has_liability_evidence) ORDER BY t.id), '[]')
                FROM party t WHERE t.person_id = p.id),
    'points', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'party', t.party_id, 'kind', t.kind, 'reserved', t.is_reserved, 'source', t.source,
                      'place', t.place, 'owner', t.owner, 'invalid_since', t.invalid_since, 'misdirected', t.is_misdirected) ORDER BY t.id), '[]')
               FROM point t WHERE t.person_id = p.id),
    'statements', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', s.at, 'by', s.party_id, 'kind', s.kind, 'body', s.body) ORDER BY s.at, s.id), '[]')
                   FROM statement s WHERE s.person_id = p.id),
    'events', (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.at, e.id), '[]') FROM (
                   SELECT c.id, c.at, c.channel, c.direction, c.party_id, c.point_id, c.debts, c.form, c.purpose, c.collector, c.collector_kind, c.outcome,
                          c.ring_seconds, c.line_result, c.talk_seconds, c.exchanged, c.about_debt, c.is_robot, c.in_reply_to
                   FROM contact c WHERE c.person_id = p.id ORDER BY c.at DESC, c.id DESC LIMIT events_max) e),
    'permits', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'at', coalesce(m.used_at, greatest(m.not_before, m.minted_at)), 'channel', m.channel, 'party_id', m.party_id,
                       'point_id', m.point_id, 'debts', m.debts, 'form', m.form, 'purpose', m.purpose, 'collector', m.collector) ORDER BY m.id), '[]')
                FROM permit m WHERE m.person_id = p.id AND m.state IN ('open', 'used')
                  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.person_id = m.person_id AND c.permit_id = m.id)),
    'reviews', (SELECT coalesce(jsonb_agg(jsonb_build_object('rule', h.rule, 'at', h.ruled_at, 'by', h.ruled_by_id, 'until', h.until_at, 'channels', h.channels) ORDER BY h.id), '[]')
                FROM hold h WHERE h.person_id = p.id AND h.state = 'released'),
    'stops', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'from_at', s.from_at, 'until_at', s.until_at, 'debt_id', s.debt_id) ORDER BY s.id), '[]')
              FROM stop s WHERE s.person_id = p.id AND s.lifted_at IS NULL)
)
FROM person p JOIN lender l ON l.id = p.lender_id
WHERE p.id = ANY (persons);
END
$$;
