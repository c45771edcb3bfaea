-- Who looks is known by a sealed id; role, lender, agency and team come from the staff row
-- (docs/decisions/0041-roles-and-rights.md). Settings of the session are believed in nothing else.

-- The key of the seals, with the two pads of HMAC-SHA256 (RFC 2104) made once. The gate's login reads it, the web's does not.
REVOKE ALL ON viewer_key FROM zhizhi_web, zhizhi_gate;
GRANT SELECT ON viewer_key TO zhizhi_gate;
DO $$
DECLARE
    fresh bytea := sha256(decode(replace(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex'));
    inner_pad bytea := decode(repeat('36', 64), 'hex');
    outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    FOR place IN 0..31 LOOP
        inner_pad := set_byte(inner_pad, place, get_byte(inner_pad, place) # get_byte(fresh, place));
        outer_pad := set_byte(outer_pad, place, get_byte(outer_pad, place) # get_byte(fresh, place));
    END LOOP;
    INSERT INTO viewer_key (id, secret, inner_pad, outer_pad) VALUES (1, fresh, inner_pad, outer_pad);
END $$;

-- Whether a setting carries the seal of what it says.
CREATE FUNCTION zhizhi_is_sealed(said text, seal text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT coalesce((SELECT encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(said, 'UTF8'))), 'hex') = seal FROM viewer_key k), false)
$$;
REVOKE ALL ON FUNCTION zhizhi_is_sealed(text, text) FROM PUBLIC;

-- SCOPE_OF_ROLE of store/lenders/rights.py; a test compares the two. An unknown role sees nothing.
CREATE FUNCTION zhizhi_scope_of(role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
    WHEN role IN ('head', 'compliance', 'supervisor', 'quality', 'assignment', 'auditor') THEN 'lender'
    WHEN role = 'team_leader' THEN 'queue'
    WHEN role IN ('settlement_approver', 'settlement_clerk', 'complaint_handler', 'legal') THEN 'matter'
    WHEN role IN ('collector', 'agency_collector', 'field_officer') THEN 'self'
    WHEN role = 'agency_manager' THEN 'agency'
    WHEN role IN ('borrower', 'contact_person') THEN 'person'
    ELSE 'none'
END
$$;

-- What is whose matter: a stop of these kinds in force, or a stage.
CREATE FUNCTION zhizhi_stops_of(role text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE role
    WHEN 'complaint_handler' THEN ARRAY['complaint', 'dispute']
    WHEN 'settlement_approver' THEN ARRAY['plan', 'hardship']
    WHEN 'settlement_clerk' THEN ARRAY['plan', 'claims_paid']
    WHEN 'legal' THEN ARRAY['represented', 'bankruptcy', 'deceased', 'incapacity', 'no_contact_order']
    ELSE '{}'
END
$$;
CREATE FUNCTION zhizhi_stages_of(role text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE role WHEN 'legal' THEN ARRAY['litigation'] ELSE '{}' END
$$;

-- The member of staff whose sealed id the transaction carries. No row: never set, a wrong seal, or somebody who left.
CREATE FUNCTION zhizhi_desk(OUT staff_id bigint, OUT role text, OUT scope text, OUT lender_id bigint, OUT agency_id bigint, OUT team text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said text := nullif(current_setting('zhizhi.staff', true), '');
BEGIN
    IF said IS NULL OR said !~ '^[0-9]{1,18}$' OR NOT zhizhi_is_sealed('staff ' || said, current_setting('zhizhi.seal', true)) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT s.id, s.role,
        CASE WHEN s.agency_id IS NOT NULL AND zhizhi_scope_of(s.role) NOT IN ('agency', 'self') THEN 'none'  -- no agency holds a lender's role
             WHEN zhizhi_scope_of(s.role) = 'person' THEN 'none' ELSE zhizhi_scope_of(s.role) END,
        s.lender_id, s.agency_id, s.team
    FROM staff s WHERE s.id = said::bigint AND s.is_active;
END $$;
REVOKE ALL ON FUNCTION zhizhi_desk() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_desk() TO zhizhi_web;

-- As before in what it answers: `*` is every lender. What it answers is no longer what the session says.
CREATE OR REPLACE FUNCTION zhizhi_viewer(setting text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE setting
        WHEN 'staff' THEN desk.staff_id::text
        WHEN 'scope' THEN desk.scope
        WHEN 'agency' THEN desk.agency_id::text
        WHEN 'lender' THEN coalesce(desk.lender_id::text, CASE WHEN desk.agency_id IS NULL AND desk.scope IN ('lender', 'none') THEN '*' END)
    END;
END $$;

-- The lenders of whom a viewer sees every case, or the agency whose placements: as before, from the staff row.
CREATE OR REPLACE FUNCTION zhizhi_viewer_ids(wanted text, setting text) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE
        WHEN desk.scope IS DISTINCT FROM wanted THEN '{}'::bigint[]
        WHEN setting = 'staff' THEN ARRAY[desk.staff_id]
        WHEN setting = 'agency' AND desk.agency_id IS NOT NULL THEN ARRAY[desk.agency_id]
        WHEN setting = 'lender' AND desk.agency_id IS NULL THEN CASE
            WHEN desk.lender_id IS NOT NULL THEN ARRAY[desk.lender_id]
            ELSE (SELECT array_agg(l.id) FROM lender l) END
        ELSE '{}'::bigint[]
    END;
END $$;

-- The lenders that somebody works for: for an agency those that have placed a case with it which is still open.
CREATE FUNCTION zhizhi_own_lenders() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE
        WHEN desk.staff_id IS NULL THEN '{}'::bigint[]
        WHEN desk.agency_id IS NOT NULL THEN (
            SELECT coalesce(array_agg(l.id), '{}') FROM lender l WHERE EXISTS (
                SELECT 1 FROM collection_case c WHERE c.agency_id = desk.agency_id AND c.lender_id = l.id AND c.closed_on IS NULL))
        WHEN desk.lender_id IS NOT NULL THEN ARRAY[desk.lender_id]
        ELSE (SELECT coalesce(array_agg(l.id), '{}') FROM lender l)
    END;
END $$;

-- The same without an agency's: strategies, runs and the like are the lender's own.
CREATE FUNCTION zhizhi_house_lenders() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT 1 FROM zhizhi_desk() d WHERE d.agency_id IS NULL) THEN zhizhi_own_lenders() ELSE '{}'::bigint[] END;
END $$;

-- The collectors whose open cases somebody sees: oneself, or the own team.
CREATE FUNCTION zhizhi_seen_collectors() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE desk.scope
        WHEN 'self' THEN ARRAY[desk.staff_id]
        WHEN 'queue' THEN (
            SELECT coalesce(array_agg(s.id), '{}') FROM staff s
            WHERE s.team = desk.team AND s.team <> '' AND s.agency_id IS NOT DISTINCT FROM desk.agency_id
              AND (desk.lender_id IS NULL OR s.lender_id IS NULL OR s.lender_id = desk.lender_id))
        ELSE '{}'::bigint[]
    END;
END $$;

-- The queues whose open cases somebody sees: those of the own team.
CREATE FUNCTION zhizhi_seen_queues() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE WHEN desk.scope = 'queue' AND desk.team <> '' THEN (
        SELECT coalesce(array_agg(q.id), '{}') FROM queue q
        WHERE q.team = desk.team AND (desk.lender_id IS NULL OR q.lender_id = desk.lender_id))
    ELSE '{}'::bigint[] END;
END $$;

-- The agency of whoever looks; 0 for the lender's own people.
CREATE FUNCTION zhizhi_own_agency() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT coalesce((SELECT d.agency_id FROM zhizhi_desk() d), 0)
$$;

-- The lenders of whom somebody sees the cases whose matter is theirs, and those matters.
CREATE FUNCTION zhizhi_matter_stages() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT coalesce((SELECT zhizhi_stages_of(d.role) FROM zhizhi_desk() d WHERE d.scope = 'matter'), '{}')
$$;
CREATE FUNCTION zhizhi_matter_persons() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE ROWS 1000 SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    IF desk.scope = 'matter' THEN
        RETURN QUERY SELECT DISTINCT s.person_id FROM stop s
                     WHERE s.kind = ANY (zhizhi_stops_of(desk.role)) AND s.lifted_at IS NULL AND (s.until_at IS NULL OR s.until_at > now());
    END IF;
END $$;

-- A case: every one of one's lender, or an open one of one's agency, team, matter or own.
DROP POLICY web_reads ON collection_case;
CREATE POLICY web_reads ON collection_case FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR (closed_on IS NULL AND agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[]))
    OR (closed_on IS NULL AND collector_id = ANY ((SELECT zhizhi_seen_collectors())::bigint[])
        AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]) AND coalesce(agency_id, 0) = (SELECT zhizhi_own_agency()))
    OR (closed_on IS NULL AND queue_id = ANY ((SELECT zhizhi_seen_queues())::bigint[])
        AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]) AND agency_id IS NULL)
    OR (closed_on IS NULL AND (SELECT zhizhi_viewer('scope')) = 'matter' AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[])
        AND (stage = ANY ((SELECT zhizhi_matter_stages())::text[]) OR person_id IN (SELECT zhizhi_matter_persons())))
);
CREATE INDEX case_open_by_queue ON collection_case (queue_id, balance_minor DESC, id) WHERE closed_on IS NULL;
CREATE INDEX stop_in_force_by_kind ON stop (kind, person_id) WHERE lifted_at IS NULL;

