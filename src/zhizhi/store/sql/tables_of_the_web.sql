-- What the web's login still read whole: each table is read by viewer, through a function, or stands in docs/reference/tables.md
-- with its reason (docs/decisions/0054-canaries.md).

-- Leaves of a person go with the sight of the person. Those of nobody are for compliance and the auditor; of requests and alarms
-- only where the row is for the same eyes, because that there is a leaf says that there was one.
CREATE FUNCTION zhizhi_sees_the_log() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM zhizhi_desk() d WHERE d.role IN ('compliance', 'auditor') AND d.scope = 'lender' AND d.agency_id IS NULL)
$$;
ALTER TABLE leaf ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON leaf TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON leaf FOR SELECT TO zhizhi_web USING (
    CASE WHEN source_person_id IS NOT NULL THEN EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = leaf.source_person_id)
         WHEN NOT (SELECT zhizhi_sees_the_log()) THEN false
         WHEN source_table = 'canary_alarm' THEN source_id IN (SELECT a.id FROM canary_alarm a)
         WHEN source_table = 'approval' THEN source_id IN (SELECT p.id FROM approval p)
         ELSE true END);

-- How long the log is, and what waits for a number: for the page of the day, whoever reads it.
CREATE FUNCTION zhizhi_log_size(OUT numbered bigint, OUT waiting bigint, OUT oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT coalesce((SELECT max(l.position) + 1 FROM leaf l), 0), count(*), min(u.at) FROM leaf u WHERE u.position IS NULL
$$;
REVOKE ALL ON FUNCTION zhizhi_log_size() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_log_size() TO zhizhi_web;

-- Hashes of leaves, by which a proof is made; the published tiles hold the same.
CREATE FUNCTION zhizhi_leaf_hashes(first bigint, before bigint) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT sha256('\x00'::bytea || l.body) FROM leaf l WHERE l.position >= first AND l.position < before ORDER BY l.position
$$;
REVOKE ALL ON FUNCTION zhizhi_leaf_hashes(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_leaf_hashes(bigint, bigint) TO zhizhi_web;

-- Caps that a lender's own pack sets are for those who work for it; those of the law are everybody's.
ALTER TABLE cap_limit ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON cap_limit TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON cap_limit FOR SELECT TO zhizhi_web
    USING (lender_id IS NULL OR lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[]));
