-- Assessments are only added, and only with an approval of exactly that act and lender that was carried out.
ALTER TABLE assessment ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON assessment TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON assessment FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON assessment TO zhizhi_web;
GRANT SELECT, INSERT ON assessment TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE assessment_id_seq TO zhizhi_gate;
CREATE TRIGGER assessment_only_added BEFORE UPDATE OR DELETE ON assessment FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

CREATE FUNCTION zhizhi_assessment_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM approval p WHERE p.id = NEW.approval_id AND p.act = 'assessment' AND p.state IN ('approved', 'executed')
                   AND p.lender_id = NEW.lender_id AND p.request ->> 'activity' = NEW.activity) THEN
        RAISE EXCEPTION 'an assessment is approved by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessment_is_approved BEFORE INSERT ON assessment FOR EACH ROW EXECUTE FUNCTION zhizhi_assessment_is_approved();
