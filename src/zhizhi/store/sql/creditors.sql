-- Changes of creditor (docs/decisions/0070-true-consequences-and-creditor.md): rows are only added; seen with the case, for whoever talks has to name the
-- creditor that stands.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['creditor_change', 'creditor_holding', 'creditor_notice'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
            USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
        EXECUTE format('CREATE TRIGGER %1$I_only_added BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added()', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['creditor_holding', 'creditor_notice'] LOOP
        EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (person_id, change_id) REFERENCES creditor_change (person_id, id)', protected);
    END LOOP;
END $$;
ALTER TABLE creditor_change ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
ALTER TABLE creditor_change ADD FOREIGN KEY (approval_id) REFERENCES approval (id);
ALTER TABLE creditor_holding ADD FOREIGN KEY (creditor_id) REFERENCES creditor (id);
ALTER TABLE creditor ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON creditor TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON creditor FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
-- Whoever works a case reads the name of its creditor, an agency, too.
CREATE POLICY desk_reads ON creditor FOR SELECT TO zhizhi_web USING (EXISTS (SELECT 1 FROM creditor_holding h WHERE h.creditor_id = creditor.id));
GRANT SELECT ON creditor TO zhizhi_web;
GRANT SELECT, INSERT ON creditor TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE creditor_id_seq TO zhizhi_gate;
CREATE TRIGGER creditor_only_added BEFORE UPDATE OR DELETE ON creditor FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE INDEX creditor_holding_by_creditor ON creditor_holding (creditor_id);

-- A change was approved by a second person; its notice is proven by another than who asked for it, and is not before it.
CREATE FUNCTION zhizhi_creditor_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'creditor_change' THEN
        IF NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'creditor_change' AND a.state IN ('approved', 'executed')
                         AND a.lender_id = NEW.lender_id AND a.asked_by_id = NEW.asked_by_id AND a.request ->> 'kind' = NEW.kind
                         AND a.request -> 'debts' @> jsonb_build_array(jsonb_build_object('person', NEW.person_id, 'debt', NEW.debt_id))) THEN
            RAISE EXCEPTION 'a change of creditor is what a second person approved' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM creditor_change c WHERE c.person_id = NEW.person_id AND c.id = NEW.change_id
                    AND (c.asked_by_id = NEW.by_id OR NEW.served_on < c.on_day)) THEN
        RAISE EXCEPTION 'a notice is proven by another person, and is not before its change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER creditor_change_by_two BEFORE INSERT ON creditor_change FOR EACH ROW EXECUTE FUNCTION zhizhi_creditor_by_two();
CREATE TRIGGER creditor_notice_by_two BEFORE INSERT ON creditor_notice FOR EACH ROW EXECUTE FUNCTION zhizhi_creditor_by_two();

-- Debts whose last change of creditor the debtor was not told of (CC 546).
CREATE FUNCTION zhizhi_unnoticed(of_person bigint) RETURNS TABLE (debt_id bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT c.debt_id FROM creditor_change c
WHERE c.person_id = of_person
  AND NOT EXISTS (SELECT 1 FROM creditor_change l WHERE l.person_id = c.person_id AND l.debt_id = c.debt_id AND l.n > c.n)
  AND NOT EXISTS (SELECT 1 FROM creditor_notice t WHERE t.person_id = c.person_id AND t.change_id = c.id)
$$;

-- Who stands as creditor of a person's debts: names in their order, ways to pay, and what they may still claim together.
CREATE FUNCTION zhizhi_creditors(of_person bigint) RETURNS TABLE (debt_id bigint, change_id bigint, names text[], pay_to text[], cap_left bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
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
  AND NOT EXISTS (SELECT 1 FROM creditor_change n WHERE n.person_id = c.person_id AND n.debt_id = c.debt_id AND n.n > c.n)
$$;

-- As in consequences.sql, and nothing about a debt whose change of creditor the debtor was not told of, but what serves a notice.
CREATE OR REPLACE FUNCTION zhizhi_text_falls(of_person bigint, of_permit bigint, via text, of_carrier text, carriers text[], at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT CASE
    WHEN v.state = 'withdrawn' THEN 'template_withdrawn'
    WHEN m.purpose NOT IN ('required_by_law', 'serve') AND EXISTS (
        SELECT 1 FROM zhizhi_unnoticed(of_person) u WHERE m.debts = '[]' OR m.debts @> to_jsonb(u.debt_id)) THEN 'creditor_unnoticed'
    WHEN v.claims <> '[]' AND zhizhi_claims_untrue(of_person, of_permit, at) THEN 'untrue_claim'
    WHEN m.channel = 'sms' AND via <> 'sink' AND EXISTS (
        SELECT 1 FROM unnest(carriers) c
        WHERE c = coalesce(of_carrier, c) AND NOT EXISTS (
            SELECT 1 FROM zhizhi_filed_until(m.template_version_id) f
            WHERE f.carrier = c AND f.until_on >= (at AT TIME ZONE 'Asia/Shanghai')::date)) THEN 'not_filed'
    END
FROM permit m LEFT JOIN template_version v ON v.id = m.template_version_id
WHERE m.person_id = of_person AND m.id = of_permit
$$;
