-- Rate cards and statements (docs/decisions/0061-commission-statements.md). A lender's desks that oversee or settle see their own; an agency's
-- manager the own agency's, also of cases that went back: a statement names a case by its number, and no person.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['commission_card', 'commission_statement', 'commission_line', 'commission_dispute'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['commission_card', 'commission_statement'] LOOP
        EXECUTE format('CREATE POLICY web_reads ON %I FOR SELECT TO zhizhi_web USING (
            ((SELECT zhizhi_viewer(''scope'')) IN (''lender'', ''matter'') AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]))
            OR agency_id = ANY ((SELECT zhizhi_viewer_ids(''agency'', ''agency''))::bigint[]))', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['commission_line', 'commission_dispute'] LOOP
        EXECUTE format('CREATE POLICY web_reads ON %I FOR SELECT TO zhizhi_web USING (
            statement_id IN (SELECT s.id FROM commission_statement s))', protected);
    END LOOP;
END $$;
GRANT UPDATE (state, agency_signed_by_id, agency_signed_at, lender_signed_by_id, lender_signed_at, superseded_at)
    ON commission_statement TO zhizhi_gate;
GRANT UPDATE (stands) ON commission_line TO zhizhi_gate;
GRANT UPDATE (answer, answer_text, answered_by_id, answered_at) ON commission_dispute TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE commission_card_id_seq, commission_statement_id_seq, commission_dispute_id_seq TO zhizhi_gate;
ALTER TABLE commission_line ADD FOREIGN KEY (statement_id) REFERENCES commission_statement (id);
ALTER TABLE commission_line ADD FOREIGN KEY (person_id, payment_id) REFERENCES payment (person_id, id);
ALTER TABLE commission_line ADD FOREIGN KEY (person_id, placement_id) REFERENCES placement (person_id, id);
-- A month's money is looked for by when the ledger got it.
CREATE INDEX payment_by_recording ON payment (recorded_at);
CREATE TRIGGER commission_card_only_added BEFORE UPDATE OR DELETE ON commission_card FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

CREATE FUNCTION zhizhi_card_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'rate_card' AND a.state IN ('approved', 'executed')
          AND a.lender_id = NEW.lender_id AND a.request ->> 'agency' = NEW.agency_id::text AND a.request ->> 'from' = NEW.from_on::text
          AND a.request ->> 'currency' = NEW.currency AND a.request -> 'terms' = NEW.terms) THEN
        RAISE EXCEPTION 'a rate card is approved by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER card_is_approved BEFORE INSERT ON commission_card FOR EACH ROW EXECUTE FUNCTION zhizhi_card_is_approved();

-- What a statement says stands; a side signs once, with somebody of its own, and only while nothing is disputed without an answer.
CREATE FUNCTION zhizhi_statement_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'agency_signed_by_id', 'agency_signed_at', 'lender_signed_by_id', 'lender_signed_at',
                                    'superseded_at'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) OR OLD.state <> 'open' THEN
        RAISE EXCEPTION 'what a statement says stands' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.agency_signed_by_id IS NOT NULL AND NEW.agency_signed_by_id IS DISTINCT FROM OLD.agency_signed_by_id)
       OR (OLD.lender_signed_by_id IS NOT NULL AND NEW.lender_signed_by_id IS DISTINCT FROM OLD.lender_signed_by_id) THEN
        RAISE EXCEPTION 'a side signs once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> 'superseded' AND EXISTS (
        SELECT 1 FROM commission_dispute d WHERE d.statement_id = NEW.id AND d.answer IS NULL) THEN
        RAISE EXCEPTION 'what is disputed is answered before anybody signs' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.agency_signed_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM staff s WHERE s.id = NEW.agency_signed_by_id AND s.agency_id = NEW.agency_id)
       OR NEW.lender_signed_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM staff s WHERE s.id = NEW.lender_signed_by_id AND s.agency_id IS NULL
          AND coalesce(s.lender_id, NEW.lender_id) = NEW.lender_id) THEN
        RAISE EXCEPTION 'each side signs for itself' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_moves_on BEFORE UPDATE OR DELETE ON commission_statement FOR EACH ROW EXECUTE FUNCTION zhizhi_statement_moves_on();

CREATE FUNCTION zhizhi_statement_line_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'stands') IS DISTINCT FROM (to_jsonb(OLD) - 'stands') OR NEW.stands
       OR NOT EXISTS (SELECT 1 FROM commission_statement s WHERE s.id = NEW.statement_id AND s.state = 'superseded') THEN
        RAISE EXCEPTION 'a line ends with its statement' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_line_stands BEFORE UPDATE OR DELETE ON commission_line FOR EACH ROW EXECUTE FUNCTION zhizhi_statement_line_stands();

-- Lines add up to what their statement says of its rates, whatever code wrote them.
CREATE FUNCTION zhizhi_statement_is_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT count(*) AS many, coalesce(sum(l.amount_minor) FILTER (WHERE l.rate IS NOT NULL), 0) AS paid INTO found
    FROM commission_line l WHERE l.statement_id = NEW.id;
    IF found.many <> NEW.lines
       OR found.paid <> (SELECT coalesce(sum((r ->> 'collected_minor')::bigint), 0) FROM jsonb_array_elements(NEW.rates) r)
       OR NEW.commission_minor <> (SELECT coalesce(sum((r ->> 'commission_minor')::bigint), 0) FROM jsonb_array_elements(NEW.rates) r) THEN
        RAISE EXCEPTION 'the lines add up to their statement' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER statement_is_whole AFTER INSERT ON commission_statement DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zhizhi_statement_is_whole();

CREATE FUNCTION zhizhi_dispute_is_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving constant text[] := ARRAY['answer', 'answer_text', 'answered_by_id', 'answered_at'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) OR OLD.answer IS NOT NULL THEN
        RAISE EXCEPTION 'a dispute is answered once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_is_answered_once BEFORE UPDATE OR DELETE ON commission_dispute FOR EACH ROW
    EXECUTE FUNCTION zhizhi_dispute_is_answered_once();
