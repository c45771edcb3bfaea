-- Invitations by mail (docs/decisions/0046-staff-and-single-sign-on.md, addendum): the gate's login alone. What a page shows of them is
-- asked for by a use case; a statement that is injected into a page reads no address and asks for no mail.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['work_address', 'invitation_mail'] LOOP
        EXECUTE format('REVOKE ALL ON %I FROM zhizhi_web', protected);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO zhizhi_gate', protected);
    END LOOP;
END $$;
GRANT USAGE, SELECT ON SEQUENCE work_address_id_seq, invitation_mail_id_seq TO zhizhi_gate;

-- Who asked for whom is said once, and what ended stays as it ended.
CREATE FUNCTION zhizhi_invitation_mail_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.staff_id, NEW.asked_by_id, NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.staff_id, OLD.asked_by_id, OLD.asked_at)
       OR OLD.ended_at IS NOT NULL OR NEW.tries < OLD.tries THEN
        RAISE EXCEPTION 'a mail is asked for once and ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invitation_mail_stands BEFORE UPDATE ON invitation_mail FOR EACH ROW EXECUTE FUNCTION zhizhi_invitation_mail_stands();
