-- Staff: what somebody may see is changed by two persons, whichever code asks (docs/decisions/0046-staff-and-single-sign-on.md).
GRANT SELECT, INSERT ON staff_change, invitation, provider_link, provider_session TO zhizhi_gate;
GRANT UPDATE (state, ruled_by_id, ruled_at, ruled_ground) ON staff_change TO zhizhi_gate;
GRANT UPDATE (used_at, void_at) ON invitation TO zhizhi_gate;
GRANT UPDATE (ended_at) ON provider_link TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE staff_change_id_seq, invitation_id_seq, provider_link_id_seq TO zhizhi_gate;
GRANT SELECT ON staff_change TO zhizhi_web;
GRANT SELECT (id, staff_id, made_by_id, made_at, ends_at, used_at, void_at) ON invitation TO zhizhi_web;
GRANT SELECT (id, staff_id, issuer, linked_at, ended_at) ON provider_link TO zhizhi_web;

-- Whoever could sign in before there were changes was admitted by whoever gave the password.
UPDATE staff SET is_admitted = true WHERE password <> '' AND password NOT LIKE '!%';

-- The one who looks, where he looks after this member: of every lender, of the same lender, or of the same agency.
CREATE FUNCTION zhizhi_looks_after(of_lender bigint, of_agency bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE
        WHEN desk.staff_id IS NULL OR desk.scope NOT IN ('lender', 'none', 'agency') THEN false
        WHEN desk.agency_id IS NOT NULL THEN desk.scope = 'agency' AND coalesce(of_agency = desk.agency_id, false)
        WHEN desk.lender_id IS NOT NULL THEN coalesce(of_lender = desk.lender_id, false)
        ELSE true
    END;
END $$;
REVOKE ALL ON FUNCTION zhizhi_looks_after(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_looks_after(bigint, bigint) TO zhizhi_web;
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['staff_change', 'invitation', 'provider_link', 'provider_session'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        IF protected <> 'provider_session' THEN
            EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web USING (
                staff_id::text = (SELECT zhizhi_viewer(''staff''))
                OR EXISTS (SELECT 1 FROM staff m WHERE m.id = %1$I.staff_id AND zhizhi_looks_after(m.lender_id, m.agency_id)))', protected);
        END IF;
    END LOOP;
END $$;

-- A change begins as asked, or is done by one person where that is enough; its end is written once.
CREATE FUNCTION zhizhi_staff_change_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'asked' AND NOT (NEW.state = 'done' AND NEW.kind IN ('begin', 'leave')) THEN
        RAISE EXCEPTION 'a change of staff is asked for before it is done' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'begin' AND EXISTS (SELECT 1 FROM staff s WHERE s.is_active AND s.is_admitted AND NOT s.is_synthetic) THEN
        RAISE EXCEPTION 'somebody has begun here already' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_change_begins BEFORE INSERT ON staff_change FOR EACH ROW EXECUTE FUNCTION zhizhi_staff_change_begins();
CREATE FUNCTION zhizhi_staff_change_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'asked' THEN
        RAISE EXCEPTION 'a change of staff ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_change_ends BEFORE UPDATE ON staff_change FOR EACH ROW EXECUTE FUNCTION zhizhi_staff_change_ends();

-- Whoever is admitted, or becomes so: role, lender, agency, team and being there change only with a change that says exactly so and was
-- carried out in this transaction. Leaving takes away and needs none.
CREATE FUNCTION zhizhi_staff_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_active AND OLD.is_active AND NEW.is_admitted = OLD.is_admitted
       AND (NEW.role, NEW.team) = (OLD.role, OLD.team) AND NEW.lender_id IS NOT DISTINCT FROM OLD.lender_id
       AND NEW.agency_id IS NOT DISTINCT FROM OLD.agency_id THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM staff_change c
        WHERE c.staff_id = NEW.id AND c.state = 'done' AND c.kind <> 'leave' AND c.xmin = pg_current_xact_id()::xid
          AND NEW.is_active AND NEW.is_admitted AND c.role = NEW.role AND c.team = NEW.team
          AND c.lender_id IS NOT DISTINCT FROM NEW.lender_id AND c.agency_id IS NOT DISTINCT FROM NEW.agency_id) THEN
        RAISE EXCEPTION 'what a member may see is changed by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_by_two BEFORE UPDATE ON staff FOR EACH ROW
    WHEN ((OLD.is_admitted OR NEW.is_admitted) AND (
        (OLD.role, OLD.team, OLD.is_active, OLD.is_admitted) IS DISTINCT FROM (NEW.role, NEW.team, NEW.is_active, NEW.is_admitted)
        OR OLD.lender_id IS DISTINCT FROM NEW.lender_id OR OLD.agency_id IS DISTINCT FROM NEW.agency_id))
    EXECUTE FUNCTION zhizhi_staff_by_two();

CREATE FUNCTION zhizhi_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what has ended stays so' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER invitation_ends_once BEFORE UPDATE ON invitation FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL OR OLD.void_at IS NOT NULL) EXECUTE FUNCTION zhizhi_ends_once();
CREATE TRIGGER provider_link_ends_once BEFORE UPDATE ON provider_link FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION zhizhi_ends_once();

-- A password's hash is read by the web's login with the session of its member in hand, and otherwise by the gate's alone.
REVOKE SELECT ON staff FROM zhizhi_web;
GRANT SELECT (id, last_login, login, name, role, lender_id, agency_id, team, language, capacity, trained_on, certified_until,
    uses_private_device, is_active, is_admitted, is_synthetic) ON staff TO zhizhi_web;
DROP FUNCTION zhizhi_signed_in(bytea);
CREATE FUNCTION zhizhi_signed_in(of_mark bytea) RETURNS TABLE (
    session_id bigint, staff_id bigint, device_id bigint, standing bytea, password varchar, proof text, proved_at timestamptz,
    started_at timestamptz, seen_at timestamptz, ends_at timestamptz, has_news boolean, has_real_lender boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT s.id, s.staff_id, s.device_id, s.standing, m.password, s.proof, s.proved_at, s.started_at, s.seen_at, s.ends_at,
    EXISTS (SELECT 1 FROM staff_device d
            WHERE d.staff_id = s.staff_id AND d.id <> s.device_id AND d.noticed_at IS NULL AND d.forgotten_at IS NULL),
    EXISTS (SELECT 1 FROM lender l WHERE NOT l.is_synthetic)
FROM staff_session s JOIN staff_device o ON o.id = s.device_id JOIN staff m ON m.id = s.staff_id
WHERE s.mark = of_mark AND s.ended_at IS NULL AND o.forgotten_at IS NULL
$$;
REVOKE ALL ON FUNCTION zhizhi_signed_in(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_signed_in(bytea) TO zhizhi_web, zhizhi_gate;
