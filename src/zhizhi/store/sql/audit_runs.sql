-- A run shows contacts of one lender, or of every lender, to those who see that much. An agency sees none.
ALTER TABLE audit_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON audit_run TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON audit_run FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) = 'lender'
    AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))));
GRANT SELECT ON audit_run TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE ON audit_run TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE audit_run_id_seq TO zhizhi_gate;
