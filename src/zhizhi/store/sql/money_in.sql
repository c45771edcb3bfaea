-- Money that comes in (docs/decisions/0060-money-in.md): it says what it said, moves on step by step, and what takes two persons has their
-- approval; surplus goes back no further than it came.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['remittance', 'refund'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
    END LOOP;
END $$;
GRANT UPDATE (state, why, rule, person_id, debt_id, payment_id, stop_id, approval_id, settled_at, settled_by_id, ground) ON remittance TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE remittance_id_seq TO zhizhi_gate;
ALTER TABLE remittance ADD FOREIGN KEY (person_id, payment_id) REFERENCES payment (person_id, id);
ALTER TABLE remittance ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
ALTER TABLE remittance ADD FOREIGN KEY (person_id, stop_id) REFERENCES stop (person_id, id);
ALTER TABLE refund ADD FOREIGN KEY (person_id, payment_id) REFERENCES payment (person_id, id);
CREATE TRIGGER refund_only_added BEFORE UPDATE OR DELETE ON refund FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- The roles with the right `see_remittances`; a test compares the two. Nobody of an agency, and no lender but the own.
CREATE FUNCTION zhizhi_money_lenders() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT 1 FROM zhizhi_desk() d WHERE d.role IN (
        'head', 'compliance', 'supervisor', 'settlement_clerk', 'settlement_approver', 'auditor')) THEN zhizhi_house_lenders() ELSE '{}'::bigint[] END;
END $$;
CREATE POLICY web_reads ON remittance FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_money_lenders())::bigint[]));
-- A payment has no lender of its own; its person has one, whether or not the viewer sees the case.
CREATE FUNCTION zhizhi_is_of_lenders(of_person bigint, lenders bigint[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM person p WHERE p.id = of_person AND p.lender_id = ANY (lenders))
$$;
CREATE POLICY web_reads ON refund FOR SELECT TO zhizhi_web USING (zhizhi_is_of_lenders(person_id, (SELECT zhizhi_money_lenders())));

-- ALONE_UP_TO_MINOR of core/debt/remittance/authority.py; a test compares the two.
CREATE FUNCTION zhizhi_money_alone_up_to() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 500000::bigint $$;

CREATE FUNCTION zhizhi_money_was_approved(approval bigint, lender bigint, step text, remittance bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM approval a WHERE a.id = approval AND a.act = 'remittance' AND a.state IN ('approved', 'executed')
    AND a.lender_id = lender AND a.request ->> 'step' = step AND (remittance IS NULL OR a.request ->> 'remittance' = remittance::text))
$$;

CREATE FUNCTION zhizhi_remittance_moves_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'why', 'rule', 'person_id', 'debt_id', 'payment_id', 'stop_id', 'approval_id', 'settled_at',
                                    'settled_by_id', 'ground'];
    paid record;
    step text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'money that came is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('unmatched', 'posted', 'known') OR NEW.rule = 'person' OR NEW.approval_id IS NOT NULL THEN
            RAISE EXCEPTION 'money that comes is matched by a rule or waits' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR (OLD.state, NEW.state) NOT IN (('unmatched', 'asked'), ('unmatched', 'posted'), ('asked', 'unmatched'), ('asked', 'posted'),
                                         ('asked', 'known'), ('asked', 'returned'), ('posted', 'reversed'))
       OR (OLD.state = 'posted' AND (NEW.person_id, NEW.debt_id, NEW.payment_id, NEW.rule)
                                IS DISTINCT FROM (OLD.person_id, OLD.debt_id, OLD.payment_id, OLD.rule)) THEN
        RAISE EXCEPTION 'money that came says what it said, and moves on step by step' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('posted', 'known') THEN
        SELECT * INTO paid FROM payment p WHERE p.person_id = NEW.person_id AND p.id = NEW.payment_id;
        IF paid.kind IS DISTINCT FROM 'payment' OR paid.debt_id IS DISTINCT FROM NEW.debt_id OR paid.amount_minor IS DISTINCT FROM NEW.amount_minor
           OR NOT zhizhi_is_of_lenders(NEW.person_id, ARRAY[NEW.lender_id]) THEN
            RAISE EXCEPTION 'money is on a payment of its lender, its debt and its amount' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF NEW.state = 'reversed' AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.person_id = NEW.person_id AND r.reverses_id = NEW.payment_id) THEN
        RAISE EXCEPTION 'money is reversed by a payment that reverses it' USING ERRCODE = 'restrict_violation';
    END IF;
    step := CASE WHEN TG_OP = 'INSERT' THEN NULL
                 WHEN NEW.state = 'returned' THEN 'return'
                 WHEN NEW.state = 'known' THEN 'same'
                 WHEN NEW.state = 'posted' AND OLD.state <> 'posted' AND NEW.amount_minor > zhizhi_money_alone_up_to() THEN 'post' END;
    IF step IS NOT NULL AND NOT coalesce(zhizhi_money_was_approved(NEW.approval_id, NEW.lender_id, step, NEW.id), false) THEN
        RAISE EXCEPTION 'this takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER remittance_moves_on BEFORE INSERT OR UPDATE OR DELETE ON remittance FOR EACH ROW EXECUTE FUNCTION zhizhi_remittance_moves_on();

