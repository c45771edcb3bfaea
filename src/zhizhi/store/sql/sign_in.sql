-- Sign-in: written by the gate alone. The web's login finds one session by its mark, and reads what a member may see of the own.
GRANT SELECT, INSERT ON second_factor, recovery_code, staff_device, staff_session, sign_in_wait, sign_in_act TO zhizhi_gate;
GRANT UPDATE (sealed, count, used_at, ended_at) ON second_factor TO zhizhi_gate;
GRANT UPDATE (used_at, void_at) ON recovery_code TO zhizhi_gate;
GRANT UPDATE (label, noticed_at, forgotten_at) ON staff_device TO zhizhi_gate;
GRANT UPDATE (proof, proved_at, seen_at, ended_at, ended_because) ON staff_session TO zhizhi_gate;
GRANT UPDATE (failures, latest_at, open_at, locked_at), DELETE ON sign_in_wait TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE second_factor_id_seq, recovery_code_id_seq, staff_device_id_seq, staff_session_id_seq,
    sign_in_act_id_seq TO zhizhi_gate;
-- A password is changed by the gate; the time of a sign-in is a session's.
REVOKE UPDATE (last_login, password) ON staff FROM zhizhi_web;

GRANT SELECT (id, staff_id, kind, label, added_at, used_at, ended_at) ON second_factor TO zhizhi_web;
GRANT SELECT (id, staff_id, made_at, used_at, void_at) ON recovery_code TO zhizhi_web;
GRANT SELECT (id, staff_id, label, first_seen_at, noticed_at, forgotten_at) ON staff_device TO zhizhi_web;
GRANT SELECT (id, staff_id, device_id, proof, proved_at, started_at, seen_at, ends_at, ended_at, ended_because) ON staff_session TO zhizhi_web;
GRANT SELECT ON sign_in_act TO zhizhi_web;
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['second_factor', 'recovery_code', 'staff_device', 'staff_session', 'sign_in_wait', 'sign_in_act'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        IF protected <> 'sign_in_wait' THEN
            -- The own rows; those of the lender's staff for whoever sees the whole lender.
            EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web USING (
                staff_id::text = (SELECT zhizhi_viewer(''staff''))
                OR ((SELECT zhizhi_viewer(''scope'')) = ''lender'' AND EXISTS (
                    SELECT 1 FROM staff m WHERE m.id = %1$I.staff_id
                    AND ((SELECT zhizhi_viewer(''lender'')) = ''*'' OR m.lender_id::text = (SELECT zhizhi_viewer(''lender''))))))', protected);
        END IF;
    END LOOP;
END $$;

-- The one session of a mark, with what decides whether it is honoured. Whoever has no mark learns nothing.
CREATE FUNCTION zhizhi_signed_in(of_mark bytea) RETURNS TABLE (
    session_id bigint, staff_id bigint, device_id bigint, standing bytea, proof text, proved_at timestamptz,
    started_at timestamptz, seen_at timestamptz, ends_at timestamptz, has_news boolean, has_real_lender boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT s.id, s.staff_id, s.device_id, s.standing, s.proof, s.proved_at, s.started_at, s.seen_at, s.ends_at,
    EXISTS (SELECT 1 FROM staff_device d
            WHERE d.staff_id = s.staff_id AND d.id <> s.device_id AND d.noticed_at IS NULL AND d.forgotten_at IS NULL),
    EXISTS (SELECT 1 FROM lender l WHERE NOT l.is_synthetic)
FROM staff_session s JOIN staff_device o ON o.id = s.device_id
WHERE s.mark = of_mark AND s.ended_at IS NULL AND o.forgotten_at IS NULL
$$;
REVOKE ALL ON FUNCTION zhizhi_signed_in(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_signed_in(bytea) TO zhizhi_web, zhizhi_gate;

-- What has ended stays ended, a code is used once, a count only grows: whichever code asks.
CREATE FUNCTION zhizhi_factor_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.count < OLD.count THEN
        RAISE EXCEPTION 'a factor that ended stays so, and its count never goes back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER second_factor_moves_on BEFORE UPDATE ON second_factor FOR EACH ROW EXECUTE FUNCTION zhizhi_factor_moves_on();
CREATE FUNCTION zhizhi_code_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR OLD.void_at IS NOT NULL THEN
        RAISE EXCEPTION 'a recovery code is used or voided once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recovery_code_moves_on BEFORE UPDATE ON recovery_code FOR EACH ROW EXECUTE FUNCTION zhizhi_code_moves_on();
CREATE FUNCTION zhizhi_session_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a session that ended stays so' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_session_moves_on BEFORE UPDATE ON staff_session FOR EACH ROW EXECUTE FUNCTION zhizhi_session_moves_on();
CREATE TRIGGER sign_in_act_only_added BEFORE UPDATE OR DELETE ON sign_in_act FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
