-- Human quality inspection (docs/decisions/0069-quality-inspection.md).
ALTER TABLE quality_draw ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON quality_draw TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON quality_draw FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
GRANT SELECT ON quality_draw TO zhizhi_web;
GRANT SELECT, INSERT ON quality_draw TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE quality_draw_id_seq TO zhizhi_gate;
CREATE TRIGGER quality_draw_only_added BEFORE UPDATE OR DELETE ON quality_draw FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- Until every reviewer of a contact is done, a review is its reviewer's alone: the second one is blind. Then those of the lender's
-- scope see it, the team's leader, the agency's manager, and the collector the own one that counts.
ALTER TABLE quality_review ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON quality_review TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON quality_review FOR SELECT TO zhizhi_web USING (
    reviewer_id::text = (SELECT zhizhi_viewer('staff'))
    OR is_revealed AND (
        lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
        OR n = 1 AND (
            agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
            OR staff_id = ANY ((SELECT zhizhi_seen_collectors())::bigint[]) AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[])
            OR staff_id::text = (SELECT zhizhi_viewer('staff')))));
GRANT SELECT ON quality_review TO zhizhi_web;
GRANT SELECT, INSERT ON quality_review TO zhizhi_gate;
GRANT UPDATE (state, is_revealed, marks, score, severity, remark, done_at, appeal_until, appeal, appealed_at, ruled_by_id, ruled_at, ruling,
    consequence, consequence_by_id, consequence_at, consequence_ground) ON quality_review TO zhizhi_gate;
ALTER TABLE quality_review ADD FOREIGN KEY (person_id, contact_id) REFERENCES contact (person_id, id);
ALTER TABLE quality_review ADD FOREIGN KEY (draw_id) REFERENCES quality_draw (id);

-- A verdict is given once and changed by the second look alone; what came of it is said once.
CREATE FUNCTION zhizhi_quality_review_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a review is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
           (('waiting', 'done'), ('done', 'appealed'), ('appealed', 'upheld'), ('appealed', 'changed'))
       OR OLD.is_revealed AND NOT NEW.is_revealed
       OR OLD.state <> 'waiting' AND NEW.state <> 'changed' AND (NEW.marks, NEW.score, NEW.severity) IS DISTINCT FROM (OLD.marks, OLD.score, OLD.severity)
       OR OLD.state = 'changed' AND (NEW.marks, NEW.score, NEW.severity) IS DISTINCT FROM (OLD.marks, OLD.score, OLD.severity)
       OR OLD.state <> 'waiting' AND (NEW.done_at, NEW.remark) IS DISTINCT FROM (OLD.done_at, OLD.remark)
       OR OLD.appeal_until IS NOT NULL AND NEW.appeal_until <> OLD.appeal_until
       OR OLD.appealed_at IS NOT NULL AND (NEW.appealed_at, NEW.appeal) IS DISTINCT FROM (OLD.appealed_at, OLD.appeal)
       OR OLD.consequence IS NOT NULL AND (NEW.consequence, NEW.consequence_by_id, NEW.consequence_at)
          IS DISTINCT FROM (OLD.consequence, OLD.consequence_by_id, OLD.consequence_at) THEN
        RAISE EXCEPTION 'a review is given once, appealed once and looked at again once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quality_review_moves_on BEFORE UPDATE OR DELETE ON quality_review FOR EACH ROW EXECUTE FUNCTION zhizhi_quality_review_moves_on();
