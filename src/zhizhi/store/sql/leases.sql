-- Leases: rows of a person, guarded as what the gate writes is; tokens and kept answers are the gate's alone.
ALTER TABLE lease ADD FOREIGN KEY (person_id, permit_id) REFERENCES permit (person_id, id);
ALTER TABLE lease ADD FOREIGN KEY (person_id, delivery_id) REFERENCES delivery (person_id, id);
ALTER TABLE lease ADD FOREIGN KEY (campaign_id) REFERENCES lease_campaign (id);
ALTER TABLE lease ADD FOREIGN KEY (token_id) REFERENCES api_token (id);
ALTER TABLE lease_record ADD FOREIGN KEY (person_id, lease_id) REFERENCES lease (person_id, id);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['lease', 'lease_record'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
                        USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
GRANT SELECT ON lease, lease_record TO zhizhi_web;
GRANT SELECT, INSERT ON lease, lease_record, api_token, lease_campaign, kept_answer TO zhizhi_gate;
GRANT DELETE ON kept_answer TO zhizhi_gate;
GRANT UPDATE (confirmed_at, recalled_at, recalled_because) ON lease TO zhizhi_gate;
GRANT UPDATE (revoked_at) ON api_token TO zhizhi_gate;
GRANT UPDATE (ended_at) ON lease_campaign TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE api_token_id_seq, lease_campaign_id_seq TO zhizhi_gate;

-- A lease is confirmed once, within its time, or recalled; neither is ever undone, and a recalled one never rings.
CREATE FUNCTION zhizhi_lease_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a lease is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
       OR (OLD.recalled_at IS NOT NULL AND (NEW.recalled_at, NEW.recalled_because) IS DISTINCT FROM (OLD.recalled_at, OLD.recalled_because)) THEN
        RAISE EXCEPTION 'a lease is confirmed or recalled once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.confirmed_at IS NOT NULL AND OLD.confirmed_at IS NULL
       AND (NEW.confirmed_at < NEW.leased_at OR NEW.confirmed_at >= NEW.expires_at OR NOT EXISTS (
            SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used')) THEN
        RAISE EXCEPTION 'a lease is confirmed within its time and while its permit is in use' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lease_moves_on BEFORE UPDATE OR DELETE ON lease FOR EACH ROW EXECUTE FUNCTION zhizhi_lease_moves_on();
CREATE TRIGGER lease_record_only_added BEFORE UPDATE OR DELETE ON lease_record
    FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
