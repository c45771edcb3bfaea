-- Agreements on relief: their terms stand, more than somebody may grant alone takes a second person, the month's pool holds, and a
-- waiver is in the ledger only when all has arrived (docs/decisions/0057-relief.md).
ALTER TABLE relief_part ADD FOREIGN KEY (person_id, relief_id) REFERENCES relief (person_id, id);
ALTER TABLE relief_line ADD FOREIGN KEY (person_id, relief_id) REFERENCES relief (person_id, id);
ALTER TABLE relief ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
ALTER TABLE entry ADD FOREIGN KEY (person_id, relief_id) REFERENCES relief (person_id, id);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['relief', 'relief_part', 'relief_line'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
                        USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
    END LOOP;
END $$;
GRANT SELECT ON relief, relief_part, relief_line TO zhizhi_web;
GRANT SELECT, INSERT ON relief, relief_part, relief_line TO zhizhi_gate;
GRANT UPDATE (state, approval_id, received_minor, posted_minor, ends_on, pool_month, given_by_id, given_at, given_how, accepted_on,
    stop_id, ended_on) ON relief TO zhizhi_gate;
GRANT UPDATE (received_minor) ON relief_part TO zhizhi_gate;
CREATE TRIGGER relief_line_only_added BEFORE UPDATE OR DELETE ON relief_line FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

ALTER TABLE relief_pool ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON relief_pool TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON relief_pool FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON relief_pool TO zhizhi_web;
-- What is taken is written by the trigger below and by nobody else.
GRANT SELECT, INSERT (lender_id, month, currency, limit_minor, taken_minor, set_by_id, set_at), UPDATE (limit_minor, set_by_id, set_at)
    ON relief_pool TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE relief_pool_id_seq TO zhizhi_gate;

CREATE FUNCTION zhizhi_relief_pool_begins_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.taken_minor <> 0 THEN
        RAISE EXCEPTION 'a pool begins with nothing taken' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER relief_pool_begins_empty BEFORE INSERT ON relief_pool FOR EACH ROW EXECUTE FUNCTION zhizhi_relief_pool_begins_empty();

-- LEVEL_OF_ROLE of core/debt/relief/authority.py; a test compares the two.
CREATE FUNCTION zhizhi_relief_level(role text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
SELECT CASE role WHEN 'collector' THEN 1 WHEN 'settlement_clerk' THEN 1 WHEN 'team_leader' THEN 2 WHEN 'supervisor' THEN 2
                 WHEN 'settlement_approver' THEN 3 WHEN 'head' THEN 4 ELSE 0 END
$$;

CREATE FUNCTION zhizhi_relief_moves_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'approval_id', 'received_minor', 'posted_minor', 'ends_on', 'pool_month', 'given_by_id',
                                    'given_at', 'given_how', 'accepted_on', 'stop_id', 'ended_on'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an agreement is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('proposed', 'approved') OR NEW.received_minor <> 0 OR NEW.posted_minor <> 0 THEN
            RAISE EXCEPTION 'an agreement begins by being proposed' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state = 'approved' AND NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.proposed_by_id AND s.is_active
                                                    AND zhizhi_relief_level(s.role) >= NEW.level) THEN
            RAISE EXCEPTION 'more than this role may grant alone' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'the terms of an agreement stand' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('proposed', 'approved'), ('proposed', 'refused'), ('proposed', 'withdrawn'), ('proposed', 'expired'),
        ('approved', 'given'), ('approved', 'withdrawn'), ('approved', 'expired'),
        ('given', 'accepted'), ('given', 'withdrawn'), ('given', 'expired'),
        ('accepted', 'performed'), ('accepted', 'broken'), ('accepted', 'expired'), ('performed', 'broken')) THEN
        RAISE EXCEPTION 'an agreement does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'proposed' AND NEW.state = 'approved' AND NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.state IN ('approved', 'executed') AND a.lender_id = NEW.lender_id
          AND a.act = CASE WHEN NEW.level >= 4 THEN 'relief_by_head' ELSE 'relief' END AND a.asked_by_id = NEW.proposed_by_id
          AND a.request ->> 'relief' = NEW.id::text AND a.request ->> 'person' = NEW.person_id::text
          AND (a.request ->> 'waived_minor')::bigint = NEW.waived_minor AND (a.request ->> 'due_minor')::bigint = NEW.due_minor) THEN
        RAISE EXCEPTION 'an agreement is what a second person approved' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'proposed' AND NEW.approval_id IS DISTINCT FROM OLD.approval_id
       OR OLD.pool_month IS NOT NULL AND NEW.pool_month IS DISTINCT FROM OLD.pool_month
       OR NEW.state IN ('given', 'accepted', 'performed') AND NEW.pool_month IS NULL THEN
        RAISE EXCEPTION 'approval and pool of an agreement stand' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'given' AND NEW.state = 'accepted' AND NEW.accepted_on > NEW.valid_until_on THEN
        RAISE EXCEPTION 'an offer is accepted while it is valid' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.received_minor <> OLD.received_minor AND OLD.state NOT IN ('accepted', 'performed') THEN
        RAISE EXCEPTION 'money counts on an agreement in force' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.received_minor <> (SELECT coalesce(sum(p.received_minor), 0) FROM relief_part p
                              WHERE p.person_id = NEW.person_id AND p.relief_id = NEW.id) THEN
        RAISE EXCEPTION 'what arrived is the sum of its parts' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER relief_moves_on BEFORE INSERT OR UPDATE OR DELETE ON relief FOR EACH ROW EXECUTE FUNCTION zhizhi_relief_moves_on();

