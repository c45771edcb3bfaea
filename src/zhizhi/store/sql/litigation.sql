-- Court files (docs/decisions/0066-court-files.md): seen by the lender's own desks, and where a file stands by whoever sees the case; an agency sees
-- none of it. A file stands where its steps led; steps and fees are only ever added.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['law_firm', 'court_batch', 'court_batch_line', 'court_file', 'court_step', 'court_deadline', 'court_fee'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
        EXECUTE format('CREATE POLICY web_reads ON %I FOR SELECT TO zhizhi_web USING (
            (SELECT zhizhi_viewer(''scope'')) IN (''lender'', ''matter'') AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]))', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['court_batch_line', 'court_file', 'court_step', 'court_deadline', 'court_fee'] LOOP
        EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (person_id) REFERENCES person (id)', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['court_step', 'court_deadline', 'court_fee'] LOOP
        EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (person_id, file_id) REFERENCES court_file (person_id, id)', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['court_batch_line', 'court_step', 'court_fee', 'law_firm'] LOOP
        EXECUTE format('CREATE TRIGGER %1$I_only_added BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added()', protected);
    END LOOP;
END $$;
-- A team leader or collector of the lender's own sees where the file of his case stands.
CREATE POLICY desk_reads ON court_file FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_own_agency()) = 0 AND EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = court_file.person_id AND c.id = court_file.case_id));
ALTER TABLE court_file ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
GRANT UPDATE (lane, state, has_title, docket, firm_id, assigned_on, step_n, last_on, next_due_on, next_due, next_acts, ended_on) ON court_file TO zhizhi_gate;
GRANT UPDATE (met_on, dropped_on) ON court_deadline TO zhizhi_gate;
GRANT UPDATE (opened, refused) ON court_batch TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE law_firm_id_seq, court_batch_id_seq TO zhizhi_gate;

CREATE FUNCTION zhizhi_court_file_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving constant text[] := ARRAY['lane', 'state', 'has_title', 'docket', 'firm_id', 'assigned_on', 'step_n', 'last_on', 'next_due_on',
                                    'next_due', 'next_acts', 'ended_on'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR NEW.step_n < OLD.step_n OR NEW.last_on < OLD.last_on OR (OLD.has_title AND NOT NEW.has_title)
       OR (OLD.state = 'ended' AND NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'a court file goes on step by step, and stands when it has ended' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER court_file_moves_on BEFORE UPDATE OR DELETE ON court_file FOR EACH ROW EXECUTE FUNCTION zhizhi_court_file_moves_on();

-- A file stands where its latest step led, looked at when the transaction ends.
CREATE FUNCTION zhizhi_court_file_is_its_steps() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    standing record;
    latest record;
BEGIN
    SELECT f.state, f.step_n, f.last_on INTO standing FROM court_file f WHERE f.person_id = NEW.person_id AND f.id = NEW.id;
    SELECT s.state, s.n, s."on" INTO latest FROM court_step s WHERE s.person_id = NEW.person_id AND s.file_id = NEW.id ORDER BY s.n DESC LIMIT 1;
    IF (standing.state, standing.step_n, standing.last_on) IS DISTINCT FROM (latest.state, latest.n, latest."on") THEN
        RAISE EXCEPTION 'a court file stands where its steps led' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER court_file_is_its_steps AFTER INSERT OR UPDATE ON court_file DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zhizhi_court_file_is_its_steps();

CREATE FUNCTION zhizhi_court_deadline_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - ARRAY['met_on', 'dropped_on']) IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['met_on', 'dropped_on'])
       OR (OLD.met_on IS NOT NULL OR OLD.dropped_on IS NOT NULL) AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a deadline of a court file ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER court_deadline_stands BEFORE UPDATE OR DELETE ON court_deadline FOR EACH ROW EXECUTE FUNCTION zhizhi_court_deadline_stands();

-- No more comes back of an item than was advanced, and what takes two persons was approved to the fen. Writers of a person are one at a time.
CREATE FUNCTION zhizhi_court_fee_adds_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    outstanding bigint;
BEGIN
    SELECT coalesce(sum(CASE f.move WHEN 'advanced' THEN f.amount_minor ELSE -f.amount_minor END), 0) INTO outstanding
    FROM court_fee f WHERE f.person_id = NEW.person_id AND f.file_id = NEW.file_id AND f.item = NEW.item;
    IF NEW.move <> 'advanced' AND NEW.amount_minor > outstanding THEN
        RAISE EXCEPTION 'no more comes back than was advanced' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'court_fee' AND a.state IN ('approved', 'executed')
          AND a.lender_id = NEW.lender_id AND a.request ->> 'file' = NEW.file_id::text AND a.request ->> 'item' = NEW.item
          AND a.request ->> 'move' = NEW.move AND (a.request ->> 'amount_minor')::bigint = NEW.amount_minor) THEN
        RAISE EXCEPTION 'a fee is what a second person approved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER court_fee_adds_up BEFORE INSERT ON court_fee FOR EACH ROW EXECUTE FUNCTION zhizhi_court_fee_adds_up();
