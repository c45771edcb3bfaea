-- Looks at clear values stand, are counted before they are written, and are told to the person without a name
-- (docs/decisions/0047-masks-and-unmasking.md).
ALTER TABLE unmasking ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON unmasking TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON unmasking FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = unmasking.person_id));
REVOKE ALL ON unmasking, unmask_limit FROM zhizhi_web, zhizhi_gate;
GRANT SELECT ON unmasking TO zhizhi_web;
GRANT SELECT, INSERT ON unmasking TO zhizhi_gate;
CREATE TRIGGER unmasking_only_added BEFORE UPDATE OR DELETE ON unmasking FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

ALTER TABLE unmask_limit ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON unmask_limit TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON unmask_limit FOR SELECT TO zhizhi_web
    USING (lender_id IS NULL OR lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON unmask_limit TO zhizhi_web;
GRANT SELECT, INSERT ON unmask_limit TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE unmask_limit_id_seq TO zhizhi_gate;
CREATE TRIGGER unmask_limit_only_added BEFORE UPDATE OR DELETE ON unmask_limit FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
-- What a new installation begins with: half of 500 records a day would be a crime's threshold (row B-32); this is far below.
INSERT INTO unmask_limit (lender_id, per, hours, most, from_at) VALUES
    (NULL, 'staff', 1, 10, '2026-01-01Z'), (NULL, 'staff', 24, 40, '2026-01-01Z'),
    (NULL, 'person', 1, 5, '2026-01-01Z'), (NULL, 'person', 24, 12, '2026-01-01Z');

-- A limit of a lender says what its approval says: two persons, whatever code writes it.
CREATE FUNCTION zhizhi_unmask_limit_approved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'unmask_limit' AND a.state = 'approved'
                     AND a.lender_id = NEW.lender_id AND a.request ->> 'per' = NEW.per
                     AND (a.request ->> 'hours')::integer = NEW.hours AND (a.request ->> 'most')::integer = NEW.most) THEN
        RAISE EXCEPTION 'a limit is what a second person approved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unmask_limit_approved BEFORE INSERT ON unmask_limit FOR EACH ROW EXECUTE FUNCTION zhizhi_unmask_limit_approved();

-- The limits that hold for a lender, one for each span.
CREATE FUNCTION zhizhi_unmask_limits(of_lender bigint) RETURNS TABLE (per text, hours integer, most integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT DISTINCT ON (l.per, l.hours) l.per, l.hours, l.most FROM unmask_limit l
WHERE l.lender_id IS NULL OR l.lender_id = of_lender
ORDER BY l.per, l.hours, l.lender_id IS NULL, l.id DESC
$$;
REVOKE ALL ON FUNCTION zhizhi_unmask_limits(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_unmask_limits(bigint) TO zhizhi_gate, zhizhi_web;

-- Counts before it writes, one after another: first the member's lock, then the person's, so that nobody waits in a circle.
CREATE FUNCTION zhizhi_unmasking_within_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    bound record;
    used bigint;
    bounds integer := 0;
BEGIN
    -- Only here does a statement after the lock see what others committed before it.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'clear values are shown at the isolation level read committed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.staff_id AND s.is_active AND s.role = NEW.role)
       OR NOT EXISTS (SELECT 1 FROM party t JOIN person p ON p.id = t.person_id
                      WHERE t.person_id = NEW.person_id AND t.id = NEW.party_id AND p.lender_id = NEW.lender_id)
       OR NOT EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = NEW.person_id AND c.id = NEW.case_id) THEN
        RAISE EXCEPTION 'a clear value is shown to somebody who works here, about a case' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('unmasking by ' || NEW.staff_id, 0));
    PERFORM pg_advisory_xact_lock(hashtextextended('unmasking of ' || NEW.person_id, 0));
    FOR bound IN SELECT l.per, l.hours, l.most FROM zhizhi_unmask_limits(NEW.lender_id) l LOOP
        bounds := bounds + 1;
        IF bound.per = 'staff' THEN
            SELECT count(*) INTO used FROM unmasking u
            WHERE u.staff_id = NEW.staff_id AND u.at > NEW.at - make_interval(hours => bound.hours);
        ELSE
            SELECT count(*) INTO used FROM unmasking u
            WHERE u.person_id = NEW.person_id AND u.at > NEW.at - make_interval(hours => bound.hours);
        END IF;
        IF used >= bound.most THEN
            RAISE EXCEPTION 'more clear values than the limit' USING ERRCODE = 'ZU001', DETAIL = format('%s %s %s', bound.per, bound.hours, bound.most);
        END IF;
    END LOOP;
    IF bounds = 0 THEN
        RAISE EXCEPTION 'no limit is set, so nothing is shown' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unmasking_within_limits BEFORE INSERT ON unmasking FOR EACH ROW EXECUTE FUNCTION zhizhi_unmasking_within_limits();

-- What somebody of a case is told on the portal: when, what, which role, on which ground. Never who.
CREATE FUNCTION zhizhi_looks_at_me() RETURNS TABLE (at timestamptz, what text, role text, ground text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT u.at, u.what, u.role, u.ground FROM unmasking u
WHERE u.person_id = zhizhi_portal('person') AND u.party_id = zhizhi_portal('party')
ORDER BY u.at DESC, u.id DESC LIMIT 200
$$;
REVOKE ALL ON FUNCTION zhizhi_looks_at_me() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_looks_at_me() TO zhizhi_web;
