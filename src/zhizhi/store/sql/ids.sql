-- Ids come in blocks of 1000 from one sequence; the lock keeps the blocks of one request together.
CREATE SEQUENCE zhizhi_block START 1000 INCREMENT 1000;

CREATE FUNCTION zhizhi_take_blocks(wanted integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first bigint;
BEGIN
    IF wanted < 1 OR wanted > 1000000 THEN
        RAISE EXCEPTION 'blocks out of range: %', wanted;
    END IF;
    PERFORM pg_advisory_lock(726501);
    first := nextval('zhizhi_block');
    IF wanted > 1 THEN
        PERFORM setval('zhizhi_block', first + (wanted - 1) * 1000::bigint);
    END IF;
    PERFORM pg_advisory_unlock(726501);
    RETURN first;
END $$;

CREATE SEQUENCE case_number;
