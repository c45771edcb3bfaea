-- Cases with agencies (docs/decisions/0058-placements.md). A lender sees its own; an agency what it has now, and only as long as it sees
-- the case itself: the policy of `collection_case` is asked, so the statement that takes a case away takes its placement too.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['placement_batch', 'placement_lot', 'placement', 'placement_extension'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
    END LOOP;
END $$;
GRANT UPDATE (approval_id, handed_over_at) ON placement_batch TO zhizhi_gate;
GRANT UPDATE (state, left_out_because, placed_at, due_on, ended_at, ended_by, ended_ground) ON placement TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE placement_batch_id_seq, placement_lot_id_seq TO zhizhi_gate;

CREATE POLICY web_reads ON placement FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR (state = 'placed' AND agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
        AND EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = placement.person_id AND c.id = placement.case_id))
);
CREATE POLICY web_reads ON placement_extension FOR SELECT TO zhizhi_web USING (
    EXISTS (SELECT 1 FROM placement p WHERE p.person_id = placement_extension.person_id AND p.id = placement_extension.placement_id));
CREATE POLICY web_reads ON placement_lot FOR SELECT TO zhizhi_web USING (batch_id IN (SELECT b.id FROM placement_batch b));
-- A batch names other agencies and what they got: it is the lender's alone.
CREATE POLICY web_reads ON placement_batch FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));

CREATE FUNCTION zhizhi_placement_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['state', 'left_out_because', 'placed_at', 'due_on', 'ended_at', 'ended_by', 'ended_ground'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a placement is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR (OLD.state, NEW.state) NOT IN (('proposed', 'placed'), ('proposed', 'left_out'), ('placed', 'placed'), ('placed', 'returned'),
                                         ('placed', 'recalled'), ('placed', 'expired'), ('placed', 'closed'))
       OR (OLD.placed_at IS NOT NULL AND NEW.placed_at IS DISTINCT FROM OLD.placed_at)
       OR (NEW.due_on < OLD.due_on) THEN
        RAISE EXCEPTION 'a placement begins once, ends once, and is otherwise only extended' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER placement_moves_on BEFORE UPDATE OR DELETE ON placement FOR EACH ROW EXECUTE FUNCTION zhizhi_placement_moves_on();

-- Whether the agency of the case is what the placement says, looked at when the transaction ends.
CREATE FUNCTION zhizhi_placement_is_of_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    standing record;
    held bigint;
BEGIN
    SELECT p.state, p.agency_id INTO standing FROM placement p WHERE p.person_id = NEW.person_id AND p.id = NEW.id;
    SELECT c.agency_id INTO held FROM collection_case c WHERE c.person_id = NEW.person_id AND c.id = NEW.case_id AND c.closed_on IS NULL;
    IF standing.state = 'placed' AND held IS DISTINCT FROM standing.agency_id THEN
        RAISE EXCEPTION 'a case that is placed is with its agency' USING ERRCODE = 'restrict_violation';
    END IF;
    IF standing.state IN ('returned', 'recalled', 'expired') AND held = standing.agency_id THEN
        RAISE EXCEPTION 'a case whose placement ended is with the agency no more' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER placement_is_of_case AFTER INSERT OR UPDATE OF state ON placement DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zhizhi_placement_is_of_case();

CREATE TRIGGER placement_lot_only_added BEFORE UPDATE OR DELETE ON placement_lot FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER placement_extension_only_added BEFORE UPDATE OR DELETE ON placement_extension FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- A batch is handed over once, on an approval of exactly this batch and these lines.
CREATE FUNCTION zhizhi_batch_is_approved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving text[] := ARRAY['approval_id', 'handed_over_at'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) OR OLD.handed_over_at IS NOT NULL THEN
        RAISE EXCEPTION 'a batch is handed over once, and otherwise never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.handed_over_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'placement' AND a.state IN ('approved', 'executed')
          AND a.lender_id = NEW.lender_id AND a.request ->> 'batch' = NEW.id::text AND a.request ->> 'digest' = encode(NEW.digest, 'hex')) THEN
        RAISE EXCEPTION 'a batch is approved by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_is_approved BEFORE UPDATE OR DELETE ON placement_batch FOR EACH ROW EXECUTE FUNCTION zhizhi_batch_is_approved();
