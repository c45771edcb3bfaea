-- Packs are kept and never changed or deleted; whether one is only proposed may move once it is released.
GRANT SELECT ON pack_release TO zhizhi_web;
GRANT SELECT, INSERT ON pack_release TO zhizhi_gate;
GRANT UPDATE (is_proposed) ON pack_release TO zhizhi_gate;

-- A run shows counts of one lender's decisions, or of every lender's, to those who see that much.
ALTER TABLE impact_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON impact_run TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON impact_run FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) = 'lender'
    AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))));
GRANT SELECT ON impact_run TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE ON impact_run TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE impact_run_id_seq TO zhizhi_gate;
