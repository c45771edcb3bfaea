-- That a recording was erased is written before its octets go, is never taken back, and is done once.
ALTER TABLE recording_erasure ADD FOREIGN KEY (person_id, recording_id) REFERENCES recording (person_id, id);
ALTER TABLE recording_erasure ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON recording_erasure FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = recording_erasure.person_id));
CREATE POLICY gate_works ON recording_erasure TO zhizhi_gate USING (true) WITH CHECK (true);
GRANT SELECT ON recording_erasure TO zhizhi_web;
GRANT SELECT, INSERT ON recording_erasure TO zhizhi_gate;
GRANT UPDATE (gone_at) ON recording_erasure TO zhizhi_gate;

CREATE FUNCTION zhizhi_erasure_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.gone_at IS NOT NULL OR (to_jsonb(NEW) - 'gone_at') IS DISTINCT FROM (to_jsonb(OLD) - 'gone_at') THEN
        RAISE EXCEPTION 'an erasure is done once and never taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER erasure_stands BEFORE UPDATE OR DELETE ON recording_erasure
    FOR EACH ROW EXECUTE FUNCTION zhizhi_erasure_stands();
