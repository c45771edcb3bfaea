-- What seats did in a span, as numbers alone and for whoever leads them: a case that was paid or went on since is seen no more by its
-- team, and the calls that were made on it stay a day's work. Who sees a lender whole counts the rows themselves.
CREATE FUNCTION zhizhi_seat_days(from_at timestamptz, until_at timestamptz)
RETURNS TABLE (staff_id bigint, dials bigint, talks bigint, latest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.staff_id, count(*), count(*) FILTER (WHERE t.outcome = 'conversation'), max(t.at)
    FROM contact t JOIN person p ON p.id = t.person_id
    WHERE t.staff_id = ANY ((SELECT zhizhi_seen_collectors())::bigint[])
      AND p.lender_id = ANY ((SELECT zhizhi_own_lenders())::bigint[])
      AND t.at >= from_at AND t.at < until_at AND t.direction = 'out' AND t.channel = 'voice'
    GROUP BY t.staff_id
$$;
REVOKE ALL ON FUNCTION zhizhi_seat_days FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_seat_days TO zhizhi_web;