CREATE FUNCTION zhizhi_relief_part_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'received_minor') IS DISTINCT FROM (to_jsonb(OLD) - 'received_minor') THEN
        RAISE EXCEPTION 'the terms of an agreement stand' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER relief_part_stands BEFORE UPDATE OR DELETE ON relief_part FOR EACH ROW EXECUTE FUNCTION zhizhi_relief_part_stands();

-- Parts and payments add up to their agreement, whatever code wrote them.
CREATE FUNCTION zhizhi_relief_is_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parts record;
    asked bigint;
BEGIN
    SELECT coalesce(sum(p.standing_minor), 0) AS standing, coalesce(sum(p.waived_minor), 0) AS waived INTO parts
    FROM relief_part p WHERE p.person_id = NEW.person_id AND p.relief_id = NEW.id;
    SELECT coalesce(sum(l.amount_minor), 0) INTO asked FROM relief_line l WHERE l.person_id = NEW.person_id AND l.relief_id = NEW.id;
    IF (parts.standing, parts.waived, asked) IS DISTINCT FROM (NEW.standing_minor::numeric, NEW.waived_minor::numeric, NEW.due_minor) THEN
        RAISE EXCEPTION 'parts and payments add up to the agreement' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER relief_is_whole AFTER INSERT ON relief DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zhizhi_relief_is_whole();

-- The pool of the month is taken and given back here: one row, locked by the update, never above its limit.
CREATE FUNCTION zhizhi_relief_takes_from_pool() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    committed constant text[] := ARRAY['given', 'accepted', 'performed'];
    change bigint := NEW.waived_minor * ((NEW.state = ANY (committed))::integer - (OLD.state = ANY (committed))::integer);
BEGIN
    IF change <> 0 THEN
        UPDATE relief_pool SET taken_minor = taken_minor + change
        WHERE lender_id = NEW.lender_id AND month = NEW.pool_month AND currency = NEW.currency;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no pool is set for this month' USING ERRCODE = 'ZR001';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER relief_takes_from_pool AFTER UPDATE OF state ON relief FOR EACH ROW EXECUTE FUNCTION zhizhi_relief_takes_from_pool();

-- A waiver is posted under an agreement that is performed; of what does not run for being late never more than it waives.
CREATE FUNCTION zhizhi_waiver_is_agreed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    agreed bigint;
    posted bigint;
BEGIN
    IF NOT NEW.is_credit OR NOT EXISTS (SELECT 1 FROM relief r WHERE r.person_id = NEW.person_id AND r.id = NEW.relief_id
                                          AND r.debt_id = NEW.debt_id AND r.state = 'performed') THEN
        RAISE EXCEPTION 'a waiver is posted when all has arrived' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.component NOT IN ('penalty_interest', 'compound_interest', 'damages') THEN
        SELECT coalesce(sum(p.waived_minor), 0) INTO agreed FROM relief_part p
        WHERE p.person_id = NEW.person_id AND p.relief_id = NEW.relief_id AND p.component = NEW.component;
        SELECT coalesce(sum(e.amount_minor), 0) INTO posted FROM entry e
        WHERE e.person_id = NEW.person_id AND e.debt_id = NEW.debt_id AND e.relief_id = NEW.relief_id AND e.kind = 'waiver'
          AND e.component = NEW.component;
        IF posted + NEW.amount_minor > agreed THEN
            RAISE EXCEPTION 'no more is waived than was agreed' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiver_is_agreed BEFORE INSERT ON entry FOR EACH ROW WHEN (NEW.kind = 'waiver') EXECUTE FUNCTION zhizhi_waiver_is_agreed();
