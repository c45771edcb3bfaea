-- Bulk stops, and where persons live (docs/decisions/0068-bulk-stops.md).
ALTER TABLE bulk_stop ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON bulk_stop TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON bulk_stop FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('staff')) IS NOT NULL
    AND (lender_id IS NULL OR lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]))
    AND (agency_id IS NULL OR (SELECT zhizhi_own_agency()) IN (0, agency_id)));
GRANT SELECT ON bulk_stop TO zhizhi_web;
GRANT SELECT, INSERT ON bulk_stop TO zhizhi_gate;
GRANT UPDATE (lifted_at, lifted_by_id, lifted_ground, approval_id) ON bulk_stop TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE bulk_stop_id_seq TO zhizhi_gate;

ALTER TABLE residence ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON residence TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON residence FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = residence.person_id));
GRANT SELECT ON residence TO zhizhi_web;
GRANT SELECT, INSERT ON residence TO zhizhi_gate;
CREATE TRIGGER residence_only_added BEFORE UPDATE OR DELETE ON residence FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- A stop is lifted once, while it lasts, by an approval of exactly this by two persons; it is never otherwise changed.
CREATE FUNCTION zhizhi_bulk_stop_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.lifted_at >= OLD.until_at OR NOT EXISTS (
        SELECT 1 FROM approval p WHERE p.id = NEW.approval_id AND p.act = 'bulk_stop_lift' AND p.state IN ('approved', 'executed')
           AND p.lender_id IS NOT DISTINCT FROM NEW.lender_id AND (p.request ->> 'bulk_stop')::bigint = NEW.id) THEN
        RAISE EXCEPTION 'a bulk stop ends by itself, or two persons lift it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bulk_stop_stands BEFORE UPDATE OR DELETE ON bulk_stop FOR EACH ROW EXECUTE FUNCTION zhizhi_bulk_stop_stands();

-- Whom a stop of this house, agency, product and these areas means: the one definition. A person whose residence nobody recorded may
-- live in any area; one that is known to the city only may live in each of its counties. Without settings of its own, so that it becomes
-- a part of the statement that asks.
CREATE FUNCTION zhizhi_bulk_persons(of_lender bigint, of_agency bigint, of_product text, of_areas jsonb)
RETURNS TABLE (person_id bigint, is_placed boolean) LANGUAGE sql STABLE AS $$
SELECT p.id, h.stem IS NOT NULL
FROM person p LEFT JOIN LATERAL (
    SELECT regexp_replace(r.division, '(00){1,2}$', '') AS stem FROM residence r WHERE r.person_id = p.id ORDER BY r.id DESC LIMIT 1) h ON true
WHERE (of_lender IS NULL OR p.lender_id = of_lender)
  AND (of_agency IS NULL OR EXISTS (
      SELECT 1 FROM collection_case c WHERE c.person_id = p.id AND c.closed_on IS NULL AND c.agency_id = of_agency))
  AND (of_product = '' OR EXISTS (SELECT 1 FROM debt d WHERE d.person_id = p.id AND d.product = of_product AND d.state <> 'settled'))
  AND (of_areas = '[]' OR h.stem IS NULL OR EXISTS (
      SELECT 1 FROM jsonb_array_elements_text(of_areas) a (code), regexp_replace(a.code, '(00){1,2}$', '') s (stem)
      WHERE starts_with(h.stem, s.stem) OR starts_with(s.stem, h.stem)))
$$;

-- The stop that is in the way of a contact of this person at an instant, the one that lasts longest; null where none is.
CREATE FUNCTION zhizhi_bulk_stop_of(of_person bigint, via text, of_purpose text, at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT b.id FROM bulk_stop b
WHERE b.lifted_at IS NULL AND b.from_at <= at AND b.until_at > at AND b.channel IN ('', via)
  AND of_purpose NOT IN ('serve', 'answer_request', 'required_by_law', 'opt_out_confirmation', 'complaint_reply')
  AND EXISTS (SELECT 1 FROM zhizhi_bulk_persons(b.lender_id, b.agency_id, b.product, b.areas) q WHERE q.person_id = of_person)
ORDER BY b.until_at DESC, b.id LIMIT 1
$$;
