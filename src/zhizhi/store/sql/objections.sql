-- Objections to credit data (docs/consequences.md): seen with the case, answered once, never deleted.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['credit_objection', 'credit_message'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
            USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
        EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id)', protected);
    END LOOP;
END $$;
-- Sealed columns are sealed anew when keys are rotated.
GRANT UPDATE (sealed, answer, answer_sealed, answered_by_id, answered_at) ON credit_objection TO zhizhi_gate;
GRANT UPDATE (sent_at, sent_by_id, confirmed_at, confirmed_by_id, receipt) ON credit_message TO zhizhi_gate;
ALTER TABLE credit_message ADD FOREIGN KEY (person_id, objection_id) REFERENCES credit_objection (person_id, id);

CREATE FUNCTION zhizhi_objection_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['sealed', 'answer', 'answer_sealed', 'answered_by_id', 'answered_at'];
    was jsonb := to_jsonb(OLD);
BEGIN
    IF TG_TABLE_NAME = 'credit_message' THEN
        moving := ARRAY['sent_at', 'sent_by_id', 'confirmed_at', 'confirmed_by_id', 'receipt'];
    END IF;
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (was - moving) THEN
        RAISE EXCEPTION 'an objection is answered, a message is sent: neither is changed or deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF was ->> 'answer' IS NOT NULL AND (to_jsonb(NEW) - ARRAY['sealed', 'answer_sealed']) IS DISTINCT FROM (was - ARRAY['sealed', 'answer_sealed'])
       OR was ->> 'sent_at' IS NOT NULL AND (to_jsonb(NEW) ->> 'sent_at', to_jsonb(NEW) ->> 'sent_by_id') IS DISTINCT FROM (was ->> 'sent_at', was ->> 'sent_by_id')
       OR was ->> 'confirmed_at' IS NOT NULL THEN
        RAISE EXCEPTION 'what was answered, sent or confirmed stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_objection_moves_on BEFORE UPDATE OR DELETE ON credit_objection FOR EACH ROW EXECUTE FUNCTION zhizhi_objection_moves_on();
CREATE TRIGGER credit_message_moves_on BEFORE UPDATE OR DELETE ON credit_message FOR EACH ROW EXECUTE FUNCTION zhizhi_objection_moves_on();

-- Debts whose credit data are disputed: while an objection waits for its answer, and until a correction is confirmed.
CREATE FUNCTION zhizhi_disputed(of_person bigint) RETURNS TABLE (debt_id bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT o.debt_id FROM credit_objection o WHERE o.person_id = of_person AND o.answer IS NULL
UNION SELECT m.debt_id FROM credit_message m WHERE m.person_id = of_person AND m.message = 'correct' AND m.confirmed_at IS NULL
$$;

-- As in consequences.sql, and nothing of credit reporting is true to say while it is disputed (CRR 25).
CREATE OR REPLACE FUNCTION zhizhi_claim_is_true(of_person bigint, of_debt bigint, claim text, purpose text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
WITH latest AS (
    SELECT DISTINCT ON (f.fact) f.fact, f.holds FROM debt_fact f
    WHERE f.person_id = of_person AND f.debt_id = of_debt ORDER BY f.fact, f.n DESC
), said AS (
    SELECT coalesce(bool_or(holds) FILTER (WHERE fact = 'credit_reporting'), false)
            AND NOT EXISTS (SELECT 1 FROM zhizhi_disputed(of_person) u WHERE u.debt_id = of_debt) AS reports,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'adverse_notice'), false) AS told,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'adverse_reported'), false) AS reported,
        bool_or(holds) FILTER (WHERE fact = 'interest_stopped') AS stopped,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'accelerated'), false) AS accelerated
    FROM latest
), file AS (
    SELECT c.state FROM court_file c WHERE c.person_id = of_person AND c.debt_id = of_debt AND c.ended_on IS NULL
       AND (c.state <> 'prepared' OR c.begin_by >= (at AT TIME ZONE 'Asia/Shanghai')::date)
)
SELECT CASE claim
    WHEN 'credit_reporting' THEN reports
    WHEN 'adverse_report' THEN reports AND (told OR purpose = 'required_by_law')
    WHEN 'adverse_reported' THEN reports AND reported
    WHEN 'interest_stopped' THEN coalesce(stopped, false)
    WHEN 'interest_running' THEN NOT coalesce(stopped, true)
    WHEN 'accelerated' THEN accelerated
    WHEN 'suit' THEN EXISTS (SELECT 1 FROM file WHERE state NOT IN ('ended', 'mediating', 'mediated', 'confirming', 'settled'))
    WHEN 'enforcement' THEN EXISTS (SELECT 1 FROM file WHERE state IN ('effective', 'enforcing', 'stayed'))
    ELSE false END
FROM said
$$;
