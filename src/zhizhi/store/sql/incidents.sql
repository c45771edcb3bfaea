-- Incidents: facts are only added, a deadline is answered once, an incident is closed once and only when each of its deadlines is answered.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['incident', 'incident_deadline', 'incident_fact'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
CREATE POLICY web_reads ON incident FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) IN ('lender', 'none') AND (SELECT zhizhi_own_agency()) = 0
    AND (lender_id IS NULL OR lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[])));
CREATE POLICY web_reads ON incident_deadline FOR SELECT TO zhizhi_web USING (incident_id IN (SELECT i.id FROM incident i));
CREATE POLICY web_reads ON incident_fact FOR SELECT TO zhizhi_web USING (incident_id IN (SELECT i.id FROM incident i));
GRANT SELECT ON incident, incident_deadline, incident_fact TO zhizhi_web;
GRANT SELECT, INSERT ON incident, incident_deadline, incident_fact TO zhizhi_gate;
GRANT UPDATE (closed_at) ON incident TO zhizhi_gate;
GRANT UPDATE (answered_at) ON incident_deadline TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE incident_id_seq, incident_deadline_id_seq, incident_fact_id_seq TO zhizhi_gate;
CREATE TRIGGER incident_fact_only_added BEFORE UPDATE OR DELETE ON incident_fact FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

CREATE FUNCTION zhizhi_incident_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_incident bigint := CASE TG_TABLE_NAME WHEN 'incident' THEN (to_jsonb(OLD) ->> 'id')::bigint ELSE (to_jsonb(OLD) ->> 'incident_id')::bigint END;
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(OLD) ->> TG_ARGV[0]) IS NOT NULL OR (to_jsonb(NEW) - TG_ARGV[0]) IS DISTINCT FROM (to_jsonb(OLD) - TG_ARGV[0]) THEN
        RAISE EXCEPTION 'an incident is closed once, a deadline answered once, and neither is changed otherwise' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_TABLE_NAME = 'incident' AND EXISTS (SELECT 1 FROM incident_deadline d WHERE d.incident_id = of_incident AND d.answered_at IS NULL) THEN
        RAISE EXCEPTION 'an incident is closed when each of its deadlines is answered' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_moves_on BEFORE UPDATE OR DELETE ON incident FOR EACH ROW EXECUTE FUNCTION zhizhi_incident_moves_on('closed_at');
CREATE TRIGGER incident_deadline_moves_on BEFORE UPDATE OR DELETE ON incident_deadline FOR EACH ROW EXECUTE FUNCTION zhizhi_incident_moves_on('answered_at');
