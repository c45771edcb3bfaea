-- Canaries: known to compliance alone, never contacted, counted in nothing, and loud when somebody looks
-- (docs/decisions/0054-canaries.md).
ALTER TABLE canary ENABLE ROW LEVEL SECURITY;
ALTER TABLE canary_alarm ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON canary, canary_alarm FROM zhizhi_web, zhizhi_gate;
ALTER TABLE canary ADD FOREIGN KEY (person_id) REFERENCES person (id);
CREATE POLICY gate_works ON canary TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY gate_works ON canary_alarm TO zhizhi_gate USING (true) WITH CHECK (true);

-- Whether whoever looks is one of the lender's own compliance people: nobody else, no auditor and no head either.
CREATE FUNCTION zhizhi_keeps_canaries() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM zhizhi_desk() d WHERE d.role = 'compliance' AND d.scope = 'lender' AND d.agency_id IS NULL)
$$;
CREATE POLICY web_reads ON canary FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_keeps_canaries()) AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
CREATE POLICY web_reads ON canary_alarm FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_keeps_canaries()) AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON canary, canary_alarm TO zhizhi_web, zhizhi_gate;
GRANT INSERT ON canary TO zhizhi_gate;
GRANT UPDATE (sealed_at, ruling, ruled_by_id, ruled_at, remark, incident_id) ON canary_alarm TO zhizhi_gate;
-- A request to plant says where and how many: it is for the same eyes.
CREATE POLICY canaries_are_compliances ON approval AS RESTRICTIVE FOR SELECT TO zhizhi_web
    USING (act <> 'canary' OR (SELECT zhizhi_keeps_canaries()));

-- Planted by two people, no more than they agreed on, and only somebody who never was anybody: a real person made a canary
-- would be left out of every total.
CREATE TRIGGER canary_only_added BEFORE UPDATE OR DELETE ON canary FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE FUNCTION zhizhi_canary_is_planted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM approval p WHERE p.id = NEW.approval_id AND p.act = 'canary' AND p.state = 'approved'
                     AND p.lender_id = NEW.lender_id
                     AND (p.request ->> 'count')::integer > (SELECT count(*) FROM canary k WHERE k.approval_id = p.id))
       OR NOT EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id AND p.lender_id = NEW.lender_id)
       OR EXISTS (SELECT 1 FROM permit x WHERE x.person_id = NEW.person_id)
       OR EXISTS (SELECT 1 FROM contact x WHERE x.person_id = NEW.person_id)
       OR EXISTS (SELECT 1 FROM decision x WHERE x.person_id = NEW.person_id)
       OR EXISTS (SELECT 1 FROM payment x WHERE x.person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'two people agree on it, and it was nobody before' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER canary_is_planted BEFORE INSERT ON canary FOR EACH ROW EXECUTE FUNCTION zhizhi_canary_is_planted();

-- Whatever code asks, and whichever stop was lifted: no permit, no contact out. The message does not say why.
CREATE FUNCTION zhizhi_nobody_is_contacted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM canary k WHERE k.person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'this person is not contacted' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permit_of_nobody BEFORE INSERT ON permit FOR EACH ROW EXECUTE FUNCTION zhizhi_nobody_is_contacted();
CREATE TRIGGER contact_of_nobody BEFORE INSERT ON contact FOR EACH ROW
    WHEN (NEW.direction = 'out') EXECUTE FUNCTION zhizhi_nobody_is_contacted();

-- Totals: a transaction that carries the seal of `counting` does not see canaries. Empty for everybody else, so that what a
-- page lists and finds holds them.
CREATE FUNCTION zhizhi_uncounted() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('zhizhi.counting', true), '') = ''
       OR NOT zhizhi_is_sealed('counting', current_setting('zhizhi.counting', true)) THEN
        RETURN '{}'::bigint[];
    END IF;
    RETURN (SELECT coalesce(array_agg(k.person_id), '{}') FROM canary k);
