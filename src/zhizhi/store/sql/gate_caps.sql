-- The second line below the gate: a permit that stands above what the law could permit in any case is refused at commit,
-- whatever code wrote it (docs/decisions/0031-caps-in-the-database.md).

-- Activation is the owner's; everybody may read what is bounded.
REVOKE ALL ON cap_limit, cap_activation FROM zhizhi_gate, zhizhi_web;
GRANT SELECT ON cap_limit, cap_activation TO zhizhi_gate, zhizhi_web;

-- Slots are taken and freed by the trigger alone.
ALTER TABLE permit_slot ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON permit_slot FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = permit_slot.person_id));
CREATE POLICY gate_works ON permit_slot TO zhizhi_gate USING (true) WITH CHECK (true);
REVOKE ALL ON permit_slot FROM zhizhi_gate, zhizhi_web;
GRANT SELECT ON permit_slot TO zhizhi_gate, zhizhi_web;
ALTER TABLE permit_slot ADD FOREIGN KEY (person_id, permit_id) REFERENCES permit (person_id, id);

-- Whether an event belongs to where a kind of count is looked for (SOURCES of core/conduct/counts.py).
CREATE FUNCTION zhizhi_in_source(kind text, channel text, purpose text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
    WHEN kind IN ('visits', 'valid_visits') THEN channel = 'visit' AND purpose IS DISTINCT FROM 'serve'
    WHEN kind = 'letters' THEN channel = 'letter' AND purpose IS DISTINCT FROM 'serve'
    WHEN kind = 'written' THEN channel IN ('letter', 'email', 'sms', 'im', 'app') AND purpose IS DISTINCT FROM 'serve'
    WHEN kind = 'contacts' THEN true
    ELSE channel IN ('voice', 'ringless_voicemail')
END
$$;

-- Whether an event of that source counts: yes, no, or null where the record does not tell (COUNTERS of the same file;
-- tests/store/test_gate_caps.py compares the two over every combination).
CREATE FUNCTION zhizhi_counts(kind text, seconds integer, channel text, form text, outcome text, talk_seconds integer,
                              exchanged boolean, misdirected boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind
    WHEN 'connected_notices' THEN form = 'notification' AND (
        outcome IN ('conversation', 'connected', 'answered_dropped')
        OR (channel = 'ringless_voicemail' AND outcome IN ('delivered', 'sent')))
    WHEN 'valid_calls' THEN form = 'interactive'
        AND coalesce(outcome IN ('conversation', 'connected', 'answered_dropped'), true)
        AND talk_seconds >= seconds AND coalesce(exchanged, CASE WHEN outcome = 'conversation' THEN true END)
    WHEN 'answered_calls' THEN CASE
        WHEN outcome IS NULL THEN CASE
            WHEN form = 'interactive' AND talk_seconds < seconds AND exchanged IS FALSE THEN false
            WHEN talk_seconds <> 0 OR exchanged THEN true END
        WHEN channel = 'ringless_voicemail' AND outcome IN ('delivered', 'sent') THEN true
        WHEN outcome NOT IN ('conversation', 'connected', 'answered_dropped', 'voicemail_limited', 'voicemail_debt',
                             'voicemail_full') THEN false
        ELSE form = 'notification' OR NOT coalesce(talk_seconds < seconds AND exchanged IS FALSE, false) END
    WHEN 'dials' THEN true
    WHEN 'unanswered_dials_alike' THEN outcome NOT IN ('conversation', 'connected', 'answered_dropped')
    WHEN 'visits' THEN true
    WHEN 'valid_visits' THEN CASE
        WHEN outcome <> 'met' OR exchanged IS FALSE THEN false
        WHEN outcome = 'met' AND exchanged THEN true END
    WHEN 'letters' THEN true
    WHEN 'placed_calls' THEN outcome NOT IN ('busy', 'not_in_service', 'undelivered') AND NOT misdirected
    WHEN 'silent_calls' THEN
        coalesce(outcome IN ('no_answer', 'rejected', 'voicemail_limited', 'voicemail_debt', 'voicemail_full'), true)
        AND outcome NOT IN ('busy', 'not_in_service', 'undelivered') AND NOT misdirected
    WHEN 'written' THEN outcome <> 'undelivered'
    WHEN 'contacts' THEN outcome IS DISTINCT FROM 'undelivered'
END
$$;

-- Whether every debt that a contact is about (none named: all) is not due yet: then it reminds and does not collect.
CREATE FUNCTION zhizhi_only_reminds(of_person bigint, purpose text, about jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT purpose IS NOT DISTINCT FROM 'remind' AND NOT EXISTS (
    SELECT 1 FROM debt d WHERE d.person_id = of_person AND d.state <> 'not_due' AND (about = '[]' OR about @> to_jsonb(d.id)))
$$;

-- What may have happened to a person since an instant, beside one permit: contacts, and permits whose outcome is open.
CREATE FUNCTION zhizhi_events_beside(of_person bigint, beside bigint, since timestamptz)
RETURNS TABLE (permit_id bigint, at timestamptz, channel text, party_id bigint, point_id bigint, debts jsonb, form text,
               purpose text, collector text, outcome text, talk_seconds integer, exchanged boolean, is_robot boolean)
LANGUAGE sql STABLE AS $$
SELECT c.permit_id, c.at, c.channel, c.party_id, c.point_id, coalesce(c.debts, '[]'), c.form, c.purpose, c.collector, c.outcome,
       c.talk_seconds, c.exchanged, c.is_robot
FROM contact c
WHERE c.person_id = of_person AND c.at >= since AND c.direction = 'out' AND c.permit_id IS DISTINCT FROM beside
UNION ALL
SELECT m.id, coalesce(m.used_at, greatest(m.not_before, m.minted_at)), m.channel, m.party_id, m.point_id, m.debts, m.form, m.purpose,
       m.collector, NULL, NULL, NULL, NULL
FROM permit m
WHERE m.person_id = of_person AND m.id <> beside AND m.state IN ('open', 'used')
  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.person_id = m.person_id AND c.permit_id = m.id)
$$;

-- Recounts every cap that surely applies to a new permit, under the lock of its person, and takes its slots.
CREATE FUNCTION zhizhi_permit_within_caps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    SELECT l.profile, coalesce(p.time_zones ->> 0, 'Asia/Shanghai') AS zone, t.role, d.body -> 'budgets' AS budgets,
           coalesce(d.facts ->> 'reading', 'strict') AS reading
    INTO STRICT known
    FROM person p JOIN lender l ON l.id = p.lender_id
    JOIN party t ON t.person_id = p.id AND t.id = NEW.party_id
    JOIN decision d ON d.person_id = p.id AND d.id = NEW.decision_id
    WHERE p.id = NEW.person_id;
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
        WHERE c.profile = known.profile AND c.reading = known.reading AND z.day >= c.from_on AND (c.until_on IS NULL OR z.day < c.until_on)
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
CREATE CONSTRAINT TRIGGER permit_within_caps AFTER INSERT ON permit DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zhizhi_permit_within_caps();
