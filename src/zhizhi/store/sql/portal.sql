-- The portal's way in (docs/decisions/0055-portal.md): the gate's login alone. A statement injected into a page can neither read a
-- request or a session nor make one; what a person sees is told by the seal of the transaction, as anybody's.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['portal_request', 'portal_session'] LOOP
        EXECUTE format('REVOKE ALL ON %I FROM zhizhi_web', protected);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO zhizhi_gate', protected);
    END LOOP;
END $$;

-- Whose a request is, is said once; a code is used once, while it is open. What a session is never changes, and it ends once.
CREATE FUNCTION zhizhi_portal_request_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.mark, NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.mark, OLD.asked_at)
       OR OLD.handled_at IS NOT NULL AND (NEW.handled_at, NEW.person_id, NEW.party_id, NEW.role, NEW.code_mark, NEW.code_until)
          IS DISTINCT FROM (OLD.handled_at, OLD.person_id, OLD.party_id, OLD.role, OLD.code_mark, OLD.code_until)
       OR OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at
       OR NEW.tries < OLD.tries THEN
        RAISE EXCEPTION 'a request is answered once and its code is used once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_request_stands BEFORE UPDATE ON portal_request FOR EACH ROW EXECUTE FUNCTION zhizhi_portal_request_stands();

CREATE FUNCTION zhizhi_portal_session_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM portal_request r WHERE r.id = NEW.request_id AND r.used_at = NEW.began_at
                         AND (r.person_id, r.party_id, r.role) = (NEW.person_id, NEW.party_id, NEW.role)) THEN
            RAISE EXCEPTION 'a session is of whoever used the code' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (to_jsonb(NEW) - ARRAY['ended_at', 'sealed']) IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['ended_at', 'sealed'])
       OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'a session is not altered, and ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_session_stands BEFORE INSERT OR UPDATE ON portal_session FOR EACH ROW EXECUTE FUNCTION zhizhi_portal_session_stands();
