-- House packs: which one stands for a lender, the proofs that it only tightens, and what holds permits to it
-- (docs/decisions/0038-house-packs-at-the-gate.md).

-- Activation is the owner's; everybody may read what stands. A lender's own people see its rules.
ALTER TABLE house_activation ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON house_activation FOR SELECT TO zhizhi_gate USING (true);
CREATE POLICY web_reads ON house_activation FOR SELECT TO zhizhi_web
    USING ((SELECT zhizhi_viewer('lender')) IN ('*', lender_id::text));
REVOKE ALL ON house_activation, house_proof FROM zhizhi_gate, zhizhi_web;
GRANT SELECT ON house_activation, house_proof TO zhizhi_gate, zhizhi_web;
CREATE TRIGGER house_proof_only_added BEFORE UPDATE OR DELETE ON house_proof FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- An activation is ended once; nothing else of it changes.
CREATE FUNCTION zhizhi_house_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (to_jsonb(NEW) - ARRAY['ended_at', 'ended_by_id', 'ended_because'])
          IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['ended_at', 'ended_by_id', 'ended_because']) THEN
        RAISE EXCEPTION 'an activation is ended once and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER house_stands BEFORE UPDATE OR DELETE ON house_activation FOR EACH ROW EXECUTE FUNCTION zhizhi_house_stands();

