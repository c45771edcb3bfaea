-- What is true of debts (docs/decisions/0070-true-consequences-and-creditor.md): rows are only added, the last one of a debt and a fact counts; seen by
-- whoever sees the person, for whoever talks to them has to know what may be said.
ALTER TABLE debt_fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON debt_fact TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON debt_fact FOR SELECT TO zhizhi_web 
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = debt_fact.person_id));
GRANT SELECT ON debt_fact TO zhizhi_web;
GRANT SELECT, INSERT ON debt_fact TO zhizhi_gate;
ALTER TABLE debt_fact ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
CREATE TRIGGER debt_fact_only_added BEFORE UPDATE OR DELETE ON debt_fact FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- What inserts a wording without saying what it claims is read by its words alone.
ALTER TABLE template_version ALTER COLUMN claims SET DEFAULT '[]';

-- Adverse information is reported of a debt that is reported at all, after the person was told (CRR 15). Writers of a person are one at a time.
CREATE FUNCTION zhizhi_told_before_adverse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (
            SELECT DISTINCT ON (f.fact) f.fact, f.holds, f.on_day FROM debt_fact f
            WHERE f.person_id = NEW.person_id AND f.debt_id = NEW.debt_id AND f.fact IN ('credit_reporting', 'adverse_notice')
            ORDER BY f.fact, f.n DESC) known
        WHERE known.holds AND (known.fact = 'credit_reporting' OR known.on_day <= NEW.on_day)) < 2 THEN
        RAISE EXCEPTION 'the person is told before adverse information is reported' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debt_fact_told_before BEFORE INSERT ON debt_fact FOR EACH ROW
    WHEN (NEW.fact = 'adverse_reported' AND NEW.holds) EXECUTE FUNCTION zhizhi_told_before_adverse();

-- Whether a claim is true of one debt now: the second reading of core/consequence/claims.py, asked at the second of leaving; a test compares the two.
-- Unknown is not true.
CREATE FUNCTION zhizhi_claim_is_true(of_person bigint, of_debt bigint, claim text, purpose text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
WITH latest AS (
    SELECT DISTINCT ON (f.fact) f.fact, f.holds FROM debt_fact f
    WHERE f.person_id = of_person AND f.debt_id = of_debt ORDER BY f.fact, f.n DESC
), said AS (
    SELECT coalesce(bool_or(holds) FILTER (WHERE fact = 'credit_reporting'), false) AS reports,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'adverse_notice'), false) AS told,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'adverse_reported'), false) AS reported,
        bool_or(holds) FILTER (WHERE fact = 'interest_stopped') AS stopped,
        coalesce(bool_or(holds) FILTER (WHERE fact = 'accelerated'), false) AS accelerated
    FROM latest
), file AS (
    SELECT c.state FROM court_file c WHERE c.person_id = of_person AND c.debt_id = of_debt AND c.ended_on IS NULL
       AND (c.state <> 'prepared' OR c.begin_by >= (at AT TIME ZONE 'Asia/Shanghai')::date)
)
SELECT CASE claim
    WHEN 'credit_reporting' THEN reports
    WHEN 'adverse_report' THEN reports AND (told OR purpose = 'required_by_law')
    WHEN 'adverse_reported' THEN reports AND reported
    WHEN 'interest_stopped' THEN coalesce(stopped, false)
    WHEN 'interest_running' THEN NOT coalesce(stopped, true)
    WHEN 'accelerated' THEN accelerated
    WHEN 'suit' THEN EXISTS (SELECT 1 FROM file WHERE state NOT IN ('ended', 'mediating', 'mediated', 'confirming', 'settled'))
    WHEN 'enforcement' THEN EXISTS (SELECT 1 FROM file WHERE state IN ('effective', 'enforcing', 'stayed'))
    ELSE false END
FROM said
$$;

-- Whether the wording of a permit claims what is not true of every debt that it is about.
CREATE FUNCTION zhizhi_claims_untrue(of_person bigint, of_permit bigint, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT EXISTS (
    SELECT 1 FROM permit m JOIN template_version v ON v.id = m.template_version_id
    CROSS JOIN LATERAL jsonb_array_elements_text(v.claims) AS claim
    WHERE m.person_id = of_person AND m.id = of_permit
      AND (claim NOT IN ('suit', 'enforcement')
           OR m.purpose IN ('collect', 'remind', 'relay', 'locate', 'discount_offer', 'active_litigation', 'serve'))
      AND EXISTS (SELECT 1 FROM debt d WHERE d.person_id = m.person_id
          AND (m.debts @> to_jsonb(d.id) OR m.debts = '[]' AND d.state <> 'settled')
          AND NOT zhizhi_claim_is_true(m.person_id, d.id, claim, m.purpose, at)))
$$;

-- Why a text that was permitted may not leave now; null where it may: as in filings.sql, and no claim that is not true.
CREATE OR REPLACE FUNCTION zhizhi_text_falls(of_person bigint, of_permit bigint, via text, of_carrier text, carriers text[], at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT CASE
    WHEN v.state = 'withdrawn' THEN 'template_withdrawn'
    WHEN v.claims <> '[]' AND zhizhi_claims_untrue(of_person, of_permit, at) THEN 'untrue_claim'
    WHEN m.channel = 'sms' AND via <> 'sink' AND EXISTS (
        SELECT 1 FROM unnest(carriers) c
        WHERE c = coalesce(of_carrier, c) AND NOT EXISTS (
            SELECT 1 FROM zhizhi_filed_until(m.template_version_id) f
            WHERE f.carrier = c AND f.until_on >= (at AT TIME ZONE 'Asia/Shanghai')::date)) THEN 'not_filed'
    END
FROM permit m LEFT JOIN template_version v ON v.id = m.template_version_id
WHERE m.person_id = of_person AND m.id = of_permit
$$;
