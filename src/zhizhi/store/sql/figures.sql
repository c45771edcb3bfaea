-- A day of the book is read by whoever may see its case, by columns of its own: who worked a debt on that day is in the row.
ALTER TABLE debt_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON debt_day TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON debt_day FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
    OR collector_id = ANY ((SELECT zhizhi_viewer_ids('self', 'staff'))::bigint[])
);
ALTER TABLE debt_day ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
GRANT SELECT ON debt_day TO zhizhi_web;
GRANT SELECT, INSERT ON debt_day TO zhizhi_gate;
CREATE TRIGGER debt_day_only_added BEFORE UPDATE OR DELETE ON debt_day FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

ALTER TABLE collection_target ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON collection_target TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON collection_target FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
GRANT SELECT ON collection_target TO zhizhi_web;
GRANT SELECT, INSERT ON collection_target TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE collection_target_id_seq TO zhizhi_gate;
CREATE TRIGGER collection_target_only_added BEFORE UPDATE OR DELETE ON collection_target
    FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
