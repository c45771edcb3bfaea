-- Calling campaigns (docs/decisions/0067-outbound-calling.md).
ALTER TABLE calling_target ADD FOREIGN KEY (person_id) REFERENCES person (id);
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['calling_campaign', 'calling_step', 'calling_target', 'calling_seat', 'calling_line'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', kept);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', kept);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', kept);
    END LOOP;
END $$;
CREATE POLICY web_reads ON calling_campaign FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
CREATE POLICY web_reads ON calling_step FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM calling_campaign c));
CREATE POLICY web_reads ON calling_target FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM calling_campaign c));
CREATE POLICY web_reads ON calling_seat FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM calling_campaign c));
CREATE POLICY web_reads ON calling_line FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM calling_campaign c));
GRANT UPDATE (state, ratio, stepped_at) ON calling_campaign TO zhizhi_gate;
GRANT UPDATE (state, next_at, why, lease_id, at) ON calling_target TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE calling_campaign_id_seq, calling_step_id_seq, calling_seat_id_seq, calling_line_id_seq TO zhizhi_gate;
CREATE TRIGGER calling_step_only_added BEFORE UPDATE OR DELETE ON calling_step FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

CREATE FUNCTION zhizhi_calling_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> NEW.state AND (OLD.state = 'ended' OR NEW.state = 'draft') THEN
        RAISE EXCEPTION 'a calling campaign moves only forwards' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER calling_moves_on BEFORE UPDATE ON calling_campaign FOR EACH ROW EXECUTE FUNCTION zhizhi_calling_moves_on();
