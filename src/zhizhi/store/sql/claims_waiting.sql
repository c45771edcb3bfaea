-- Claims to have paid, which somebody looks at within a day (docs/decisions/0060-money-in.md); few of all that was said.
CREATE INDEX statement_claims ON statement (at, person_id) WHERE kind = 'claims_paid';
