-- Views of persons are only ever added; whoever sees a whole lender sees who saw its persons.
ALTER TABLE person_view ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON person_view TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON person_view FOR SELECT TO zhizhi_web
    USING (lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
GRANT SELECT ON person_view TO zhizhi_web;
GRANT SELECT, INSERT ON person_view TO zhizhi_gate;
CREATE TRIGGER person_view_only_added BEFORE UPDATE OR DELETE ON person_view FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
