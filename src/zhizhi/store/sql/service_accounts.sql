-- A token acts as a service account, a row of `staff` (docs/decisions/0044-http-api.md): known while one of its tokens is not revoked,
-- never signed in, and of one lender: an agency's sees that agency's open placements with this lender.
GRANT SELECT, INSERT ON token_account TO zhizhi_gate;
GRANT SELECT, INSERT, UPDATE ON api_pace TO zhizhi_gate;
ALTER TABLE api_pace SET UNLOGGED;

ALTER TABLE staff ADD CONSTRAINT service_account_of_a_lender CHECK (role <> 'service_account' OR lender_id IS NOT NULL);
CREATE FUNCTION zhizhi_no_session_of_a_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.staff_id AND s.role = 'service_account') THEN
        RAISE EXCEPTION 'a service account never signs in' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_session_not_of_a_service BEFORE INSERT ON staff_session FOR EACH ROW EXECUTE FUNCTION zhizhi_no_session_of_a_service();

-- SCOPE_OF_ROLE of store/lenders/rights.py; a test compares the two. An unknown role sees nothing.
CREATE OR REPLACE FUNCTION zhizhi_scope_of(role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
    WHEN role IN ('head', 'compliance', 'supervisor', 'quality', 'assignment', 'auditor', 'service_account') THEN 'lender'
    WHEN role = 'team_leader' THEN 'queue'
    WHEN role IN ('settlement_approver', 'settlement_clerk', 'complaint_handler', 'legal') THEN 'matter'
    WHEN role IN ('collector', 'agency_collector', 'field_officer') THEN 'self'
    WHEN role = 'agency_manager' THEN 'agency'
    WHEN role IN ('borrower', 'contact_person') THEN 'person'
    ELSE 'none'
END
$$;

CREATE OR REPLACE FUNCTION zhizhi_desk(OUT staff_id bigint, OUT role text, OUT scope text, OUT lender_id bigint, OUT agency_id bigint, OUT team text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said text := nullif(current_setting('zhizhi.staff', true), '');
BEGIN
    IF said IS NULL OR said !~ '^[0-9]{1,18}$' OR NOT zhizhi_is_sealed('staff ' || said, current_setting('zhizhi.seal', true)) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT s.id, s.role,
        CASE WHEN s.role = 'service_account' AND s.agency_id IS NOT NULL THEN 'agency'
             WHEN s.agency_id IS NOT NULL AND zhizhi_scope_of(s.role) NOT IN ('agency', 'self') THEN 'none'  -- no agency holds a lender's role
             WHEN zhizhi_scope_of(s.role) = 'person' THEN 'none' ELSE zhizhi_scope_of(s.role) END,
        s.lender_id, s.agency_id, s.team
    FROM staff s WHERE s.id = said::bigint AND s.is_active
      AND (s.role <> 'service_account' OR EXISTS (
            SELECT 1 FROM token_account a JOIN api_token t ON t.id = a.token_id WHERE a.staff_id = s.id AND t.revoked_at IS NULL));
END $$;

-- Whoever works for an agency and is bound to one lender sees that lender alone.
CREATE OR REPLACE FUNCTION zhizhi_own_lenders() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    desk record;
BEGIN
    SELECT * INTO desk FROM zhizhi_desk();
    RETURN CASE
        WHEN desk.staff_id IS NULL THEN '{}'::bigint[]
        WHEN desk.agency_id IS NOT NULL THEN (
            SELECT coalesce(array_agg(l.id), '{}') FROM lender l
            WHERE (desk.lender_id IS NULL OR l.id = desk.lender_id) AND EXISTS (
                SELECT 1 FROM collection_case c WHERE c.agency_id = desk.agency_id AND c.lender_id = l.id AND c.closed_on IS NULL))
        WHEN desk.lender_id IS NOT NULL THEN ARRAY[desk.lender_id]
        ELSE (SELECT coalesce(array_agg(l.id), '{}') FROM lender l)
    END;
END $$;
ALTER POLICY web_reads ON collection_case USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR (closed_on IS NULL AND agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
        AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]))
    OR (closed_on IS NULL AND collector_id = ANY ((SELECT zhizhi_seen_collectors())::bigint[])
        AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]) AND coalesce(agency_id, 0) = (SELECT zhizhi_own_agency()))
    OR (closed_on IS NULL AND queue_id = ANY ((SELECT zhizhi_seen_queues())::bigint[])
        AND lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]) AND agency_id IS NULL)
    OR (closed_on IS NULL AND (SELECT zhizhi_viewer('scope')) = 'matter' AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[])
        AND (stage = ANY ((SELECT zhizhi_matter_stages())::text[]) OR person_id IN (SELECT zhizhi_matter_persons())))
);