-- Until the end of this transaction the house rules of a lender stay what they are: an activation takes the lock alone.
CREATE FUNCTION zhizhi_hold_law(of_lender bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
SELECT pg_advisory_xact_lock_shared(726512, of_lender::integer)
$$;

-- Whether a decision names the house pack that stands for its lender; true where none does.
CREATE FUNCTION zhizhi_names_house(of_lender bigint, of_person bigint, of_decision bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT NOT EXISTS (
    SELECT 1 FROM house_activation h WHERE h.lender_id = of_lender AND h.ended_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM decision d WHERE d.person_id = of_person AND d.id = of_decision
           AND d.body -> 'packs' @> jsonb_build_array(jsonb_build_object('sha256', h.sha256))))
$$;

-- As gate_caps.sql; a permit is minted under the house pack that stands at its commit, and the caps of that pack are its lender's alone.
CREATE OR REPLACE FUNCTION zhizhi_permit_within_caps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    starts_at timestamptz := greatest(NEW.not_before, NEW.minted_at);
    known record;
    cap record;
    about bigint;
    bound integer;
    key_of_slot text;
    first_at timestamptz;
    tally record;
BEGIN
    IF NEW.state = 'released' THEN
        RETURN NULL;
    END IF;
    -- Only here does a statement after the lock see what others committed before it.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'permits are minted at the isolation level read committed' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM 1 FROM person p WHERE p.id = NEW.person_id FOR NO KEY UPDATE;
    PERFORM zhizhi_hold_law(NEW.lender_id);  -- what stands from here on stands until this commit
    SELECT l.profile, coalesce(p.time_zones ->> 0, 'Asia/Shanghai') AS zone, t.role, d.body -> 'budgets' AS budgets,
           coalesce(d.facts ->> 'reading', 'strict') AS reading, zhizhi_names_house(NEW.lender_id, NEW.person_id, NEW.decision_id) AS names_house
    INTO STRICT known
    FROM person p JOIN lender l ON l.id = p.lender_id
    JOIN party t ON t.person_id = p.id AND t.id = NEW.party_id
    JOIN decision d ON d.person_id = p.id AND d.id = NEW.decision_id
    WHERE p.id = NEW.person_id;
    IF NOT known.names_house THEN
        RAISE EXCEPTION 'decided under other house rules than stand now' USING ERRCODE = 'serialization_failure';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM cap_activation a WHERE a.profile = known.profile) THEN
        RAISE EXCEPTION 'no caps are activated for profile %; run `zhizhi migrate`', known.profile USING ERRCODE = 'restrict_violation';
    END IF;
    FOR cap IN
        SELECT c.*, z.zone AS clock, z.day AS on_day,
               (SELECT max((s.body ->> 'per_day')::integer) FROM statement s
                WHERE s.person_id = NEW.person_id AND s.party_id = NEW.party_id AND s.kind = 'agree_frequency' AND c.agreed IS NOT NULL) AS agreed_most,
               (SELECT (b ->> 'limit')::integer FROM jsonb_array_elements(known.budgets) b WHERE b ->> 'rule' = c.rule) AS decided,
               EXISTS (SELECT 1 FROM hold h WHERE h.person_id = NEW.person_id AND h.state = 'released' AND c.names ? h.rule AND h.until_at > starts_at
                       AND (coalesce(h.channels, '[]') = '[]' OR h.channels ? NEW.channel)) AS is_reviewed
        FROM cap_limit c,
             LATERAL (SELECT coalesce(c.zone, known.zone) AS zone, (starts_at AT TIME ZONE coalesce(c.zone, known.zone))::date AS day) z
        WHERE c.profile = known.profile AND (c.lender_id IS NULL OR c.lender_id = NEW.lender_id) AND c.reading = known.reading AND z.day >= c.from_on AND (c.until_on IS NULL OR z.day < c.until_on)
          AND c.channels ? NEW.channel AND (c.forms IS NULL OR c.forms ? NEW.form) AND (c.purposes IS NULL OR c.purposes ? NEW.purpose)
          AND (c.roles IS NULL OR c.roles ? known.role) AND NOT c.lifting_purposes ? NEW.purpose
          AND NOT (c.spares_reminders AND zhizhi_only_reminds(NEW.person_id, NEW.purpose, NEW.debts))
          AND NOT EXISTS (  -- a callback that was asked for, and consent to calls, are weighed by the gate alone
              SELECT 1 FROM statement s WHERE s.person_id = NEW.person_id AND s.party_id = NEW.party_id
                 AND ((c.callback_lifts AND NEW.purpose = 'answer_request' AND s.kind = 'request_callback')
                      OR (c.consent_days > 0 AND s.kind IN ('request_callback', 'consent_calls'))))
    LOOP
        bound := least(cap.decided, CASE
            WHEN cap.agreed IS NULL THEN cap.most
            WHEN cap.most IS NULL THEN cap.agreed_most
            WHEN cap.higher_counts THEN greatest(cap.most, cap.agreed_most)
            ELSE cap.most END);
        CONTINUE WHEN bound IS NULL;
        first_at := CASE WHEN cap.minutes IS NULL THEN (cap.on_day - (cap.days - 1))::timestamp AT TIME ZONE cap.clock
                         ELSE starts_at - make_interval(mins => cap.minutes) END;
        IF cap.minutes IS NULL AND ((NEW.expires_at - interval '1 microsecond') AT TIME ZONE cap.clock)::date <> cap.on_day THEN
            RAISE EXCEPTION 'a permit under a cap of days ends with its day: %', cap.rule USING ERRCODE = 'restrict_violation';
        END IF;
        FOR about IN
            SELECT d.id FROM debt d WHERE cap.per ? 'debt' AND d.person_id = NEW.person_id AND (NEW.debts = '[]' OR NEW.debts @> to_jsonb(d.id))
            UNION ALL SELECT NULL WHERE NOT cap.per ? 'debt'
        LOOP
            SELECT count(*) FILTER (WHERE w.counts IS NOT FALSE) AS possible, count(*) FILTER (WHERE w.counts) AS certain,
                   coalesce(array_agg(w.permit_id) FILTER (WHERE w.counts IS NOT FALSE AND w.permit_id IS NOT NULL), '{}') AS holders
            INTO tally
            FROM (
                SELECT e.permit_id,
                       zhizhi_counts(cap.counts, cap.min_seconds, e.channel, e.form, e.outcome, e.talk_seconds, e.exchanged,
                                     CASE WHEN e.point_id IS NOT NULL THEN coalesce(n.is_misdirected, false) END)
                       AND CASE WHEN about IS NULL OR jsonb_array_length(e.debts) = 1 THEN true END AS counts
                FROM zhizhi_events_beside(NEW.person_id, NEW.id, first_at) e
                LEFT JOIN point n ON n.person_id = NEW.person_id AND n.id = e.point_id
                WHERE e.at >= first_at AND (cap.minutes IS NULL OR e.at > first_at) AND (e.at AT TIME ZONE cap.clock)::date <= cap.on_day
                  AND (e.at <= starts_at OR NEW.origin = 'system')
                  AND e.party_id = NEW.party_id AND zhizhi_in_source(cap.counts, e.channel, e.purpose)
                  AND (NOT cap.to_one_point OR e.point_id = NEW.point_id)
                  AND (NOT cap.by_one_collector OR e.collector IN (NEW.collector, ''))
                  AND (cap.counts <> 'unanswered_dials_alike' OR e.is_robot IS NULL)
                  AND (about IS NULL OR e.debts = '[]' OR e.debts @> to_jsonb(about))
                  AND NOT zhizhi_only_reminds(NEW.person_id, e.purpose, e.debts)
            ) w;
            IF (cap.is_reviewed AND tally.certain >= bound) OR (NOT cap.is_reviewed AND tally.possible >= bound) THEN
                RAISE EXCEPTION 'a permit stands above the cap of %', cap.rule USING ERRCODE = 'restrict_violation';
            END IF;
            CONTINUE WHEN cap.days <> 1 OR cap.minutes IS NOT NULL OR NOT zhizhi_in_source(cap.counts, NEW.channel, NEW.purpose);
            key_of_slot := concat_ws('/', 'p' || NEW.party_id, CASE WHEN cap.to_one_point THEN 'm' || NEW.point_id END,
                                     CASE WHEN cap.by_one_collector THEN NEW.collector END, 'd' || about);
            DELETE FROM permit_slot s WHERE s.person_id = NEW.person_id AND s.rule = cap.rule AND s.key = key_of_slot AND s.on_day = cap.on_day
               AND s.permit_id <> ALL (tally.holders);
            INSERT INTO permit_slot (person_id, permit_id, rule, key, on_day, number, bound)
            SELECT NEW.person_id, NEW.id, cap.rule, key_of_slot, cap.on_day, min(free.number), CASE WHEN NOT cap.is_reviewed THEN bound END
            FROM generate_series(1, cardinality(tally.holders) + 1) AS free (number)
            WHERE NOT EXISTS (SELECT 1 FROM permit_slot s WHERE s.person_id = NEW.person_id AND s.rule = cap.rule AND s.key = key_of_slot
                                 AND s.on_day = cap.on_day AND s.number = free.number);
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;
