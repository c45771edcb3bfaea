-- How the installation runs: no row of a person, written by every process, read for the health page and the metrics.
GRANT SELECT, INSERT, UPDATE, DELETE ON heartbeat TO zhizhi_gate;
GRANT SELECT, UPDATE ON watermark TO zhizhi_gate;
GRANT SELECT, INSERT, UPDATE ON tally TO zhizhi_gate;
INSERT INTO watermark (name, position) VALUES ('counted', 0), ('clock', 0);

-- What a person said of a contact whose end nobody knew stands; it is seen where a case of the person is seen.
ALTER TABLE settlement ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON settlement TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON settlement FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = settlement.person_id));
GRANT SELECT ON settlement TO zhizhi_web;
GRANT SELECT, INSERT ON settlement TO zhizhi_gate;
CREATE TRIGGER settlement_only_added BEFORE UPDATE OR DELETE ON settlement FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
