-- The triggers of a permit, as they stood, at less cost: what does not change the answer is not asked.

-- As house_packs.sql; the limits that could speak of this permit are found first, and a message, of which hardly any speaks,
-- asks no further.
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
           zhizhi_names_house(NEW.lender_id, NEW.person_id, NEW.decision_id) AS names_house,
           EXISTS (SELECT 1 FROM cap_activation a WHERE a.profile = l.profile) AS is_active,
           ARRAY(SELECT c.id FROM cap_limit c
                 WHERE c.profile = l.profile AND (c.lender_id IS NULL OR c.lender_id = NEW.lender_id)
                   AND c.reading = coalesce(d.facts ->> 'reading', 'strict') AND c.channels ? NEW.channel
                   AND (c.forms IS NULL OR c.forms ? NEW.form) AND (c.purposes IS NULL OR c.purposes ? NEW.purpose)
                   AND (c.roles IS NULL OR c.roles ? t.role) AND NOT c.lifting_purposes ? NEW.purpose) AS caps
    INTO STRICT known
    FROM person p JOIN lender l ON l.id = p.lender_id
    JOIN party t ON t.person_id = p.id AND t.id = NEW.party_id
    JOIN decision d ON d.person_id = p.id AND d.id = NEW.decision_id
    WHERE p.id = NEW.person_id;
    IF NOT known.names_house THEN
        RAISE EXCEPTION 'decided under other house rules than stand now' USING ERRCODE = 'serialization_failure';
    END IF;
    IF NOT known.is_active THEN
        RAISE EXCEPTION 'no caps are activated for profile %; run `zhizhi migrate`', known.profile USING ERRCODE = 'restrict_violation';
    END IF;
    IF known.caps = '{}' THEN
        RETURN NULL;
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
        WHERE c.id = ANY (known.caps) AND z.day >= c.from_on AND (c.until_on IS NULL OR z.day < c.until_on)
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

-- As gate_bindings.sql; the documents of the decision are opened once.
CREATE OR REPLACE FUNCTION zhizhi_permit_is_permitted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided record;
    debts_of_permit jsonb := '[]';
BEGIN
    IF NEW.state <> 'open' OR NEW.used_at IS NOT NULL OR NEW.released_at IS NOT NULL OR NEW.released_because IS NOT NULL THEN
        RAISE EXCEPTION 'a permit begins as open' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.not_before < NEW.minted_at OR NEW.expires_at > coalesce(NEW.must_end_by, NEW.expires_at) THEN
        RAISE EXCEPTION 'a permit lies between its decision and the end of the hours' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.debts <> '[]' THEN
        SELECT coalesce(jsonb_agg('d' || debt), '[]') INTO debts_of_permit FROM jsonb_array_elements_text(NEW.debts) debt;
    END IF;
    SELECT d.facts -> 'proposed' AS proposed, d.facts -> 'collector' ->> 'id' AS collector,
           (d.body ->> 'must_end_by')::timestamptz AS must_end_by
    INTO decided
    FROM decision d JOIN person p ON p.id = d.person_id
    WHERE d.person_id = NEW.person_id AND d.id = NEW.decision_id AND d.verdict = 'permit' AND d.channel = NEW.channel
      AND p.lender_id = NEW.lender_id;
    IF NOT FOUND OR (
        decided.proposed ->> 'channel' = NEW.channel
        AND decided.proposed ->> 'party' = 'p' || NEW.party_id
        AND decided.proposed ->> 'point' = 'm' || NEW.point_id
        AND decided.proposed ->> 'form' = NEW.form
        AND decided.proposed ->> 'purpose' = NEW.purpose
        AND (decided.proposed ->> 'at')::timestamptz = NEW.minted_at
        AND decided.collector = NEW.collector
        AND coalesce(decided.proposed -> 'debts', '[]') = debts_of_permit
        AND date_trunc('second', NEW.must_end_by) IS NOT DISTINCT FROM date_trunc('second', decided.must_end_by)
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a permit needs a decision that permits' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A delivery that waits has nothing to show; asking the function for nothing costs as much as writing a row.
DROP TRIGGER delivery_has_permit ON delivery;
CREATE TRIGGER delivery_has_permit BEFORE INSERT OR UPDATE ON delivery
    FOR EACH ROW WHEN (NEW.state <> 'waiting') EXECUTE FUNCTION zhizhi_delivery_has_permit();

-- The version of a person counts and is no change (history.sql): every column but that one is named here, and a test holds the
-- list against the table.
DROP TRIGGER person_keeps_former ON person;
CREATE TRIGGER person_keeps_former AFTER DELETE OR UPDATE OF id, lender_id, subject, identity_key, customer_key, name_key,
    id_number_key, last_four_key, data_key, sealed, masked, state, time_zones, import_id, created_at ON person
    FOR EACH ROW EXECUTE FUNCTION zhizhi_keep_former();
