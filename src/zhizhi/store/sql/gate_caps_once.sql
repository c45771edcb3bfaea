-- The recount of caps, as it stood (gate_lean_triggers.sql), at less cost: what happened to the party is read once for all caps,
-- a count over nothing is nothing, and the places of one that had none need not be looked through.

-- What may have happened to a party, as a cap weighs it. `is_misdirected`: null where it was at no point of ours.
CREATE TYPE zhizhi_cap_event AS (
    permit_id bigint, at timestamptz, channel text, point_id bigint, debts jsonb, form text, purpose text, collector text, outcome text,
    talk_seconds integer, exchanged boolean, is_robot boolean, is_misdirected boolean
);

CREATE OR REPLACE FUNCTION zhizhi_permit_within_caps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    starts_at timestamptz := greatest(NEW.not_before, NEW.minted_at);
    known record;
    cap record;
    events zhizhi_cap_event[];
    abouts bigint[];
    about bigint;
    bound integer;
    key_of_slot text;
    first_at timestamptz;
    possible bigint;
    certain bigint;
    holders bigint[];
    has_slots boolean;
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
    SELECT l.profile, coalesce(p.time_zones ->> 0, 'Asia/Shanghai') AS zone, d.body -> 'budgets' AS budgets,
           zhizhi_names_house(NEW.lender_id, NEW.person_id, NEW.decision_id) AS names_house,
           EXISTS (SELECT 1 FROM cap_activation a WHERE a.profile = l.profile) AS is_active, bounding.caps, bounding.widest
    INTO STRICT known
    FROM person p JOIN lender l ON l.id = p.lender_id
    JOIN party t ON t.person_id = p.id AND t.id = NEW.party_id
    JOIN decision d ON d.person_id = p.id AND d.id = NEW.decision_id
    CROSS JOIN LATERAL (
        SELECT array_agg(c.id) AS caps, make_interval(days => max(greatest(c.days, coalesce(c.minutes, 0) / 1440 + 1)) + 1) AS widest
        FROM cap_limit c
        WHERE c.profile = l.profile AND (c.lender_id IS NULL OR c.lender_id = NEW.lender_id)
          AND c.reading = coalesce(d.facts ->> 'reading', 'strict') AND c.channels ? NEW.channel
          AND (c.forms IS NULL OR c.forms ? NEW.form) AND (c.purposes IS NULL OR c.purposes ? NEW.purpose)
          AND (c.roles IS NULL OR c.roles ? t.role) AND NOT c.lifting_purposes ? NEW.purpose
    ) bounding
    WHERE p.id = NEW.person_id;
    IF NOT known.names_house THEN
        RAISE EXCEPTION 'decided under other house rules than stand now' USING ERRCODE = 'serialization_failure';
    END IF;
    IF NOT known.is_active THEN
        RAISE EXCEPTION 'no caps are activated for profile %; run `zhizhi migrate`', known.profile USING ERRCODE = 'restrict_violation';
    END IF;
    IF known.caps IS NULL THEN
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
        IF events IS NULL THEN
            -- written out: a function in SQL would be planned anew at each call. What only reminded of debts that are not due is
            -- weighed by no cap
            SELECT coalesce(array_agg(ROW(e.permit_id, e.at, e.channel, e.point_id, e.debts, e.form, e.purpose, e.collector, e.outcome,
                                          e.talk_seconds, e.exchanged, e.is_robot,
                                          CASE WHEN e.point_id IS NOT NULL THEN coalesce(n.is_misdirected, false) END)::zhizhi_cap_event), '{}'),
                   EXISTS (SELECT 1 FROM permit_slot s WHERE s.person_id = NEW.person_id)
            INTO events, has_slots
            FROM zhizhi_events_beside(NEW.person_id, NEW.id, starts_at - known.widest) e
            LEFT JOIN point n ON n.person_id = NEW.person_id AND n.id = e.point_id
            WHERE e.at >= starts_at - known.widest AND e.party_id = NEW.party_id
              AND NOT zhizhi_only_reminds(NEW.person_id, e.purpose, e.debts);
        END IF;
        abouts := ARRAY[NULL::bigint];
        IF cap.per ? 'debt' THEN
            abouts := ARRAY(SELECT d.id FROM debt d WHERE d.person_id = NEW.person_id AND (NEW.debts = '[]' OR NEW.debts @> to_jsonb(d.id)));
        END IF;
        FOREACH about IN ARRAY abouts LOOP
            possible := 0;
            certain := 0;
            holders := '{}';
            IF events <> '{}' THEN
                SELECT count(*) FILTER (WHERE w.counts IS NOT FALSE), count(*) FILTER (WHERE w.counts),
                       coalesce(array_agg(w.permit_id) FILTER (WHERE w.counts IS NOT FALSE AND w.permit_id IS NOT NULL), '{}')
                INTO possible, certain, holders
                FROM (
                    SELECT e.permit_id,
                           zhizhi_counts(cap.counts, cap.min_seconds, e.channel, e.form, e.outcome, e.talk_seconds, e.exchanged, e.is_misdirected)
                           AND CASE WHEN about IS NULL OR jsonb_array_length(e.debts) = 1 THEN true END AS counts
                    FROM unnest(events) e
                    WHERE e.at >= first_at AND (cap.minutes IS NULL OR e.at > first_at) AND (e.at AT TIME ZONE cap.clock)::date <= cap.on_day
                      AND (e.at <= starts_at OR NEW.origin = 'system')
                      AND zhizhi_in_source(cap.counts, e.channel, e.purpose)
                      AND (NOT cap.to_one_point OR e.point_id = NEW.point_id)
                      AND (NOT cap.by_one_collector OR e.collector IN (NEW.collector, ''))
                      AND (cap.counts <> 'unanswered_dials_alike' OR e.is_robot IS NULL)
                      AND (about IS NULL OR e.debts = '[]' OR e.debts @> to_jsonb(about))
                ) w;
            END IF;
            IF (cap.is_reviewed AND certain >= bound) OR (NOT cap.is_reviewed AND possible >= bound) THEN
                RAISE EXCEPTION 'a permit stands above the cap of %', cap.rule USING ERRCODE = 'restrict_violation';
            END IF;
            CONTINUE WHEN cap.days <> 1 OR cap.minutes IS NOT NULL OR NOT zhizhi_in_source(cap.counts, NEW.channel, NEW.purpose);
            key_of_slot := concat_ws('/', 'p' || NEW.party_id, CASE WHEN cap.to_one_point THEN 'm' || NEW.point_id END,
                                     CASE WHEN cap.by_one_collector THEN NEW.collector END, 'd' || about);
            IF has_slots THEN
                DELETE FROM permit_slot s WHERE s.person_id = NEW.person_id AND s.rule = cap.rule AND s.key = key_of_slot AND s.on_day = cap.on_day
                   AND s.permit_id <> ALL (holders);
                INSERT INTO permit_slot (person_id, permit_id, rule, key, on_day, number, bound)
                SELECT NEW.person_id, NEW.id, cap.rule, key_of_slot, cap.on_day, min(free.number), CASE WHEN NOT cap.is_reviewed THEN bound END
                FROM generate_series(1, cardinality(holders) + 1) AS free (number)
                WHERE NOT EXISTS (SELECT 1 FROM permit_slot s WHERE s.person_id = NEW.person_id AND s.rule = cap.rule AND s.key = key_of_slot
                                     AND s.on_day = cap.on_day AND s.number = free.number);
            ELSE
                INSERT INTO permit_slot (person_id, permit_id, rule, key, on_day, number, bound)
                VALUES (NEW.person_id, NEW.id, cap.rule, key_of_slot, cap.on_day, 1, CASE WHEN NOT cap.is_reviewed THEN bound END);
            END IF;
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;

-- Each decision moves the version of its person on; with room on the page that writes no index again.
ALTER TABLE person SET (fillfactor = 85);
