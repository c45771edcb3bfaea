-- Row-level security and grants. The logins themselves are made by `zhizhi migrate` before this file runs (they belong to the cluster).
GRANT USAGE ON SCHEMA public TO zhizhi_web, zhizhi_gate;

-- Settings of the viewer; never set means nobody, and nobody sees nothing.
CREATE FUNCTION zhizhi_viewer(setting text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('zhizhi.' || setting, true), '') $$;

DO $$
DECLARE
    protected text;
BEGIN
    -- Rows of a person: seen where a case of the person is seen.
    FOREACH protected IN ARRAY ARRAY['party', 'point', 'statement', 'debt', 'instalment', 'payment', 'entry', 'stop', 'note',
                                     'promise', 'decision', 'permit', 'delivery', 'contact', 'hold', 'wish', 'former_row'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
                        USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['person', 'collection_case', 'imported_file', 'refused_row', 'salt', 'inbox_item'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;

CREATE POLICY web_reads ON collection_case FOR SELECT TO zhizhi_web USING (
    ((SELECT zhizhi_viewer('scope')) = 'lender'
        AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))))
    OR ((SELECT zhizhi_viewer('scope')) = 'agency' AND agency_id::text = (SELECT zhizhi_viewer('agency')))
    OR ((SELECT zhizhi_viewer('scope')) = 'self' AND collector_id::text = (SELECT zhizhi_viewer('staff')))
);
CREATE POLICY web_reads ON person FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = person.id));
CREATE POLICY web_reads ON imported_file FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) = 'lender'
    AND ((SELECT zhizhi_viewer('lender')) = '*' OR lender_id::text = (SELECT zhizhi_viewer('lender'))));
CREATE POLICY web_reads ON refused_row FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM imported_file f WHERE f.id = refused_row.file_id));

-- The web login reads; of its own it writes sessions and the time of a sign-in.
GRANT SELECT ON lender, agency, queue, staff, person, party, point, statement, debt, instalment, payment, entry, collection_case, stop, code,
    note, promise, decision, permit, delivery, contact, hold, template, template_version, strategy, strategy_version, run, wish,
    imported_file, refused_row, leaf, checkpoint, former_row, django_content_type, django_migrations TO zhizhi_web;
GRANT UPDATE (last_login, password, language) ON staff TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO zhizhi_web;

-- The gate writes. What is only ever added has no UPDATE; nothing but a person's salts and expired sealed rows is ever deleted.
GRANT SELECT, INSERT ON lender, agency, queue, staff, person, party, point, statement, debt, instalment, payment, entry, collection_case,
    stop, code, note, promise, decision, permit, delivery, contact, hold, template, template_version, strategy, strategy_version, run,
    wish, imported_file, refused_row, leaf, salt, checkpoint, inbox_item TO zhizhi_gate;
GRANT SELECT ON former_row, django_migrations TO zhizhi_gate;
GRANT UPDATE ON lender, agency, queue, staff, person, party, point, statement, debt, instalment, collection_case, stop, promise, permit,
    delivery, contact, hold, template, template_version, strategy, strategy_version, run, wish, imported_file, refused_row, inbox_item
    TO zhizhi_gate;
GRANT UPDATE (position, source_person_id) ON leaf TO zhizhi_gate;
GRANT DELETE ON salt TO zhizhi_gate;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO zhizhi_gate;
REVOKE ALL ON SEQUENCE zhizhi_block FROM zhizhi_gate;
REVOKE ALL ON FUNCTION zhizhi_take_blocks(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_take_blocks(integer) TO zhizhi_gate;