-- What names a lender is seen by those who work for it; a wording also by the agency that speaks it.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['lender', 'agency', 'queue', 'template', 'template_version', 'strategy', 'strategy_version', 'run'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
CREATE POLICY web_reads ON lender FOR SELECT TO zhizhi_web USING (id = ANY ((SELECT zhizhi_own_lenders())::bigint[]));
CREATE POLICY web_reads ON agency FOR SELECT TO zhizhi_web USING (
    id = (SELECT zhizhi_own_agency()) OR ((SELECT zhizhi_own_agency()) = 0 AND (SELECT zhizhi_viewer('staff')) IS NOT NULL));
CREATE POLICY web_reads ON queue FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]));
CREATE POLICY web_reads ON template FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]));
CREATE POLICY web_reads ON template_version FOR SELECT TO zhizhi_web USING (template_id IN (SELECT t.id FROM template t));
CREATE POLICY web_reads ON strategy FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
CREATE POLICY web_reads ON strategy_version FOR SELECT TO zhizhi_web USING (strategy_id IN (SELECT s.id FROM strategy s));
CREATE POLICY web_reads ON run FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]) AND (SELECT zhizhi_viewer('scope')) <> 'none');

-- The portal to come: a borrower sees the own debts and what was said and done with the own party, a contact person the own contacts
-- and nothing else. `zhizhi.person` says `borrower 12 34` or `contact_person 12 34`: role, person, party; sealed as an id is.
CREATE FUNCTION zhizhi_portal(wanted text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said text := nullif(current_setting('zhizhi.person', true), '');
    parts text[] := string_to_array(said, ' ');
BEGIN
    IF said IS NULL OR said !~ '^(borrower|contact_person) [0-9]{1,18} [0-9]{1,18}$'
       OR NOT zhizhi_is_sealed('person ' || said, current_setting('zhizhi.seal', true)) THEN
        RETURN NULL;
    END IF;
    RETURN CASE wanted
        WHEN 'borrower' THEN CASE WHEN parts[1] = 'borrower' THEN parts[2]::bigint END
        WHEN 'person' THEN parts[2]::bigint
        WHEN 'party' THEN parts[3]::bigint
    END;
END $$;
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['debt', 'instalment', 'payment', 'entry', 'promise'] LOOP
        EXECUTE format('CREATE POLICY portal_reads ON %I FOR SELECT TO zhizhi_web USING (person_id = (SELECT zhizhi_portal(''borrower'')))', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['point', 'statement'] LOOP
        EXECUTE format('CREATE POLICY portal_reads ON %I FOR SELECT TO zhizhi_web
                        USING (person_id = (SELECT zhizhi_portal(''borrower'')) AND party_id = (SELECT zhizhi_portal(''party'')))', protected);
    END LOOP;
END $$;
CREATE POLICY portal_reads ON person FOR SELECT TO zhizhi_web USING (id = (SELECT zhizhi_portal('borrower')));
CREATE POLICY portal_reads ON party FOR SELECT TO zhizhi_web
    USING (person_id = (SELECT zhizhi_portal('borrower')) AND id = (SELECT zhizhi_portal('party')));
CREATE POLICY portal_reads ON contact FOR SELECT TO zhizhi_web
    USING (person_id = (SELECT zhizhi_portal('person')) AND party_id = (SELECT zhizhi_portal('party')));

-- Sign-in of staff: an administrator sees who is signed in where, though no person and no case.
DO $$
DECLARE
    protected text;
BEGIN
    FOR protected IN SELECT tablename FROM pg_policies WHERE policyname = 'web_reads' AND tablename IN
                     ('second_factor', 'recovery_code', 'staff_device', 'staff_session', 'sign_in_act') LOOP
        EXECUTE format('CREATE POLICY administrator_reads ON %1$I FOR SELECT TO zhizhi_web USING (
            (SELECT zhizhi_viewer(''scope'')) = ''none'' AND EXISTS (SELECT 1 FROM staff m WHERE m.id = %1$I.staff_id
                AND ((SELECT zhizhi_viewer(''lender'')) = ''*'' OR m.lender_id::text = (SELECT zhizhi_viewer(''lender'')))))', protected);
    END LOOP;
END $$;

-- How a debt stood on a day is told of a person, so it goes with the sight of the person; the lender keeps it.
DROP POLICY web_reads ON debt_day;
CREATE POLICY web_reads ON debt_day FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = debt_day.person_id));
