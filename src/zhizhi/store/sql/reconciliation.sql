-- Runs and inquiries are seen by those who see a lender's cases whole; an agency sees none, not even those about itself.
-- breach_inquiry may name a person that has no case any more, so the policy asks for the lender.
ALTER TABLE reconciliation_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE breach_inquiry ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconciliation_finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE inquiry_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE rejected_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconciled_edge ENABLE ROW LEVEL SECURITY;

CREATE POLICY gate_works ON reconciliation_run TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON breach_inquiry TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON reconciliation_finding TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON inquiry_step TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON rejected_record TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON reconciled_edge TO zhizhi_gate USING (true) WITH CHECK (true);

CREATE POLICY web_reads ON reconciliation_run FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) = 'lender'
    AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))));
CREATE POLICY web_reads ON breach_inquiry FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) = 'lender'
    AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))));
CREATE POLICY web_reads ON reconciliation_finding FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM reconciliation_run r WHERE r.id = reconciliation_finding.run_id));
CREATE POLICY web_reads ON inquiry_step FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM breach_inquiry i WHERE i.id = inquiry_step.inquiry_id));
CREATE POLICY web_reads ON rejected_record FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM reconciliation_run r WHERE r.id = rejected_record.run_id));

GRANT SELECT ON reconciliation_run, breach_inquiry, reconciliation_finding, inquiry_step, rejected_record TO zhizhi_web;
GRANT SELECT, INSERT ON reconciliation_run, breach_inquiry, reconciliation_finding, inquiry_step, rejected_record, reconciled_edge
    TO zhizhi_gate;
-- Only these ever change: the counts of a run that is being written, which run is current, how an inquiry stands, what is erased.
GRANT UPDATE ON reconciliation_run TO zhizhi_gate;
GRANT UPDATE (state, ground, answered_by, article, consequence, ended_at, ended_by) ON breach_inquiry TO zhizhi_gate;
GRANT UPDATE (sealed) ON rejected_record TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE reconciliation_run_id_seq, breach_inquiry_id_seq, reconciliation_finding_id_seq,
    inquiry_step_id_seq, rejected_record_id_seq, reconciled_edge_id_seq TO zhizhi_gate;

-- What ended stays ended, whoever writes.
CREATE FUNCTION zhizhi_inquiry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR OLD.kind <> NEW.kind OR OLD.fingerprint <> NEW.fingerprint
       OR OLD.sealed <> NEW.sealed OR OLD.opened_at <> NEW.opened_at THEN
        RAISE EXCEPTION 'an inquiry is ended once and what it speaks of never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inquiry_stands BEFORE UPDATE OR DELETE ON breach_inquiry
    FOR EACH ROW EXECUTE FUNCTION zhizhi_inquiry_stands();
