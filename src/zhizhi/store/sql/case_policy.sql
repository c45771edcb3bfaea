-- The same rule as before, written so that the planner sees which lenders, agencies or collectors are meant: comparing with
-- an array keeps the indexes of the worklist in use (benchmarks/worklist.py).
CREATE FUNCTION zhizhi_viewer_ids(wanted text, setting text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN zhizhi_viewer('scope') IS DISTINCT FROM wanted THEN '{}'::bigint[]
        WHEN zhizhi_viewer(setting) IS NULL THEN '{}'::bigint[]
        WHEN wanted = 'lender' AND zhizhi_viewer(setting) = '*' THEN (SELECT array_agg(id) FROM lender)
        ELSE ARRAY[zhizhi_viewer(setting)::bigint]
    END
$$;

DROP POLICY web_reads ON collection_case;
CREATE POLICY web_reads ON collection_case FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR agency_id = ANY ((SELECT zhizhi_viewer_ids('agency', 'agency'))::bigint[])
    OR collector_id = ANY ((SELECT zhizhi_viewer_ids('self', 'staff'))::bigint[])
);
