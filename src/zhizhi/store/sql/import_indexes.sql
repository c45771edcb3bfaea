-- An import is withdrawn by what it brought. Debts of one file lie together, so that a summary of page ranges finds them;
-- a sorted index of the same million equal numbers was paid for with every row.
DROP INDEX debt_by_import;
CREATE INDEX debt_by_import ON debt USING brin (import_id) WITH (autosummarize = on);
