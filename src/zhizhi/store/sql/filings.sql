-- Filings with carriers and recalls of wordings (docs/decisions/0065-filings-and-recall.md).
ALTER TABLE carrier_filing ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON carrier_filing TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON carrier_filing FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON carrier_filing TO zhizhi_web;
GRANT SELECT, INSERT ON carrier_filing TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE carrier_filing_id_seq TO zhizhi_gate;
CREATE TRIGGER carrier_filing_only_added BEFORE UPDATE OR DELETE ON carrier_filing FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- What opens the gate takes two persons: an answer of a carrier that lets texts through stands in an approved request.
CREATE FUNCTION zhizhi_filing_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state = 'approved') IS DISTINCT FROM (NEW.approval_id IS NOT NULL) OR NEW.state = 'approved' AND NOT EXISTS (
        SELECT 1 FROM approval p WHERE p.id = NEW.approval_id AND p.act = 'carrier_filing' AND p.state IN ('approved', 'executed')
           AND p.lender_id = NEW.lender_id AND p.request -> 'carriers' ? NEW.carrier AND p.request ->> 'number' = NEW.number
           AND p.request ->> 'signature' = NEW.signature AND (p.request ->> 'version')::bigint IS NOT DISTINCT FROM NEW.version_id
           AND (p.request ->> 'expires_on')::date IS NOT DISTINCT FROM NEW.expires_on) THEN
        RAISE EXCEPTION 'a filing that lets texts through is approved by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM template_version v JOIN template t ON t.id = v.template_id
        WHERE v.id = NEW.version_id AND t.lender_id = NEW.lender_id AND t.channel = NEW.channel) THEN
        RAISE EXCEPTION 'a filing is of a wording of its lender and channel' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER carrier_filing_is_approved BEFORE INSERT ON carrier_filing FOR EACH ROW EXECUTE FUNCTION zhizhi_filing_is_approved();

ALTER TABLE wording_recall ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON wording_recall TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON wording_recall FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON wording_recall TO zhizhi_web;
GRANT SELECT, INSERT ON wording_recall TO zhizhi_gate;
GRANT UPDATE (closed_at, closed_by_id, followed_up) ON wording_recall TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE wording_recall_id_seq TO zhizhi_gate;

-- A version that was withdrawn is never used again, and what was done about it is said once.
CREATE FUNCTION zhizhi_withdrawn_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'wording_recall' THEN
        IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a recall is closed once and never deleted' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn' THEN
        RAISE EXCEPTION 'a wording that was withdrawn is never used again' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER template_version_withdrawn_for_good BEFORE UPDATE ON template_version FOR EACH ROW EXECUTE FUNCTION zhizhi_withdrawn_for_good();
CREATE TRIGGER wording_recall_closed_once BEFORE UPDATE OR DELETE ON wording_recall FOR EACH ROW EXECUTE FUNCTION zhizhi_withdrawn_for_good();

-- With which carriers a wording may leave, and until which day: the last step of both filings, that of the wording and that of
-- the signature under which the lender signs now, is an approval.
CREATE FUNCTION zhizhi_filed_until(of_version bigint) RETURNS TABLE (carrier text, until_on date)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
WITH text AS (
    SELECT t.lender_id, t.channel, coalesce(nullif(l.signature, ''), l.name) AS signature
    FROM template_version v JOIN template t ON t.id = v.template_id JOIN lender l ON l.id = t.lender_id WHERE v.id = of_version
), latest AS (
    SELECT DISTINCT ON (f.carrier, f.version_id) f.carrier, f.state, f.expires_on
    FROM text JOIN carrier_filing f ON f.lender_id = text.lender_id AND f.channel = text.channel
         AND (f.version_id = of_version OR f.signature = text.signature)
    ORDER BY f.carrier, f.version_id, f.n DESC
)
SELECT latest.carrier, min(coalesce(latest.expires_on, 'infinity')) FROM latest WHERE latest.state = 'approved'
GROUP BY latest.carrier HAVING count(*) = 2
$$;

-- Why a text that was permitted may not leave now; null where it may. A number whose carrier is not known may be of any.
CREATE FUNCTION zhizhi_text_falls(of_person bigint, of_permit bigint, via text, of_carrier text, carriers text[], at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT CASE
    WHEN v.state = 'withdrawn' THEN 'template_withdrawn'
    WHEN m.channel = 'sms' AND via <> 'sink' AND EXISTS (
        SELECT 1 FROM unnest(carriers) c
        WHERE c = coalesce(of_carrier, c) AND NOT EXISTS (
            SELECT 1 FROM zhizhi_filed_until(m.template_version_id) f
            WHERE f.carrier = c AND f.until_on >= (at AT TIME ZONE 'Asia/Shanghai')::date)) THEN 'not_filed'
    END
FROM permit m LEFT JOIN template_version v ON v.id = m.template_version_id
WHERE m.person_id = of_person AND m.id = of_permit
$$;
