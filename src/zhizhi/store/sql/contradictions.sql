-- What a provider said against our records stands; a person looks at it once, and sees it where a case of the person is seen.
ALTER TABLE contradiction ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON contradiction TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON contradiction FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = contradiction.person_id));
GRANT SELECT ON contradiction TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE (looked_at, looked_by_id, remark) ON contradiction TO zhizhi_gate;
CREATE TRIGGER contradiction_only_added BEFORE DELETE ON contradiction FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER contradiction_looked_at_once BEFORE UPDATE ON contradiction FOR EACH ROW WHEN (OLD.looked_at IS NOT NULL)
    EXECUTE FUNCTION zhizhi_only_added();
