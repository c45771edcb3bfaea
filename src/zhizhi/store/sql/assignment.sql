-- Who gets which case: facts end once, what was done is only added, an agency sees its own (docs/decisions/0056-assignment.md).
ALTER TABLE barred_collector ADD FOREIGN KEY (person_id) REFERENCES person (id);
ALTER TABLE barred_collector ADD FOREIGN KEY (staff_id) REFERENCES staff (id);
ALTER TABLE barred_collector ADD FOREIGN KEY (set_by_id) REFERENCES staff (id);
ALTER TABLE barred_collector ADD FOREIGN KEY (ended_by_id) REFERENCES staff (id);
ALTER TABLE reserved_negotiation ADD FOREIGN KEY (person_id, case_id) REFERENCES collection_case (person_id, id);
ALTER TABLE reserved_negotiation ADD FOREIGN KEY (set_by_id) REFERENCES staff (id);
ALTER TABLE reserved_negotiation ADD FOREIGN KEY (ended_by_id) REFERENCES staff (id);
ALTER TABLE assignment_move ADD FOREIGN KEY (person_id, case_id) REFERENCES collection_case (person_id, id);
ALTER TABLE assignment_move ADD FOREIGN KEY (assignment_id) REFERENCES assignment (id);
ALTER TABLE assignment_move ADD FOREIGN KEY (from_id) REFERENCES staff (id);
ALTER TABLE assignment_move ADD FOREIGN KEY (to_id) REFERENCES staff (id);
ALTER TABLE collection_case ADD FOREIGN KEY (home_id) REFERENCES staff (id);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['staff_absence', 'staff_skill', 'barred_collector', 'reserved_negotiation', 'assignment',
                                     'assignment_desk', 'assignment_move'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('REVOKE ALL ON %I FROM zhizhi_web, zhizhi_gate', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['staff_absence', 'staff_skill'] LOOP
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web USING (
            staff_id::text = (SELECT zhizhi_viewer(''staff''))
            OR EXISTS (SELECT 1 FROM staff m WHERE m.id = %1$I.staff_id AND zhizhi_looks_after(m.lender_id, m.agency_id))
            OR EXISTS (SELECT 1 FROM staff m WHERE m.id = %1$I.staff_id AND m.lender_id IS NULL
                       AND (SELECT zhizhi_viewer(''scope'')) = ''lender'' AND (SELECT zhizhi_own_agency()) = 0))', protected);
        EXECUTE format('GRANT UPDATE (ended_at, ended_by_id) ON %I TO zhizhi_gate', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['barred_collector', 'reserved_negotiation'] LOOP
        EXECUTE format('GRANT UPDATE (ended_at, ended_by_id, ended_ground) ON %I TO zhizhi_gate', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['assignment', 'assignment_desk', 'assignment_move'] LOOP
        EXECUTE format('CREATE TRIGGER %1$I_only_added BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added()', protected);
    END LOOP;
END $$;
GRANT USAGE, SELECT ON SEQUENCE staff_absence_id_seq, staff_skill_id_seq, assignment_id_seq, assignment_desk_id_seq TO zhizhi_gate;

-- Which of another house's people may not have a case is that house's to know.
CREATE POLICY web_reads ON barred_collector FOR SELECT TO zhizhi_web USING (
    EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = barred_collector.person_id)
    AND ((SELECT zhizhi_own_agency()) = 0
         OR EXISTS (SELECT 1 FROM staff m WHERE m.id = barred_collector.staff_id AND m.agency_id = (SELECT zhizhi_own_agency()))));
CREATE POLICY web_reads ON reserved_negotiation FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = reserved_negotiation.person_id));
CREATE POLICY web_reads ON assignment FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
CREATE POLICY web_reads ON assignment_desk FOR SELECT TO zhizhi_web USING (
    agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
    OR EXISTS (SELECT 1 FROM assignment a WHERE a.id = assignment_desk.assignment_id));
CREATE POLICY web_reads ON assignment_move FOR SELECT TO zhizhi_web USING (
    EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = assignment_move.person_id)
    AND ((SELECT zhizhi_own_agency()) = 0 OR coalesce(agency_id, 0) = (SELECT zhizhi_own_agency())));

CREATE FUNCTION zhizhi_assignment_fact_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.ended_by_id IS NULL
       OR (to_jsonb(NEW) - ARRAY['ended_at', 'ended_by_id', 'ended_ground'])
          IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['ended_at', 'ended_by_id', 'ended_ground']) THEN
        RAISE EXCEPTION 'what decides an assignment is set once and ended once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_absence_ends_once BEFORE UPDATE OR DELETE ON staff_absence FOR EACH ROW EXECUTE FUNCTION zhizhi_assignment_fact_ends();
CREATE TRIGGER staff_skill_ends_once BEFORE UPDATE OR DELETE ON staff_skill FOR EACH ROW EXECUTE FUNCTION zhizhi_assignment_fact_ends();
CREATE TRIGGER barred_collector_ends_once BEFORE UPDATE OR DELETE ON barred_collector FOR EACH ROW EXECUTE FUNCTION zhizhi_assignment_fact_ends();
CREATE TRIGGER reserved_negotiation_ends_once BEFORE UPDATE OR DELETE ON reserved_negotiation
    FOR EACH ROW EXECUTE FUNCTION zhizhi_assignment_fact_ends();