END $$;
REVOKE ALL ON FUNCTION zhizhi_uncounted() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_uncounted() TO zhizhi_web;
CREATE POLICY uncounted ON collection_case AS RESTRICTIVE FOR SELECT TO zhizhi_web
    USING (person_id <> ALL ((SELECT zhizhi_uncounted())::bigint[]));
CREATE POLICY uncounted ON debt_day AS RESTRICTIVE FOR SELECT TO zhizhi_web
    USING (person_id <> ALL ((SELECT zhizhi_uncounted())::bigint[]));

-- Alarms. Nobody but these functions writes one.
CREATE FUNCTION zhizhi_raise_alarm(of_person bigint, by_staff bigint, in_way text, seen_at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
INSERT INTO canary_alarm (subject, lender_id, person_id, staff_id, role, how, at, quarter_at, remark)
SELECT gen_random_uuid(), k.lender_id, k.person_id, s.id, coalesce(s.role, ''), in_way, seen_at,
    date_bin('15 minutes', seen_at, '2000-01-01Z'), ''
FROM canary k LEFT JOIN staff s ON s.id = by_staff WHERE k.person_id = of_person
ON CONFLICT (person_id, staff_id, how, quarter_at) DO NOTHING
$$;
REVOKE ALL ON FUNCTION zhizhi_raise_alarm(bigint, bigint, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION zhizhi_alarm_of_view() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM zhizhi_raise_alarm(NEW.person_id, NEW.staff_id, CASE NEW.ground WHEN 'system' THEN 'api' ELSE 'view' END, NEW.seen_at);
    RETURN NULL;
END $$;
CREATE TRIGGER person_view_alarm AFTER INSERT ON person_view FOR EACH ROW EXECUTE FUNCTION zhizhi_alarm_of_view();

CREATE FUNCTION zhizhi_alarm_of_unmasking() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM zhizhi_raise_alarm(NEW.person_id, NEW.staff_id, 'unmask', NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER unmasking_alarm AFTER INSERT ON unmasking FOR EACH ROW EXECUTE FUNCTION zhizhi_alarm_of_unmasking();

-- Whatever is taken away with a leaf of its own.
CREATE FUNCTION zhizhi_alarm_of_export() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM zhizhi_raise_alarm(NEW.source_person_id, NULL, 'export', NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER leaf_export_alarm AFTER INSERT ON leaf FOR EACH ROW
    WHEN (NEW.kind = 'export' AND NEW.source_person_id IS NOT NULL) EXECUTE FUNCTION zhizhi_alarm_of_export();

-- A search writes nothing about who was found, so it tells: asked with every hit, whoever was found, and answers nothing.
CREATE FUNCTION zhizhi_told_of(numbers text[], by_staff bigint, in_way text, seen_at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT zhizhi_raise_alarm(c.person_id, by_staff, in_way, seen_at)
FROM canary k JOIN collection_case c ON c.person_id = k.person_id WHERE c.number = ANY (numbers)
$$;
REVOKE ALL ON FUNCTION zhizhi_told_of(text[], bigint, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_told_of(text[], bigint, text, timestamptz) TO zhizhi_gate;

-- Sealed once, ruled on once.
CREATE FUNCTION zhizhi_alarm_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (to_jsonb(NEW) - ARRAY['sealed_at', 'ruling', 'ruled_by_id', 'ruled_at', 'remark', 'incident_id'])
          IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['sealed_at', 'ruling', 'ruled_by_id', 'ruled_at', 'remark', 'incident_id'])
       OR (OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS DISTINCT FROM OLD.sealed_at)
       OR (OLD.ruling IS NOT NULL AND (NEW.ruling, NEW.ruled_by_id, NEW.ruled_at, NEW.remark, NEW.incident_id)
           IS DISTINCT FROM (OLD.ruling, OLD.ruled_by_id, OLD.ruled_at, OLD.remark, OLD.incident_id)) THEN
        RAISE EXCEPTION 'an alarm is sealed once and ruled on once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER canary_alarm_moves_on BEFORE UPDATE OR DELETE ON canary_alarm FOR EACH ROW EXECUTE FUNCTION zhizhi_alarm_moves_on();
