-- Two persons: what was asked for stands; it is ruled on once, carried out once, and never taken back into an earlier state.
ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON approval TO zhizhi_gate USING (true) WITH CHECK (true);
-- Of a lender: its own people who see more than their own cases. Of the installation: who works for every lender. And the own requests.
CREATE POLICY web_reads ON approval FOR SELECT TO zhizhi_web USING (
    asked_by_id::text = (SELECT zhizhi_viewer('staff'))
    OR (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]) AND (SELECT zhizhi_viewer('scope')) <> 'self')
    OR (lender_id IS NULL AND (SELECT zhizhi_viewer('lender')) = '*'));
GRANT SELECT ON approval TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE (state, ruled_by_id, ruled_at, remark, executed_at) ON approval TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE approval_id_seq TO zhizhi_gate;

CREATE FUNCTION zhizhi_approval_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a request for approval is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' THEN
            RAISE EXCEPTION 'a request begins by waiting' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('waiting', 'approved'), ('waiting', 'refused'), ('waiting', 'withdrawn'), ('waiting', 'expired'),
                                      ('approved', 'executed'), ('approved', 'expired'))
       OR (to_jsonb(NEW) - ARRAY['state', 'ruled_by_id', 'ruled_at', 'remark', 'executed_at'])
          IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['state', 'ruled_by_id', 'ruled_at', 'remark', 'executed_at'])
       OR (OLD.state = 'approved' AND (NEW.ruled_by_id, NEW.ruled_at, NEW.remark) IS DISTINCT FROM (OLD.ruled_by_id, OLD.ruled_at, OLD.remark)) THEN
        RAISE EXCEPTION 'a request is ruled on once, carried out once, and otherwise never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_moves_on BEFORE INSERT OR UPDATE OR DELETE ON approval FOR EACH ROW EXECUTE FUNCTION zhizhi_approval_moves_on();
