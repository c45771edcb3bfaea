-- What the gate reads of a person beside zhizhi_gate_facts, as JSON: what is true of the debts, bulk stops that mean the person and are
-- not over, changes of creditor without a notice, disputed credit data. In plpgsql, because a function in SQL that cannot become a part
-- of its caller is planned at each call, which took longer than all the rest of a decision; plans are by key, whoever the person is.
ALTER FUNCTION zhizhi_unnoticed(bigint) RESET search_path;
ALTER FUNCTION zhizhi_disputed(bigint) RESET search_path;
CREATE FUNCTION zhizhi_facts_beside(of_person bigint, of_instant timestamptz,
    OUT debt_truths text, OUT meant_by text, OUT without_notice text, OUT in_dispute text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    debt_truths := (SELECT json_agg(json_build_array(k.debt_id, k.fact, k.holds, k.on_day) ORDER BY k.n)::text
        FROM debt_fact k WHERE k.person_id = of_person);
    meant_by := (SELECT json_agg(json_build_array(b.id, b.channel, b.reason, b.ground, b.areas, b.from_at, b.until_at)
            ORDER BY b.until_at DESC, b.id)::text
        FROM bulk_stop b
        WHERE b.lifted_at IS NULL AND b.until_at > of_instant
          AND EXISTS (SELECT 1 FROM zhizhi_bulk_persons(b.lender_id, b.agency_id, b.product, b.areas) q WHERE q.person_id = of_person));
    without_notice := (SELECT json_agg(u.debt_id)::text FROM zhizhi_unnoticed(of_person) u);
    in_dispute := (SELECT json_agg(u.debt_id)::text FROM zhizhi_disputed(of_person) u);
END $$;
REVOKE ALL ON FUNCTION zhizhi_facts_beside FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_facts_beside TO zhizhi_gate;

-- As in creditors.sql, for the same reason.
CREATE OR REPLACE FUNCTION zhizhi_creditors(of_person bigint)
RETURNS TABLE (debt_id bigint, change_id bigint, names text[], pay_to text[], cap_left bigint)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.debt_id, c.id, h.names, h.pay_to, greatest(0, h.cap - coalesce((
            SELECT sum(CASE y.kind WHEN 'payment' THEN y.applied_minor ELSE -y.applied_minor END) FROM payment y
            WHERE y.person_id = c.person_id AND y.debt_id = c.debt_id AND y.recorded_at >= c.at), 0))::bigint
    FROM creditor_change c
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(r.name, l.name) ORDER BY k.place) AS names, array_agg(coalesce(r.pay_to, '') ORDER BY k.place) AS pay_to,
            sum(k.amount_minor + k.allowed_minor) AS cap
        FROM creditor_holding k JOIN lender l ON l.id = c.lender_id LEFT JOIN creditor r ON r.id = k.creditor_id
        WHERE k.person_id = c.person_id AND k.change_id = c.id) h
    WHERE c.person_id = of_person
      AND NOT EXISTS (SELECT 1 FROM creditor_change n WHERE n.person_id = c.person_id AND n.debt_id = c.debt_id AND n.n > c.n);
END $$;
ALTER FUNCTION zhizhi_creditors ROWS 2;