-- A refund is approved, of a payment that stands, and all refunds of it are no more than came beyond what was owed.
CREATE FUNCTION zhizhi_refund_of_surplus() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    paid record;
    back bigint;
BEGIN
    SELECT y.*, p.lender_id INTO paid FROM payment y JOIN person p ON p.id = y.person_id
        WHERE y.person_id = NEW.person_id AND y.id = NEW.payment_id FOR UPDATE OF y;
    SELECT coalesce(sum(f.amount_minor), 0) INTO back FROM refund f WHERE f.person_id = NEW.person_id AND f.payment_id = NEW.payment_id;
    IF paid.kind IS DISTINCT FROM 'payment' OR back + NEW.amount_minor > paid.amount_minor - paid.applied_minor
       OR EXISTS (SELECT 1 FROM payment r WHERE r.person_id = NEW.person_id AND r.reverses_id = NEW.payment_id) THEN
        RAISE EXCEPTION 'no more goes back than came beyond what was owed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT coalesce(zhizhi_money_was_approved(NEW.approval_id, paid.lender_id, 'refund', NULL), false) OR NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.request ->> 'payment' = NEW.payment_id::text
          AND a.request ->> 'amount_minor' = NEW.amount_minor::text) THEN
        RAISE EXCEPTION 'a refund takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_of_surplus BEFORE INSERT ON refund FOR EACH ROW EXECUTE FUNCTION zhizhi_refund_of_surplus();
-- Money that was refunded is not reversed as well.
CREATE FUNCTION zhizhi_refunded_is_not_reversed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM refund f WHERE f.person_id = NEW.person_id AND f.payment_id = NEW.reverses_id) THEN
        RAISE EXCEPTION 'surplus of this payment was refunded already' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunded_is_not_reversed BEFORE INSERT ON payment FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION zhizhi_refunded_is_not_reversed();

-- What payments brought beyond what was owed and was not refunded: a debt that is paid is in nobody's case any more, and its surplus is still owed back.
CREATE INDEX payment_with_surplus ON payment (person_id, id) WHERE kind = 'payment' AND applied_minor < amount_minor;
CREATE FUNCTION zhizhi_surplus(most integer)
RETURNS TABLE (payment_id bigint, lender text, debt_id bigint, source text, paid_on date, amount_minor bigint, surplus_minor bigint, currency text, how_many bigint, in_all numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH over AS (
    SELECT y.id, l.name, y.debt_id, y.source, y.paid_on, y.amount_minor, d.currency, y.amount_minor - y.applied_minor - coalesce((
        SELECT sum(f.amount_minor) FROM refund f WHERE f.person_id = y.person_id AND f.payment_id = y.id), 0)::bigint AS surplus
    FROM payment y JOIN debt d ON d.person_id = y.person_id AND d.id = y.debt_id JOIN lender l ON l.id = d.lender_id
    WHERE y.kind = 'payment' AND y.applied_minor < y.amount_minor AND d.lender_id = ANY (zhizhi_money_lenders())
      AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.person_id = y.person_id AND r.reverses_id = y.id)
)
SELECT o.id, o.name, o.debt_id, o.source, o.paid_on, o.amount_minor, o.surplus, o.currency, count(*) OVER (), sum(o.surplus) OVER ()
FROM over o WHERE o.surplus > 0 ORDER BY o.paid_on, o.id LIMIT most
$$;
REVOKE ALL ON FUNCTION zhizhi_surplus(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_surplus(integer) TO zhizhi_web;
